package config

import (
	"errors"
	"fmt"
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

func (l *loader) setProxied(s string) (err error) {
	if l.proxied, err = expr.ParseNames(s); err != nil {
		return err
	}
	if v, constant := l.proxied.Constant(); constant && strings.ContainsAny(s, "&|!(") {
		l.notice(fmt.Sprintf("PROXIED=%s is %t for every name", s, v))
	}
	return nil
}

func (l *loader) setTTL(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n != dns.AutoTTL && (n < 30 || n > 86400) {
		return hinted("it is neither 1 nor a number of seconds from 30 to 86400", "write 1 to leave it to Cloudflare")
	}
	l.record.Attrs.TTL = n
	return nil
}

func (l *loader) setTags(s string) error {
	l.record.Attrs.Tags = words(s)
	for _, t := range l.record.Attrs.Tags {
		if name, _, _ := strings.Cut(t, ":"); strings.TrimSpace(name) == "" {
			return hinted(fmt.Sprintf("the tag %q has no name", t), "write tags such as owner:homing, with commas between them")
		}
	}
	return nil
}

func (l *loader) setCreate(s string) error {
	switch s {
	case "always":
		l.record.Create = plan.Always
	case "never":
		l.record.Create = plan.Never
	default:
		return hinted("it is neither always nor never", "write never to have only existing records changed")
	}
	return nil
}

func (l *loader) setEnforce(s string) error {
	for _, w := range words(s) {
		f, ok := map[string]plan.Fields{"proxied": plan.Proxied, "ttl": plan.TTL, "comment": plan.Comment, "tags": plan.Tags}[w]
		if !ok {
			return hinted(fmt.Sprintf("%q is not an attribute that can be enforced", w), "the attributes are proxied, ttl, comment and tags")
		}
		l.record.Enforce |= f
	}
	return nil
}

func (l *loader) setAgree(f addr.Family, s string) (err error) {
	l.detect[f].Agree, err = addr.ParseRule(s)
	return err
}

func (l *loader) setFilter(f addr.Family, s string) (err error) {
	l.detect[f].Filter, err = expr.ParseAddrs(s, f)
	return err
}

func (l *loader) setBits(f addr.Family, s string, least, most int) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		return hinted(fmt.Sprintf("it is not a number from %d to %d", least, most), fmt.Sprintf("write %d for a single address", most))
	}
	l.detect[f].Bits = n
	return nil
}

func (l *loader) setAllow(s string) error {
	for _, w := range words(s) {
		a, err := addr.ParseAllow(w)
		if err != nil {
			return err
		}
		l.cfg.Allow |= a
	}
	return nil
}

// setURLHeader checks the form of each line without ever quoting one.
func (l *loader) setURLHeader(s string) error {
	n := 0
	for line := range strings.Lines(s) {
		n++
		name, value, found := strings.Cut(strings.TrimSpace(line), ":")
		if !found || name == "" || strings.TrimSpace(value) == "" || strings.ContainsFunc(name, notInHeader) {
			return hinted(fmt.Sprintf("line %d is not a header", n), "write a name, a colon and a value, such as \"Authorization: Bearer …\"")
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return hinted(fmt.Sprintf("line %d has a control character in it", n), "copy the value alone")
		}
	}
	l.cfg.URLHeader = secret.New(s)
	return nil
}

// notInHeader is what no name of a header has in it (RFC 9110, section 5.6.2).
func notInHeader(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
}

// setCacheExpiration keeps what the name meant before: 0 is for ever.
func (l *loader) setCacheExpiration(s string) error {
	d, err := parseDuration(s)
	if err != nil {
		return err
	}
	if also := l.env("HOMING_RESYNC"); also != "" && l.cfg.Resync != d {
		return hinted(fmt.Sprintf("HOMING_RESYNC=%s sets the same thing to another value", also), "keep one of the two")
	}
	l.cfg.Resync = d
	return nil
}

func (l *loader) setSchedule(s string) (err error) {
	l.cfg.Schedule, err = schedule.Parse(s, l.cfg.Location)
	if bad, ok := errors.AsType[*schedule.Error](err); ok {
		return hinted(bad.Reason, bad.Hint)
	}
	return err
}

// loadLocation takes TZ as the C library does: empty is the machine's own, a
// leading colon means nothing, and a path is read by the Go runtime.
func loadLocation(tz string) (*time.Location, error) {
	name := strings.TrimPrefix(tz, ":")
	if name == "" || strings.HasPrefix(name, "/") {
		return time.Local, nil
	}
	loc, err := schedule.LoadZone(name)
	if err != nil {
		return nil, hinted("there is no time zone of this name", "write a name of the IANA list, such as UTC or Europe/Berlin")
	}
	return loc, nil
}
