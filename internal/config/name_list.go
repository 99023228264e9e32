package config

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// nameList reads a list of names:
//
//	list  = entry { "," entry } [ "," ]
//	entry = name [ "{" [ field { "," field } [ "," ] ] "}" ]
//	field = "hostid6" "=" value
//	value = "preserve" | "keep" | IPv6 address | ( "mac" | "neighbour" ) "(" MAC address ")" | "[" value { "," value } [ "," ] "]"
//
// White space may stand anywhere between these. Plain names may stand apart by
// white space alone.
func (d *Draft) nameList(list, variable string, types []dns.Type) (found []entry, err error) {
	p := names{tokens: split(list)}
	p.list(func(e entry) {
		e.types, e.from = types, Variable(variable)
		found = append(found, e)
	})
	if p.braces && p.commaless {
		p.bad = append(p.bad, "a comma is missing between two names; where braces are used it has to stand")
	}
	for _, n := range p.notices {
		d.Notice("%s: %s", variable, n)
	}
	switch {
	case len(p.bad) > 0:
		if more := len(p.bad) - mostBad; more > 0 {
			p.bad = append(p.bad[:mostBad], fmt.Sprintf("and %d more", more))
		}
		return found, hinted(strings.Join(p.bad, "\n    "), "write names such as home.example.org, with commas between them")
	case p.hosted && !slices.Contains(types, dns.AAAA):
		return nil, hinted("hostid6 is about IPv6, and these names are for IPv4", "use it in DOMAINS or IP6_DOMAINS")
	case p.extra:
		d.Notice("%s: there is a comma too many; it is ignored", variable)
	}
	return found, nil
}

// mostBad is how many bad names of one list are told.
const mostBad = 20

// split cuts a list into names, values and the signs between them.
func split(list string) []string {
	var tokens []string
	start := 0 // of what is neither a blank nor a sign
	end := func(at int) {
		if start < at {
			tokens = append(tokens, list[start:at])
		}
	}
	for at, r := range list {
		sign := strings.ContainsRune("{}()[]=,", r)
		if !sign && !unicode.IsSpace(r) {
			continue
		}
		end(at)
		if start = at + utf8.RuneLen(r); sign {
			tokens = append(tokens, string(r))
		}
	}
	end(len(list))
	return tokens
}

// names reads the tokens of a list and gathers what is wrong.
type names struct {
	tokens []string
	bad    []string

	notices   []string
	braces    bool // some entry has them
	hosted    bool // some entry has a host id
	extra     bool // there are commas between which nothing stands
	commaless bool // two names have no comma between them
}

func (p *names) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

//go:noinline // many callers: see dependencies.md
func (p *names) next() string {
	t := p.peek()
	if t != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

func (p *names) take(sign string) bool {
	if p.peek() != sign {
		return false
	}
	p.next()
	return true
}

func isSign(token string) bool { return len(token) == 1 && strings.Contains("{}()[]=,", token) }

func (p *names) list(found func(entry)) {
	separated := true
	for first := true; p.peek() != ""; first = false {
		if p.take(",") {
			p.extra = p.extra || separated
			separated = true
			continue
		}
		p.commaless = p.commaless || !separated
		separated = false
		if isSign(p.peek()) {
			p.bad = append(p.bad, fmt.Sprintf("a name is expected, and %q found", p.next()))
			if !first {
				return // what follows would only be the consequences
			}
			continue
		}
		e, err := p.entry()
		if err != nil {
			p.bad = append(p.bad, err.Error())
			continue
		}
		found(e)
	}
}

func (p *names) entry() (e entry, err error) {
	text := p.next()
	name, notice := cleanName(text)
	if notice != "" {
		p.notices = append(p.notices, notice)
	}
	e.name, err = dns.ParseName(name)
	if p.take("{") {
		p.braces = true
		if bad := p.fields(&e); bad != nil {
			return e, fmt.Errorf("%s: %w", text, bad)
		}
	}
	return e, err
}

func (p *names) fields(e *entry) error {
	for !p.take("}") {
		field := p.next()
		switch {
		case field != "hostid6":
			return p.skip(fmt.Errorf("%q is not hostid6, the only thing that may stand in braces", field))
		case !p.take("="):
			return p.skip(errors.New("a = is missing behind hostid6"))
		}
		hosts, err := p.value()
		if err != nil {
			return p.skip(err)
		}
		hosts = sorted(hosts)
		if e.hosts != nil && !slices.Equal(e.hosts, hosts) {
			return p.skip(errors.New("hostid6 is given twice, with two values"))
		}
		e.hosts, p.hosted = hosts, true
		if !p.take(",") && p.peek() != "}" {
			return p.skip(errors.New("a } is missing"))
		}
	}
	return nil
}

// skip leaves the rest of the braces out, so that what is behind them is read.
func (p *names) skip(err error) error {
	for t := p.next(); t != "" && t != "}"; t = p.next() {
	}
	return err
}

func (p *names) value() ([]plan.HostID, error) {
	switch t := p.next(); {
	case t == "[":
		return p.set()
	case t == "mac" || t == "neighbour":
		return p.mac(t)
	case t == "" || isSign(t):
		return nil, errors.New("a host id is missing: write preserve, an address such as ::10, or mac(00:11:22:33:44:55)")
	default:
		id, err := plan.ParseHostID(t)
		return []plan.HostID{id}, err
	}
}

func (p *names) mac(word string) ([]plan.HostID, error) {
	if !p.take("(") {
		return nil, errors.New("a ( is missing behind " + word)
	}
	text := p.next()
	if !p.take(")") {
		return nil, errors.New("a ) is missing behind the MAC address")
	}
	id, err := plan.ParseHostID(word + "(" + text + ")")
	return []plan.HostID{id}, err
}

func (p *names) set() (ids []plan.HostID, err error) {
	for !p.take("]") {
		more, err := p.value()
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
		if !p.take(",") && p.peek() != "]" {
			return nil, errors.New("a ] is missing")
		}
	}
	if len(ids) == 0 {
		return nil, errors.New("the set of host ids is empty")
	}
	return ids, nil
}

func sorted(ids []plan.HostID) []plan.HostID {
	sort.Slice(ids, func(i, j int) bool { return ids[i].String() < ids[j].String() })
	return slices.Compact(ids)
}
