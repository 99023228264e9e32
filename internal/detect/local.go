package detect

import (
	"context"
	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// Local returns the source local: the address from which a connection to Cloudflare
// would leave, see Uplink; in place of a temporary one, the stable one beside it.
func Local(w Wanted, allow addr.Allow, dial httpx.Dial) Source {
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		from, err := Uplink(ctx, w.Family, dial)
		if err != nil {
			return nil, err
		}
		if stable := OwnOf(from).Stable; stable.IsValid() {
			from = stable
		}
		p, err := parseAddrOrCIDR(from.String(), w, publicCheck(allow))
		if err != nil {
			return nil, err
		}
		return []netip.Prefix{p}, nil
	}
	return &routeSource{voter: certainVoter("local"), ask: ask}
}
