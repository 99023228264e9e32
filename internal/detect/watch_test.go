package detect

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
)

func TestWhatIsWorthALook(t *testing.T) {
	at := func(by string, addrs ...string) networkState {
		return networkState{byFamily: map[addr.Family]familyState{addr.IPv4: {addrs, by}}}
	}
	home := at("192.168.1.7", "192.168.1.7 on eth0")
	for name, c := range map[string]struct {
		before, now networkState
		want        string
	}{
		"the same":                       {home, home, ""},
		"the link is down":               {home, at(""), ""},
		"an address without a way":       {at(""), at("", "192.168.1.7 on eth0"), ""},
		"the link is up again":           {at("", "192.168.1.7 on eth0"), home, "IPv4 leaves by another way: 192.168.1.7"},
		"an address came":                {home, at("192.168.1.7", "192.168.1.7 on eth0", "84.1.2.3 on ppp0"), "this machine has 84.1.2.3 on ppp0"},
		"one of two went":                {at("84.1.2.3", "192.168.1.7 on eth0", "84.1.2.3 on ppp0"), home, "this machine has no longer 84.1.2.3 on ppp0"},
		"the other line is the way now":  {home, at("192.168.1.7 by the gateway 192.168.1.2", "192.168.1.7 on eth0"), "IPv4 leaves by another way: 192.168.1.7 by the gateway 192.168.1.2"},
		"nothing was there, and nothing": {at(""), at(""), ""},
	} {
		if got := c.now.describeSince(c.before); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Where another line may take the place of one that goes, that is worth a look.
func TestALineThatGoesIsWorthALookWhereAnotherTakesItsPlace(t *testing.T) {
	at := func(by string, addrs ...string) networkState {
		return networkState{byFamily: map[addr.Family]familyState{addr.IPv4: {addrs, by}}}
	}
	home, down := at("84.1.2.3", "84.1.2.3 on eth1"), at("")
	for _, c := range []struct {
		s           System
		before, now networkState
		want        string
	}{
		{System{Line: "eth1", NoticeLoss: true}, home, down, "IPv4 has no way out over eth1 any more"},
		{System{NoticeLoss: true}, home, down, "IPv4 has no way out over this machine any more"},
		{System{Line: "eth1", NoticeLoss: true}, down, down, ""},
		{System{Line: "eth1", NoticeLoss: true}, down, home, "this machine has 84.1.2.3 on eth1"},
		{System{Line: "eth1"}, home, down, ""},
	} {
		if got := c.s.describeChange(c.now, c.before); got != c.want {
			t.Errorf("%+v: %q, want %q", c.s, got, c.want)
		}
	}
}

// routing is a message of a routing socket: its length, version and type, and
// whatever follows.
func routing(kind byte, more int) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+more))
	return append(append(b, 5, kind), make([]byte, more)...)
}

func TestWhatARoutingSocketTells(t *testing.T) {
	for name, c := range map[string]struct {
		b    []byte
		want bool
	}{
		"RTM_NEWADDR":                 {routing(0x0c, 60), true},
		"RTM_DELADDR":                 {routing(0x0d, 60), true},
		"RTM_IFINFO":                  {routing(0x0e, 100), true},
		"RTM_ADD":                     {routing(1, 150), true},
		"RTM_MISS":                    {routing(7, 150), false},
		"RTM_GET of another program":  {routing(4, 150), false},
		"a miss, and then an address": {append(routing(7, 8), routing(0x0c, 8)...), true},
		"nothing":                     {nil, false},
		"half a message":              {routing(7, 150)[:20], true},
		"a length of nothing":         {make([]byte, 8), true},
		"a byte too many":             {append(routing(7, 8), 0), true},
	} {
		if got := isRouteMessage(c.b); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// row is a MIB_IPFORWARDROW as Windows fills it: 14 numbers.
func row(hop [4]byte, kind uint32) []byte {
	b := make([]byte, 56)
	copy(b[12:], hop[:])
	binary.LittleEndian.PutUint32(b[20:], kind)
	return b
}

func TestTheNextHopOfWindows(t *testing.T) {
	if a, err := parseForwardRow(row([4]byte{192, 168, 1, 1}, 4)); err != nil || a != netip.MustParseAddr("192.168.1.1") {
		t.Errorf("%v, %v", a, err)
	}
	for name, b := range map[string][]byte{"a direct one": row([4]byte{192, 168, 1, 7}, 3), "none": row([4]byte{}, 4), "too short": make([]byte, 20)} {
		if a, err := parseForwardRow(b); err == nil {
			t.Errorf("%s: %v", name, a)
		}
	}
}

func FuzzRoutingSocket(f *testing.F) {
	f.Add(append(routing(7, 8), routing(0x0c, 8)...))
	f.Add(row([4]byte{192, 168, 1, 1}, 4))
	f.Fuzz(func(_ *testing.T, b []byte) {
		isRouteMessage(b)
		_, _ = parseForwardRow(b)
	})
}
