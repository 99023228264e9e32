package plan

import (
	"cmp"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

var update = flag.Bool("update", false, "rewrite the plans in testdata")

// TestPlans holds each file of testdata against what Diff plans. A file has
//
//	-- spec --      zone NAME [limits]; owner REGEX; NAME TYPES [attributes] [enforce=FIELDS] [create=never]
//	-- observed --  IPv4 ADDRESSES | clear | unknown; a family that is absent is out of scope
//	-- current --   ID TYPE NAME CONTENT [attributes] [read-only]
//	-- plan --      what Diff plans, in words
//
// where attributes are: proxied ttl=N comment="…" tags=a:1,b:2 and limits:
// ttl=MIN-MAX comment=N tags=N|none. An optional json file is the plan as JSON.
func TestPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c := parseCase(t, archive)
			p := Diff(c.zone, Targets(c.spec, c.seen), c.current, c.spec.Owns)
			for i, f := range archive.Files {
				got := ""
				switch f.Name {
				case "plan":
					got = strings.TrimPrefix(p.Words()+"\n", "\n") + fmt.Sprintf("kept %d\n", p.Kept)
				case "json":
					b, err := p.MarshalJSON()
					if err != nil {
						t.Fatal(err)
					}
					got = string(b) + "\n"
				default:
					continue
				}
				if *update {
					archive.Files[i].Data = []byte(got)
				} else if string(f.Data) != got {
					t.Errorf("the %s is\n%s\nwant\n%s", f.Name, got, f.Data)
				}
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			h := &host{zone: c.zone, records: c.current}
			for _, change := range p.Changes {
				if err := h.carryOut(change); err != nil {
					t.Fatalf("%s: %v", change.Words(), err)
				}
			}
			if again := Diff(c.zone, Targets(c.spec, c.seen), h.records, c.spec.Owns); len(again.Changes) > 0 {
				t.Errorf("a second round would still change:\n%s", again.Words())
			}
		})
	}
}

// planCase is what a file asks.
type planCase struct {
	zone    Zone
	spec    Spec
	seen    Seen
	current []dns.Record
}

func parseCase(t *testing.T, archive *txtar.Archive) planCase {
	c := planCase{seen: Seen{}}
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
			case "current":
				c.currentLine(t, words)
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

func (c *planCase) specLine(t *testing.T, words []string) {
	switch words[0] {
	case "zone":
		c.zone.Name = name(t, words[1])
		for _, w := range words[2:] {
			c.zone.Limits.set(t, w)
		}
	case "owner":
		c.spec.Owned = regexp.MustCompile(words[1])
	default:
		r := Record{Name: name(t, words[0])}
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
	case "comment":
		l.Comment = number(t, value)
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

func (c *planCase) observedLine(t *testing.T, words []string) {
	families := map[string]addr.Family{"IPv4": addr.IPv4, "IPv6": addr.IPv6}
	f, ok := families[words[0]]
	if !ok {
		t.Fatalf("%q is no family", words[0])
	}
	switch words[1] {
	case "unknown":
		c.seen[f] = addr.Observation{}
	case "clear":
		c.seen[f] = addr.None()
	default:
		var prefixes []netip.Prefix
		for _, w := range words[1:] {
			a := netip.MustParseAddr(w)
			prefixes = append(prefixes, netip.PrefixFrom(a, a.BitLen()))
		}
		c.seen[f] = addr.Known(prefixes...)
	}
}

func (c *planCase) currentLine(t *testing.T, words []string) {
	r := dns.Record{ID: words[0], Type: dns.Type(words[1]), Name: name(t, words[2])}
	if r.Type.IsAddress() {
		r.Addr = netip.MustParseAddr(words[3])
	} else {
		r.Text = words[3]
	}
	var a Attrs
	for _, w := range words[4:] {
		if w == "read-only" {
			r.ReadOnly = true
			continue
		}
		key, value, _ := strings.Cut(w, "=")
		a.set(t, key, value)
	}
	r.Proxied, r.TTL, r.Comment, r.Tags = a.Proxied, cmp.Or(a.TTL, dns.AutoTTL), a.Comment, a.Tags
	c.current = append(c.current, r)
}
