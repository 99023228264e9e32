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

// Static returns the source static:<list>: what the person wrote, separated by
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
		p, err := parseAddrOrCIDR(item, w, checkStorable)
		if err != nil {
			return nil, err
		}
		ps = append(ps, p)
	}
	ask := func(context.Context) ([]netip.Prefix, error) { return ps, nil }
	return &routeSource{voter: certainVoter("static:" + strings.Join(items, ",")), ask: ask}, nil
}

// unstorableError is an address that nobody else could reach this place at.
type unstorableError struct {
	addr netip.Addr
	what string
}

func (e *unstorableError) Error() string { return fmt.Sprintf("refuse %s: it is %s", e.addr, e.what) }

func (e *unstorableError) Hint() text.Hint {
	return "write an address at which others reach this place, or take another source"
}

// checkStorable refuses what no DNS host stores as an address of something.
func checkStorable(a netip.Addr) error {
	switch {
	case a.IsUnspecified():
		return &unstorableError{a, "the unspecified address"}
	case a.IsMulticast():
		return &unstorableError{a, "a multicast address"}
	case a.IsLoopback():
		return &unstorableError{a, "a loopback address, which leads everybody to their own machine"}
	case a.IsLinkLocalUnicast():
		return &unstorableError{a, "a link-local address, which nobody beyond this cable can reach"}
	case a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return &unstorableError{a, "the broadcast address"}
	}
	return nil
}

// Empty returns the source static.empty: the person says that there is no address.
func Empty() Source { return emptySource{} }

type emptySource struct{}

func (emptySource) Voter() addr.Voter                        { return certainVoter("static.empty") }
func (emptySource) Observe(context.Context) addr.Observation { return addr.None() }

// certainVoter returns the voter of what did not cross a network: nobody but itself
// answers for it.
func certainVoter(source string) addr.Voter {
	return addr.Voter{Source: source, Operator: source, Route: source, Authenticated: true, Certain: true}
}
