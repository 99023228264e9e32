package addr

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// registry reads the blocks of one of IANA's special-purpose address registries
// in its CSV form: the first column, where "192.0.0.0/24 [2]" has a footnote and
// one cell may hold several blocks. Blocks that were given back are left out.
func registry(r io.Reader) ([]netip.Prefix, error) {
	rows := csv.NewReader(r)
	head, err := rows.Read()
	if err != nil {
		return nil, err
	}
	block, ended := slices.Index(head, "Address Block"), slices.Index(head, "Termination Date")
	if block < 0 || ended < 0 {
		return nil, fmt.Errorf("read the registry: its columns are %q", head)
	}
	var out []netip.Prefix
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if end := row[ended]; end != "N/A" && end != "" {
			continue
		}
		for cell := range strings.SplitSeq(row[block], ",") {
			text, _, _ := strings.Cut(strings.TrimSpace(cell), " ")
			p, err := netip.ParsePrefix(text)
			if err != nil {
				return nil, fmt.Errorf("read the registry: %w", err)
			}
			out = append(out, p)
		}
	}
}

// unlisted is the blocks of a registry that Public does not refuse as a whole.
func unlisted(blocks []netip.Prefix) []netip.Prefix {
	return slices.DeleteFunc(slices.Clone(blocks), func(p netip.Prefix) bool {
		mapped := p.Addr().Is4In6() // refused by form, not by the table
		return mapped || listed(p) || p.Addr().Is6() && !globalUnicastIPv6().Overlaps(p)
	})
}

// listed says whether one of the blocks of the table holds all of p.
func listed(p netip.Prefix) bool {
	for b := range blocks(p.Addr()) {
		if b.prefix.Bits() <= p.Bits() && b.prefix.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

func TestARegistryIsReadAsIANAWritesIt(t *testing.T) {
	const sample = `Address Block,Name,RFC,Allocation Date,Termination Date,Source,Destination,Forwardable,Globally Reachable,Reserved-by-Protocol
0.0.0.0/8,"""This network""","[RFC791], Section 3.2",1981-09,N/A,True,False,False,False,True
192.0.0.0/24 [2],IETF Protocol Assignments,"[RFC6890], Section 2.1",2010-01,N/A,False [2],False [2],False [2],False [2],False
"192.0.0.170/32, 192.0.0.171/32",NAT64/DNS64 Discovery,"[RFC8880][RFC7050], Section 2.2",2013-02,N/A,False,False,False,False,True
192.88.99.0/24,Deprecated (6to4 Relay Anycast),[RFC7526],2001-06,2015-03,,,,,
44.0.0.0/9,Something new,[RFC9999],2027-01,N/A,True,True,True,True,False
`
	blocks, err := registry(strings.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	if len(blocks) != 5 {
		t.Errorf("read %v", blocks)
	}
	if got := fmt.Sprint(unlisted(blocks)); got != "[44.0.0.0/9]" {
		t.Errorf("a new block is not told: %s", got)
	}
	if _, err := registry(strings.NewReader("<html>")); err == nil {
		t.Error("a web page was read as a registry")
	}
}
