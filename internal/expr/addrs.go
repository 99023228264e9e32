package expr

import (
	"fmt"
	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
)

// Addrs is an expression about the addresses of one family: "keep-all", or
//
//	addr-in(2001:db8::/32) && !addr-in(2001:db8:1::/48)
//
// The zero value is keep-all, which holds for every address.
type Addrs struct {
	filters bool // false: keep-all
	root    node[netip.Addr]
}

const keepAll = "keep-all"

// ParseAddrs reads an expression about addresses of f. Its error is an *Error.
func ParseAddrs(s string, f addr.Family) (Addrs, error) {
	tokens, err := lex(s, "!()")
	if err != nil {
		return Addrs{}, err
	}
	if tokens[0].text == keepAll && len(tokens) == 2 {
		return Addrs{}, nil
	}
	p := parser[netip.Addr]{tokens: tokens, atoms: "addr-in(…)"}
	p.atom = func(p *parser[netip.Addr], word token) (node[netip.Addr], error) { return addrAtom(p, word, f) }
	root, err := p.parse()
	return Addrs{true, root}, err
}

func (e Addrs) Match(a netip.Addr) bool { return !e.filters || e.root.match(a) }

// Constant reports whether e is the same for every address, as far as that shows
// without comparing its parts with each other.
func (e Addrs) Constant() (value, ok bool) {
	if !e.filters {
		return true, true
	}
	return e.root.constant()
}

// String reads back as the same expression.
func (e Addrs) String() string {
	if !e.filters {
		return keepAll
	}
	return e.root.String()
}

func addrAtom(p *parser[netip.Addr], word token, f addr.Family) (node[netip.Addr], error) {
	var none node[netip.Addr]
	switch word.text {
	case keepAll:
		return none, &Error{word.column, keepAll + " must stand alone"}
	case "addr-in":
	default:
		return none, word.expected(p.atoms)
	}
	if t := p.next(); !t.is("(") {
		return none, t.expected(`"("`)
	}
	t := p.next()
	if !t.isWord() {
		return none, t.expected("an address block such as " + exampleBlock(f))
	}
	block, err := parseBlock(t, f)
	if err != nil {
		return none, err
	}
	if t := p.next(); !t.is(")") {
		return none, t.expected(`")"`)
	}
	return node[netip.Addr]{op: leaf, leaf: within{block}}, nil
}

// parseBlock reads a CIDR block of f. Host bits are dropped. A block of IPv4
// addresses written inside IPv6 is one of IPv6 that no address is in.
func parseBlock(t token, f addr.Family) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(t.text); err == nil && a.Zone() == "" {
		return netip.Prefix{}, &Error{t.column, fmt.Sprintf("%s is one address; write %s/%d if that is what you mean", a, a, a.BitLen())}
	}
	block, err := netip.ParsePrefix(t.text)
	if err != nil {
		return netip.Prefix{}, t.expected("an address block such as " + exampleBlock(f))
	}
	if block.Addr().BitLen() != f.Bits() {
		return netip.Prefix{}, &Error{t.column, fmt.Sprintf("%s is not an %s block", block, f)}
	}
	return block.Masked(), nil
}

func exampleBlock(f addr.Family) string {
	if f == addr.IPv4 {
		return "192.0.2.0/24"
	}
	return "2001:db8::/32"
}

// within is the predicate addr-in(block).
type within struct{ block netip.Prefix }

func (w within) match(a netip.Addr) bool { return w.block.Contains(a) }

func (w within) constant() (value, ok bool) {
	everything := w.block.Bits() == 0
	return everything, everything
}

func (w within) String() string { return "addr-in(" + w.block.String() + ")" }
