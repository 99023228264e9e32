package expr

import (
	"slices"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
)

// Names is an expression about domain names, such as
//
//	is(example.org, www.example.org) || sub(home.example.org) && !sub(lan.home.example.org)
//
// "is" holds for the listed names themselves, "sub" for every name below one
// of them (its wildcard too) but not for the listed name. true and false may be
// written in every way strconv.ParseBool reads. The zero value holds for no name.
type Names struct{ root node[dns.Name] }

// ParseNames reads an expression about names. Its error is an *Error.
func ParseNames(s string) (Names, error) {
	tokens, err := lex(s, "!(),")
	if err != nil {
		return Names{}, err
	}
	p := parser[dns.Name]{tokens: tokens, atom: nameAtom, atoms: "true, false, is(…), sub(…)"}
	root, err := p.parse()
	return Names{root}, err
}

func (e Names) Match(n dns.Name) bool { return e.root.match(n) }

// Constant reports whether e is the same for every name, as far as that shows
// without comparing its parts with each other.
func (e Names) Constant() (value, ok bool) { return e.root.constant() }

// Listed is the names that is(…) lists, and those below which sub(…) looks, in
// the order of the expression.
func (e Names) Listed() (is, sub []string) {
	e.root.each(func(p predicate[dns.Name]) {
		if f, ok := p.(family); ok && f.below {
			sub = append(sub, f.domains...)
		} else if ok {
			is = append(is, f.domains...)
		}
	})
	return is, sub
}

// String reads back as the same expression.
func (e Names) String() string { return e.root.String() }

func nameAtom(p *parser[dns.Name], word token) (node[dns.Name], error) {
	if word.text == "is" || word.text == "sub" {
		domains, err := domainList(p)
		return node[dns.Name]{op: leaf, leaf: family{word.text == "sub", domains}}, err
	}
	b, err := strconv.ParseBool(word.text)
	if err != nil {
		return node[dns.Name]{}, word.expected(p.atoms)
	}
	if b {
		return node[dns.Name]{op: yes}, nil
	}
	return node[dns.Name]{op: no}, nil
}

// domainList reads "(" domains ")". They stand apart by commas, by white space
// or both; none at all is a list too.
func domainList(p *parser[dns.Name]) ([]string, error) {
	if t := p.next(); !t.is("(") {
		return nil, t.expected(`"("`)
	}
	var domains []string
	for {
		switch t := p.next(); {
		case t.is(")"):
			return domains, nil
		case t.is(","):
		case t.isWord():
			d, err := domain(t)
			if err != nil {
				return nil, err
			}
			domains = append(domains, d)
		default:
			return nil, t.expected(`a domain name, "," or ")"`)
		}
	}
}

// domain is t in ASCII. Beside what can be the name of a record it may be a
// single label, "*", or "." for the root: favonia/cloudflare-ddns reads those.
func domain(t token) (string, error) {
	if t.text == "." || t.text == "*" {
		return t.text, nil
	}
	n, err := dns.ParseName(t.text)
	if err == nil {
		return n.String(), nil
	}
	const head = "x." // makes two labels of one
	if n, topErr := dns.ParseName(head + t.text); topErr == nil {
		if top := strings.TrimPrefix(n.String(), head); !strings.Contains(top, ".") {
			return top, nil
		}
	}
	return "", &Error{t.column, err.Error()}
}

// family is the predicate is(domains), or sub(domains) when below is set.
type family struct {
	below   bool
	domains []string
}

func (f family) match(n dns.Name) bool {
	return slices.ContainsFunc(f.domains, func(d string) bool {
		if !f.below {
			return n.String() == d
		}
		head, ok := strings.CutSuffix(n.String(), d)
		return d == "." || ok && strings.HasSuffix(head, ".")
	})
}

func (f family) constant() (value, ok bool) {
	everything := f.below && slices.Contains(f.domains, ".")
	return everything, everything || len(f.domains) == 0
}

func (f family) String() string {
	word := "is"
	if f.below {
		word = "sub"
	}
	return word + "(" + strings.Join(f.domains, ", ") + ")"
}
