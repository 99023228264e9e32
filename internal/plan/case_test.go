package plan

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// planCase is what a file asks.
type planCase struct {
	zone    Zone
	spec    Spec
	seen    Seen
	memory  Memory
	current []dns.Record
	items   []ListItem
}

func parseCase(t *testing.T, archive *txtar.Archive) planCase {
	c := planCase{seen: Seen{}, memory: Memory{Last: map[Origin][]addr.Stay{}, Wrote: map[dns.Key][]dns.Data{}}}
	for _, f := range archive.Files {
		for line := range strings.Lines(string(f.Data)) {
			words := fields(t, line)
			if len(words) == 0 {
				continue
			}
			switch f.Name {
			case "spec":
				c.specLine(t, words)
			case "observed":
				c.observedLine(t, words)
			case "memory":
				c.memoryLine(t, words)
			case "current":
				if len(c.spec.Lists) > 0 {
					c.itemLine(t, words)
				} else {
					c.currentLine(t, words)
				}
			}
		}
	}
	return c
}

// fields cuts a line at blanks outside of quotes, and takes the quotes off.
func fields(t *testing.T, line string) []string {
	var words []string
	for rest := strings.TrimSpace(line); rest != ""; rest = strings.TrimSpace(rest) {
		end := strings.IndexAny(rest, ` "`)
		word := rest
		switch {
		case end < 0:
			rest = ""
		case rest[end] == ' ':
			word, rest = rest[:end], rest[end:]
		default:
			quoted, err := strconv.QuotedPrefix(rest[end:])
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			text, _ := strconv.Unquote(quoted)
			word, rest = rest[:end]+text, rest[end+len(quoted):]
		}
		words = append(words, word)
	}
	return words
}

// observedLine has a family, or prefix=br0 and neighbour=aa:bb:cc:dd:ee:ff in the
// place of IPv6.
func (c *planCase) observedLine(t *testing.T, words []string) {
	if from, ok := strings.CutPrefix(words[0], "prefix="); ok {
		_, c.seen[PrefixOf(from)] = observation(t, append([]string{"IPv6"}, words[1:]...))
	} else if mac, ok := strings.CutPrefix(words[0], "neighbour="); ok {
		_, c.seen[NeighbourOf(hostID(t, "neighbour("+mac+")"))] = observation(t, append([]string{"IPv6"}, words[1:]...))
	} else {
		f, o := observation(t, words)
		c.seen[Here(f)] = o
	}
}

func (c *planCase) specLine(t *testing.T, words []string) {
	switch words[0] {
	case "zone":
		c.zone.Name = name(t, words[1])
		for _, w := range words[2:] {
			if w == "proxied-only" {
				c.zone.ProxiedOnly = true
				continue
			}
			c.zone.Limits.set(t, w)
		}
	case "owner-id":
		c.spec.OwnerID = words[1]
	case "owner":
		c.spec.Owned = regexp.MustCompile(words[1])
		c.spec.OwnedItems = c.spec.Owned
	case "list":
		c.spec.Lists = []List{{Account: "0123", Name: words[1], Comment: commentIn(words[2:])}}
	default:
		r := Record{Name: name(t, words[0]), Options: &Options{}}
		for typ := range strings.SplitSeq(words[1], ",") {
			r.Types = append(r.Types, dns.Type(typ))
		}
		for _, w := range words[2:] {
			switch key, value, _ := strings.Cut(w, "="); key {
			case "enforce":
				for i, f := range every.Names() {
					if strings.Contains(value, f) {
						r.Enforce |= 1 << i
					}
				}
			case "create":
				r.Create = Never
			case "content":
				r.Content = content(t, value)
			case "leftovers":
				r.Leftovers = Keep
			case "prefix":
				r.Prefix = value
			case "hosts":
				for id := range strings.SplitSeq(value, ",") {
					r.Hosts = append(r.Hosts, hostID(t, id))
				}
			default:
				r.Attrs.set(t, key, value)
			}
		}
		c.spec.Records = append(c.spec.Records, r)
	}
}

func (l *Limits) set(t *testing.T, word string) {
	key, value, _ := strings.Cut(word, "=")
	low, high, _ := strings.Cut(value, "-")
	switch key {
	case "ttl":
		l.MinTTL, l.MaxTTL = number(t, low), number(t, high)
	case "auto-ttl":
		l.AutoTTL = number(t, value)
	case "values":
		l.Values = number(t, value)
	case "no-proxy":
		l.NoProxy = true
	case "one-ttl":
		l.OneTTL = true
	case "one-mark":
		l.OneMark = true
	case "no-txt":
		l.NoTXT = true
	case "no-ipv6":
		l.NoIPv6 = true
	case "no-create":
		l.NoCreate = true
	case "comment":
		l.Comment = -1
		if value != "none" {
			l.Comment = number(t, value)
		}
	case "tags":
		l.Tags = -1
		if value != "none" {
			l.Tags = number(t, value)
		}
	default:
		t.Fatalf("%q is no limit", word)
	}
}

func (a *Attrs) set(t *testing.T, key, value string) {
	switch key {
	case "proxied":
		a.Proxied = true
	case "ttl":
		a.TTL = number(t, value)
	case "comment":
		a.Comment = value
	case "tags":
		a.Tags = strings.Split(value, ",")
	default:
		t.Fatalf("%q is no attribute", key)
	}
}

func number(t *testing.T, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (c *planCase) memoryLine(t *testing.T, words []string) {
	if words[0] == "wrote" {
		k := dns.Key{Name: name(t, words[2]), Type: dns.Type(words[1])}
		if k.Type == dns.TXT {
			c.memory.Wrote[k] = append(c.memory.Wrote[k], dns.ParseTXT(words[3]))
			return
		}
		c.memory.Wrote[k] = append(c.memory.Wrote[k], dns.Data{Addr: netip.MustParseAddr(words[3])})
		return
	}
	f, o := observation(t, words)
	c.memory.Last[Here(f)] = append(c.memory.Last[Here(f)], addr.Stay{Seen: o})
}

func observation(t *testing.T, words []string) (addr.Family, addr.Observation) {
	families := map[string]addr.Family{"IPv4": addr.IPv4, "IPv6": addr.IPv6}
	f, ok := families[words[0]]
	if !ok {
		t.Fatalf("%q is no family", words[0])
	}
	switch words[1] {
	case "unknown":
		return f, addr.Observation{}
	case "clear":
		return f, addr.None()
	}
	var prefixes []netip.Prefix
	for _, w := range words[1:] {
		if !strings.Contains(w, "/") {
			w = fmt.Sprintf("%s/%d", w, f.Bits())
		}
		prefixes = append(prefixes, netip.MustParsePrefix(w))
	}
	return f, addr.Known(prefixes...)
}

func (c *planCase) currentLine(t *testing.T, words []string) {
	r := dns.Record{ID: words[0], Type: dns.Type(words[1]), Name: name(t, words[2])}
	if r.Type.IsAddress() {
		if r.Addr, _ = netip.ParseAddr(words[3]); !r.Addr.IsValid() {
			r.Text = words[3]
		}
	} else if r.Text = words[3]; r.Type == dns.TXT {
		r.Text = dns.ParseTXT(r.Text).Text
	}
	var a Attrs
	for _, w := range words[4:] {
		if w == "read-only" {
			r.ReadOnly = true
			continue
		}
		key, value, _ := strings.Cut(w, "=")
		if key == "feature" {
			r.Feature = value
			continue
		}
		a.set(t, key, value)
	}
	r.Proxied, r.TTL, r.Comment, r.Tags = a.Proxied, cmp.Or(a.TTL, dns.AutoTTL), a.Comment, a.Tags
	c.current = append(c.current, r)
}

func (c *planCase) itemLine(t *testing.T, words []string) {
	p := netip.MustParsePrefix(words[1])
	if p != p.Masked() {
		t.Fatalf("%s has host bits", p)
	}
	c.items = append(c.items, ListItem{ID: words[0], Prefix: p, Comment: commentIn(words[2:])})
}

func commentIn(words []string) string {
	for _, w := range words {
		if comment, ok := strings.CutPrefix(w, "comment="); ok {
			return comment
		}
	}
	return ""
}
