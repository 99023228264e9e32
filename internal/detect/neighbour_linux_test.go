package detect

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/scaletest"
)

// tableOfAKernel is what Linux 6.18 answered to RTM_GETNEIGH on 2026-11-29, where
//
//	ip -6 neigh add 2a02:8070:1:2:211:22ff:fe33:4455 lladdr 00:11:22:33:44:55 dev a0 nud permanent
//	ip -6 neigh add 2a02:8070:1:2::77 lladdr 00:11:22:33:44:66 dev a0 nud reachable
//	ip -6 neigh add 2a02:8070:1:2::78 lladdr 00:11:22:33:44:66 dev a0 nud stale
//	ip -6 neigh add 2a02:8070:1:2::80 dev a0 nud failed
//
// had been done, and groups were joined.
const tableOfAKernel = `
580000001c000200010000009e4000000a000000020000004000000514000100ff0200000000000000000000000000020a000200333300000002000008000400000000001400030093170000230000002300000000000000
580000001c000200010000009e4000000a0000000300000080000001140001002a02807000010002021122fffe3344550a0002000011223344550000080004000000000014000300c9000000c9000000c900000000000000
580000001c000200010000009e4000000a0000000300000002000001140001002a0280700001000200000000000000770a0002000011223344660000080004000000000014000300c8000000c8000000c800000001000000
4c0000001c000200010000009e4000000a0000000300000020000001140001002a02807000010002000000000000008008000400000000001400030038180000c8000000c800000000000000
580000001c000200010000009e4000000a000000030000004000000514000100ff0200000000000000000000000000020a0002003333000000020000080004000000000014000300d3170000630000006300000000000000
580000001c000200010000009e4000000a0000000300000004000001140001002a0280700001000200000000000000780a000200001122334466000008000400000000001400030038180000c8000000c800000000000000
1400000003000200010000009e40000000000000`

func kernelTable(t testing.TB) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(tableOfAKernel, "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheKernelsNeighbourTableIsRead(t *testing.T) {
	found, err := parseNeighbours(kernelTable(t))
	want := []neighbour{
		{linkAddr{3, netip.MustParseAddr("2a02:8070:1:2:211:22ff:fe33:4455")}, MAC{0, 0x11, 0x22, 0x33, 0x44, 0x55}, 0},
		{linkAddr{3, netip.MustParseAddr("2a02:8070:1:2::77")}, MAC{0, 0x11, 0x22, 0x33, 0x44, 0x66}, 2 * time.Second},
		{linkAddr{3, netip.MustParseAddr("2a02:8070:1:2::78")}, MAC{0, 0x11, 0x22, 0x33, 0x44, 0x66}, 62 * time.Second},
	}
	if err != nil || !slices.Equal(found, want) {
		t.Errorf("%v, %v", found, err)
	}
}

// ofNeighbour is RTM_NEWNEIGH with this state and these flags.
func ofNeighbour(a string, mac []byte, state uint16, flags byte) []byte {
	b := []byte{syscall.AF_INET6, 0, 0, 0, 2, 0, 0, 0, byte(state), byte(state >> 8), flags, 1}
	b = appendAttribute(b, ndaDst, netip.MustParseAddr(a).AsSlice())
	b = appendAttribute(b, ndaLladdr, mac)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return netlink(syscall.RTM_NEWNEIGH, b)
}

func TestWhoIsNoNeighbourIsLeftOut(t *testing.T) {
	mac := []byte{0, 0x11, 0x22, 0x33, 0x44, 0x55}
	for name, c := range map[string]struct {
		b     []byte
		found int
		fails bool
	}{
		"one that answered":                       {ofNeighbour("2a02::1", mac, nudReachable, 0), 1, false},
		"one that is asked once more":             {ofNeighbour("2a02::1", mac, nudProbe, 0), 1, false},
		"one that did not answer":                 {ofNeighbour("2a02::1", mac, 0x20, 0), 0, false},
		"one that was asked just now":             {ofNeighbour("2a02::1", mac, 0x01, 0), 0, false},
		"a group":                                 {ofNeighbour("ff02::1", mac, 0x40, 0), 0, false},
		"one that this machine answers for":       {ofNeighbour("2a02::1", mac, nudReachable, ntfProxy), 0, false},
		"one without a MAC, as over a tunnel":     {ofNeighbour("2a02::1", nil, nudReachable, 0), 0, false},
		"one with a longer one, as of InfiniBand": {ofNeighbour("2a02::1", make([]byte, 20), nudReachable, 0), 0, false},
		"an IPv4 address in disguise":             {ofNeighbour("::ffff:192.0.2.1", mac, nudReachable, 0), 0, false},
		"a message that is no message":            {netlink(syscall.RTM_NEWNEIGH, []byte{10, 0, 0, 0}), 0, true},
		"one that ends too soon":                  {ofNeighbour("2a02::1", mac, nudReachable, 0)[:40], 0, true},
		"another message":                         {netlink(syscall.RTM_NEWADDR, []byte{10, 0, 0, 0}), 0, false},
	} {
		found, err := parseNeighbours(c.b)
		if len(found) != c.found || (err != nil) != c.fails {
			t.Errorf("%s: %v, %v", name, found, err)
		}
	}
}

func FuzzParseNeighbours(f *testing.F) {
	f.Add(kernelTable(f))
	f.Add(ofNeighbour("2a02::1", make([]byte, 6), nudReachable, 0))
	f.Add(ofNeighbour("2a02::1", make([]byte, 20), nudStale, 0)[:50])
	f.Fuzz(func(t *testing.T, b []byte) {
		found, err := parseNeighbours(b)
		if err != nil && len(found) > 0 {
			t.Errorf("%v, and yet %v", found, err)
		}
		for _, n := range found {
			if !n.addr.Is6() || n.addr.Is4In6() || n.idle < 0 {
				t.Errorf("%+v", n)
			}
		}
	})
}

func TestTwiceTheNeighboursAreTwiceTheWork(t *testing.T) {
	scaletest.Linear(t, "neighbours", 100, func(n int) func() {
		var b []byte
		for range n {
			b = append(b, ofNeighbour("2a02::1", make([]byte, 6), nudReachable, 0)...)
		}
		return func() { _, _ = parseNeighbours(b) }
	})
}
