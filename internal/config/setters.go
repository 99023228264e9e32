package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/expr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/secret"
)

func (p *place) setProxied(s string) (err error) {
	if p.record.proxied, err = expr.ParseNames(s); err != nil {
		return err
	}
	if v, constant := p.record.proxied.Constant(); constant && strings.ContainsAny(s, "&|!(") {
		p.notice(fmt.Sprintf("%s=%s is %t for every name", p.value.entries[0].Origin.Name, s, v))
	}
	return nil
}

func (p *place) setTTL(s string) error {
	n, err := strconv.Atoi(s)
	for _, h := range p.hosts() {
		if err != nil || n != dns.AutoTTL && (n < h.MinTTL || n > h.MaxTTL) {
			return hinted(fmt.Sprintf("it is neither 1 nor a number of seconds from %d to %d", h.MinTTL, h.MaxTTL), "write 1 to leave it to "+h.Name)
		}
	}
	p.record.Attrs.TTL = n
	return nil
}

func (p *place) setTags(v *value) error {
	p.record.Attrs.Tags = v.items()
	return each(v, func(t string) error {
		if name, _, _ := strings.Cut(t, ":"); strings.TrimSpace(name) == "" {
			return hinted(fmt.Sprintf("the tag %q has no name", t), "write tags such as owner:homing, with commas between them")
		}
		return nil
	})
}

func (p *place) setName(s string) (err error) {
	if p.record.relative {
		return p.setRelative(s)
	}
	name, notice := cleanName(s)
	if notice != "" {
		p.notice(notice)
	}
	if p.record.Name, err = dns.ParseName(name); err != nil {
		return hinted(err.Error(), "write a name such as home.example.org")
	}
	return nil
}

func (p *place) setTypes(v *value) error {
	p.record.Types = nil
	err := each(v, func(w string) error {
		switch t := dns.Type(strings.ToUpper(w)); t {
		case dns.A, dns.AAAA, dns.TXT:
			p.record.Types = append(p.record.Types, t)
			return nil
		}
		return hinted(fmt.Sprintf("homing keeps no records of the type %q", w), "the types are A, AAAA and TXT")
	})
	slices.Sort(p.record.Types)
	p.record.Types = slices.Compact(p.record.Types)
	return err
}

func (p *place) setContent(s string) (err error) {
	if p.record.Content, err = plan.ParseTemplate(s); err != nil {
		return hinted(err.Error(), "write such as v=spf1 ip4:{ipv4} ip6:{ipv6} -all, or {ipv4} alone, in quotes")
	}
	return nil
}

func (p *place) setHosts(v *value) error {
	var ids []plan.HostID
	err := each(v, func(w string) error {
		id, err := plan.ParseHostID(w)
		ids = append(ids, id)
		return err
	})
	p.record.Hosts = sorted(ids)
	return err
}

func (p *place) setCreate(s string) error {
	create, ok := map[string]plan.Create{"always": plan.Always, "never": plan.Never}[s]
	p.record.Create = create
	if !ok {
		return hinted("it is neither always nor never", "write never to have only existing records changed")
	}
	return nil
}

func (p *place) setLeftovers(s string) error {
	leftovers, ok := map[string]plan.Leftovers{"remove": plan.Remove, "keep": plan.Keep}[s]
	p.record.Leftovers = leftovers
	if !ok {
		return hinted("it is neither remove nor keep", "write keep to have one record changed and the others at its name left alone")
	}
	return nil
}

// family is the one that a setting of a family is of.
func (p *place) family() addr.Family {
	if strings.Contains(p.value.path, ".ipv6.") {
		return addr.IPv6
	}
	return addr.IPv4
}

func (p *place) setAgree(s string) (err error) {
	p.site.detect[p.family()].Agree, err = addr.ParseRule(s)
	return err
}

func (p *place) setFilter(s string) (err error) {
	f := p.family()
	p.site.detect[f].Filter, err = expr.ParseAddrs(s, f)
	if err != nil {
		example := "addr-in(84.0.0.0/8) && !addr-in(84.1.0.0/16)"
		if f == addr.IPv6 {
			example = "!addr-in(2001:470::/32)"
		}
		return hinted(err.Error(), "write such as "+example+", or keep-all")
	}
	return nil
}

func (p *place) setBits(s string) error {
	f := p.family()
	least, most := 8, f.Bits()
	if f == addr.IPv6 {
		least = 12
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		return hinted(fmt.Sprintf("it is not a number from %d to %d", least, most), fmt.Sprintf("write %d for a single address", most))
	}
	p.site.detect[f].Bits = n
	return nil
}

func (l *loader) setAllow(v *value) error {
	return each(v, func(w string) error {
		a, err := addr.ParseAllow(w)
		l.cfg.Allow |= a
		return err
	})
}

func (p *place) setURLHeader(s string) error {
	p.cfg.URLHeader = secret.New(s)
	return CheckHeaders(s)
}

// CheckHeaders looks at the form of headers, one a line, without ever quoting one.
func CheckHeaders(s string) error {
	n := 0
	for line := range strings.Lines(s) {
		n++
		name, value, found := strings.Cut(strings.TrimSpace(line), ":")
		if !found || name == "" || strings.TrimSpace(value) == "" || strings.ContainsFunc(name, notInHeader) {
			return hinted(fmt.Sprintf("line %d is not a header", n), "write a name, a colon and a value, such as \"Authorization: Bearer …\"")
		}
		if strings.EqualFold(name, "host") {
			return hinted(fmt.Sprintf("line %d sets the header Host", n), "write the host in the URL")
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return hinted(fmt.Sprintf("line %d has a control character in it", n), "copy the value alone")
		}
	}
	return nil
}

// notInHeader is what no name of a header has in it (RFC 9110, section 5.6.2).
func notInHeader(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
}

func (l *loader) setSchedule(s string) (err error) {
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		s = "@every " + s
	}
	if s == "@disabled" || s == "@nevermore" {
		l.notice(s + " is an old name of @once")
	}
	l.cfg.Schedule, err = schedule.Parse(s, l.cfg.Location)
	if bad, ok := errors.AsType[*schedule.Error](err); ok {
		return hinted(bad.Reason, bad.Hint)
	}
	return err
}

const (
	noZone   = "there is no time zone of this name"
	zoneHint = "write a name of the IANA list, such as UTC or Europe/Berlin"
)

// setLocation reads a time zone. TZ may be set for everybody on this machine, and
// is then no reason to keep no names.
func (p *place) setLocation(s string) (err error) {
	name := strings.TrimPrefix(s, ":") // which means nothing to the C library either
	o := &p.value.entries[0].Origin
	if name == "" || o.Name == "TZ" && isLocalPath(name) {
		p.cfg.Location = time.Local
		return nil
	}
	p.cfg.Location, err = loadLocation(name)
	if err != nil && o.Name == "TZ" && o.File == "" {
		p.cfg.Location = time.Local
		return Useless(noZone, zoneHint)
	}
	return err
}

// isLocalPath reports whether TZ names the file of the machine's own zone, or one
// that the Go runtime has read, which names the zone after it then.
func isLocalPath(name string) bool {
	return name == "/etc/localtime" || strings.HasPrefix(name, "/") && name == time.Local.String()
}

// loadLocation is the time zone of a name of the IANA list, or of rules in the form
// of POSIX.
func loadLocation(name string) (*time.Location, error) {
	loc, err := schedule.LoadZone(name)
	if err != nil {
		loc, err = schedule.LoadPOSIX(name)
	}
	if err != nil {
		return nil, hinted(noZone, zoneHint)
	}
	return loc, nil
}
