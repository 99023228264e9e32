package detect

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/text"
)

// Static is the source static:<list>: what the person wrote, separated by
// commas. It publishes whatever a DNS host stores, private addresses too.
func Static(w Wanted, list string) (Source, error) {
	items := strings.Split(list, ",")
	if n := len(items); n > 1 && strings.TrimSpace(items[n-1]) == "" {
		items = items[:n-1] // one comma too many at the end harms nobody
	}
	var ps []netip.Prefix
	for i, item := range items {
		item = strings.TrimSpace(item)
		items[i] = item
		if item == "" {
			return nil, errors.New("an address is missing: write static:<address>,<address>")
		}
		p, err := parseEntry(item, w, storable)
		if err != nil {
			return nil, err
		}
		ps = append(ps, p)
	}
	ask := func(context.Context) ([]netip.Prefix, error) { return ps, nil }
	return &way{voter: certain("static:" + strings.Join(items, ",")), ask: ask}, nil
}

// unstorable is an address that nobody else could reach this place at.
type unstorable struct {
	addr netip.Addr
	what string
}

func (e *unstorable) Error() string { return fmt.Sprintf("refuse %s: it is %s", e.addr, e.what) }

func (e *unstorable) Hint() text.Hint {
	return "write an address at which others reach this place, or take another source"
}

// storable refuses what no DNS host stores as an address of something.
func storable(a netip.Addr) error {
	switch {
	case a.IsUnspecified():
		return &unstorable{a, "the unspecified address"}
	case a.IsMulticast():
		return &unstorable{a, "a multicast address"}
	case a.IsLoopback():
		return &unstorable{a, "a loopback address, which leads everybody to their own machine"}
	case a.IsLinkLocalUnicast():
		return &unstorable{a, "a link-local address, which nobody beyond this cable can reach"}
	case a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return &unstorable{a, "the broadcast address"}
	}
	return nil
}

// Empty is the source static.empty: the person says that there is no address.
func Empty() Source { return empty{} }

type empty struct{}

func (empty) Voter() addr.Voter                        { return certain("static.empty") }
func (empty) Observe(context.Context) addr.Observation { return addr.None() }

// certain is the voter of what did not cross a network: nobody but itself
// answers for it.
func certain(source string) addr.Voter {
	return addr.Voter{Source: source, Operator: source, Route: source, Authenticated: true, Certain: true}
}
