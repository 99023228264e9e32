//go:build !linux

package detect

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
)

func TestStableIsRefusedWhereNothingTellsIt(t *testing.T) {
	if _, err := Interface(want6, "en0", Stable, 0); err == nil || !strings.Contains(err.Error(), "use local.iface:en0") {
		t.Errorf("got %v", err)
	}
	for _, w := range []Wanted{want4, want6} {
		if _, err := Interface(w, "en0", map[bool]Pick{true: Stable}[w == want4], 0); err != nil {
			t.Errorf("%s: %v", w.Family, err)
		}
	}
}

func TestTheSystemIsAsked(t *testing.T) {
	i, err := net.InterfaceByName(loopbackName(t))
	if err != nil {
		t.Fatal(err)
	}
	found, err := interfaceAddrs(i, addr.IPv4)
	if own := (ifaceAddr{ip: netip.MustParseAddr("127.0.0.1"), bits: 8}); err != nil || !slices.Contains(found, own) {
		t.Errorf("found %v, %v", found, err)
	}
}
