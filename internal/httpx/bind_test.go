package httpx

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// loopback is the interface that every machine has.
func loopback(t *testing.T) string {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(i net.Interface) bool { return i.Flags&net.FlagLoopback != 0 })
	if i < 0 {
		t.Fatal("there is no loopback interface")
	}
	return all[i].Name
}

func mustBind(t *testing.T, s string) Bind {
	t.Helper()
	b, err := ParseBind(s)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != s {
		t.Errorf("%q is shown as %q", s, b)
	}
	return b
}

// listener accepts at an address of the loopback interface.
func listener(t *testing.T, network, at string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// dial opens a connection and gives the address it leaves from.
func dial(t *testing.T, b Bind, network, to string) (netip.Addr, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	c, err := b.Dial(ctx, network, to)
	if err != nil {
		return netip.Addr{}, err
	}
	defer c.Close()
	return netip.MustParseAddrPort(c.LocalAddr().String()).Addr().Unmap(), nil
}

func TestNothingIsBoundUnlessItIsSaid(t *testing.T) {
	l := listener(t, "tcp4", "127.0.0.1:0")
	for _, b := range []Bind{{}, mustBind(t, "")} {
		if from, err := dial(t, b, "tcp", l.Addr().String()); from.String() != "127.0.0.1" {
			t.Errorf("it leaves from %s, %v", from, err)
		}
	}
}

func TestASourceAddressIsWhereConnectionsLeaveFrom(t *testing.T) {
	at4 := listener(t, "tcp4", "127.0.0.1:0").Addr().String()
	at6 := listener(t, "tcp6", "[::1]:0").Addr().String()
	for _, c := range []struct{ source, network, to string }{
		{"127.0.0.1", "tcp", at4}, {"127.0.0.1", "tcp4", at4}, {"127.0.0.1", "udp", at4}, {"127.0.0.1", "udp4", at4},
		{"::1", "tcp", at6}, {"::1", "tcp6", at6}, {"::1", "udp", at6}, {"::1", "udp6", at6},
	} {
		if from, err := dial(t, mustBind(t, c.source), c.network, c.to); from.String() != c.source {
			t.Errorf("%s from %s leaves from %s, %v", c.network, c.source, from, err)
		}
	}
}

func TestASourceAddressReachesItsOwnFamilyOnly(t *testing.T) {
	at4 := listener(t, "tcp4", "127.0.0.1:0").Addr().String()
	at6 := listener(t, "tcp6", "[::1]:0").Addr().String()
	for _, c := range []struct{ source, network, to, says string }{
		{"127.0.0.1", "tcp6", at6, "the source address 127.0.0.1 is IPv4, so nothing can be reached over IPv6"},
		{"127.0.0.1", "udp6", at6, "is IPv4"},
		{"127.0.0.1", "tcp", at6, "connect from 127.0.0.1"},
		{"::1", "tcp4", at4, "the source address ::1 is IPv6, so nothing can be reached over IPv4"},
		{"::1", "tcp", at4, "connect from ::1"},
	} {
		if from, err := dial(t, mustBind(t, c.source), c.network, c.to); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s from %s leaves from %s, %v", c.network, c.source, from, err)
		}
	}
}

func TestAnAddressOfAnotherMachineIsNoSource(t *testing.T) {
	l := listener(t, "tcp4", "127.0.0.1:0")
	from, err := dial(t, mustBind(t, "192.0.2.1"), "tcp4", l.Addr().String())
	if err == nil || !strings.Contains(err.Error(), "connect from 192.0.2.1") {
		t.Errorf("it leaves from %s, %v", from, err)
	}
}

func TestBindRefuses(t *testing.T) {
	for s, says := range map[string]string{
		"0.0.0.0":          "nothing on the internet can be reached from 0.0.0.0",
		"::":               "nothing on the internet",
		"224.0.0.1":        "nothing on the internet",
		"169.254.1.1":      "nothing on the internet",
		"fe80::1%eth0":     "nothing on the internet",
		"2001:db8::1%eth0": "nothing on the internet",
		"::ffff:192.0.2.1": "nothing on the internet",
		"192.0.2.300":      `"192.0.2.300" is neither an IP address nor the name of an interface`,
	} {
		if b, err := ParseBind(s); err == nil || !strings.Contains(err.Error(), says) || b != (Bind{}) {
			t.Errorf("%q: got %v, %v", s, b, err)
		}
	}
}

// An interface may come after homing has started: ppp0, wg0, a bridge.
func TestAnInterfaceThatIsNotThereYetIsTakenAndMissed(t *testing.T) {
	b := mustBind(t, "gone0")
	if missing, ok := errors.AsType[*NoInterface](b.CheckPresent()); !ok || missing.Name != "gone0" || !slices.Contains(missing.Available, loopback(t)) {
		t.Errorf("got %v", b.CheckPresent())
	}
	for _, s := range []string{"", "192.0.2.7", loopback(t)} {
		if err := mustBind(t, s).CheckPresent(); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestAnInterfaceThatIsNearIsSuggested(t *testing.T) {
	there := []string{"lo", "eth0", "enp3s0", "wg-home", "wlan0"}
	for name, want := range map[string]string{
		"eth9": "eth0", "eht0": "eth0", "enp4s0": "enp3s0", "wlan": "wlan0", "wghome": "wg-home", "eth0:1": "eth0",
		"ppp0": "", "Ethernet 2": "", "": "",
	} {
		e := &NoInterface{name, there}
		if got := e.closestName(); got != want {
			t.Errorf("%q is near %q, want %q", name, got, want)
		}
		if says := "did you mean " + want + "?"; strings.Contains(e.Error(), says) != (want != "") {
			t.Errorf("%q: %v", name, e)
		}
		if !strings.HasSuffix(e.Error(), "; there are lo, eth0, enp3s0, wg-home, wlan0") {
			t.Errorf("%q: %v", name, e)
		}
	}
	if got := (&NoInterface{Name: "eth0"}).Error(); got != `there is no interface "eth0"` {
		t.Errorf("got %s", got)
	}
}
