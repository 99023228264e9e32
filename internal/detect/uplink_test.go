package detect

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
)

// Behind a carrier's NAT the uplink tells what no HTTP source can see.
func TestTheUplinkIsToldEvenWhereNobodyCanReachIt(t *testing.T) {
	for _, c := range []struct {
		family addr.Family
		from   string
		to     string
	}{
		{addr.IPv4, "100.64.1.2:40000", "udp4 1.1.1.1:443"},
		{addr.IPv4, "192.168.1.2:40000", "udp4 1.1.1.1:443"},
		{addr.IPv6, "[2a00:1450::1]:40000", "udp6 [2606:4700:4700::1111]:443"},
	} {
		var dialled string
		got, err := Uplink(t.Context(), c.family, func(_ context.Context, network, address string) (net.Conn, error) {
			dialled = network + " " + address
			u, err := net.ResolveUDPAddr("udp", c.from)
			return from{addr: u}, err
		})
		if want := netip.MustParseAddrPort(c.from).Addr(); got != want || err != nil || dialled != c.to {
			t.Errorf("it is %s, %v, found by %s", got, err, dialled)
		}
	}
}

func TestWithoutAWayOutThereIsNoUplink(t *testing.T) {
	none := func(context.Context, string, string) (net.Conn, error) { return nil, errDown }
	if got, err := Uplink(t.Context(), addr.IPv4, none); !errors.Is(err, errDown) || got.IsValid() {
		t.Errorf("it is %s, %v", got, err)
	}
	odd := func(context.Context, string, string) (net.Conn, error) {
		return from{addr: &net.UnixAddr{Name: "odd"}}, nil
	}
	if got, err := Uplink(t.Context(), addr.IPv4, odd); err == nil || got.IsValid() {
		t.Errorf("it is %s, %v", got, err)
	}
}
