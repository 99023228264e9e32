package detect

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// on makes addresses of an interface: "ADDRESS", "ADDRESS temporary", or
// "ADDRESS" and what is wrong with it.
func on(entries ...string) []ifaceAddr {
	var out []ifaceAddr
	for _, e := range entries {
		ip, state, _ := strings.Cut(e, " ")
		a := ifaceAddr{ip: netip.MustParseAddr(ip), temporary: state == "temporary"}
		if state != "" && !a.temporary {
			a.unusable = state
		}
		out = append(out, a)
	}
	return out
}

func TestAnInterfaceSaysItsPublicAddresses(t *testing.T) {
	for _, c := range []struct {
		name   string
		wanted Wanted
		found  []ifaceAddr
		stable bool
		allow  addr.Allow
		want   addr.Observation
	}{
		{"all of them", want4, on("8.8.4.4", "8.8.8.8"), false, 0, known("8.8.4.4", "8.8.8.8")},
		{"private ones passed over", want4, on("192.168.1.2", "8.8.4.4", "100.64.0.1", "127.0.0.1"), false, 0, known("8.8.4.4")},
		{"private ones allowed", want4, on("192.168.1.2", "8.8.4.4", "100.64.0.1"), false, addr.AllowPrivate, known("8.8.4.4", "192.168.1.2")},
		{"CGNAT allowed", want4, on("100.64.0.1"), false, addr.AllowCGNAT, known("100.64.0.1")},
		{"link-local passed over", want6, on("fe80::1", "2a00:1450::1", "fd00::1"), false, 0, known("2a00:1450::1")},
		{"unique local allowed", want6, on("fe80::1", "fd00::1"), false, addr.AllowULA, known("fd00::1")},
		{"temporary ones", want6, on("2a00:1450::1", "2a00:1450::2 temporary"), false, 0, known("2a00:1450::1", "2a00:1450::2")},
		{"only stable ones", want6, on("2a00:1450::1", "2a00:1450::2 temporary"), true, 0, known("2a00:1450::1")},
		{"nothing unfit", want6, on("2a00:1450::1 tentative", "2a00:1450::2"), false, 0, known("2a00:1450::2")},
		{"with the length that is set", Wanted{addr.IPv6, 60}, on("2a00:1450::1"), false, 0, known("2a00:1450::1/60")},
	} {
		t.Run(c.name, func(t *testing.T) {
			ps, err := publishableAddrs(c.wanted, "eth0", c.found, c.stable, c.allow)
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, addr.Known(ps...), c.want)
		})
	}
}

func TestAnInterfaceWithoutAPublicAddressSaysWhatItHas(t *testing.T) {
	for _, c := range []struct {
		name   string
		wanted Wanted
		found  []ifaceAddr
		says   string
	}{
		{"nothing", want6, nil, "eth0 has no IPv6 address"},
		{"private", want4, on("192.168.1.5"), "eth0 has no public IPv4 address: 192.168.1.5 is a private address, RFC 1918"},
		{"CGNAT", want4, on("100.64.1.5"), "eth0 has no public IPv4 address: 100.64.1.5 is a carrier's shared address, RFC 6598: " +
			"your provider shares one public address among many customers (CGNAT), so nobody can reach this one and no updater can help; " +
			"ask the provider for a public address, or use IPv6 or a tunnel"},
		{"link-local and temporary", want6, on("fe80::1", "2a00:1450::1 temporary"),
			"eth0 has no public IPv6 address: fe80::1 is a link-local address, RFC 4291; 2a00:1450::1 is temporary, and a stable one is wanted"},
		{"unfit", want6, on("2a00:1450::1 out of order"), "eth0 has no public IPv6 address: 2a00:1450::1 is out of order"},
		{"many", want4, on("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"),
			"10.0.0.5 is a private address, RFC 1918; and 2 more"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ps, err := publishableAddrs(c.wanted, "eth0", c.found, true, 0)
			if err == nil || !strings.HasSuffix(err.Error(), c.says) || ps != nil {
				t.Errorf("got %v, %v", ps, err)
			}
		})
	}
	_, err := publishableAddrs(want4, "eth0", on("192.168.1.5", "100.64.1.5"), false, 0)
	if r, ok := errors.AsType[*addr.Refusal](err); !ok || r.Addr.String() != "192.168.1.5" {
		t.Errorf("what was refused cannot be told from %v", err)
	}
}

func TestAMissingInterfaceIsSaidWithThoseThatAreThere(t *testing.T) {
	s := must(t)(Interface(want4, "gone0", All, 0))
	o := s.Observe(t.Context())
	wantRefused(t, o, `there is no interface "gone0"`)
	if missing, ok := errors.AsType[*httpx.NoInterface](o.Why()); !ok || len(missing.Available) == 0 {
		t.Errorf("why is %v", o.Why())
	}
	if missing, ok := errors.AsType[*httpx.NoInterface](CheckInterface("gone0")); !ok || missing.Name != "gone0" {
		t.Error("it is not missed at the start")
	}
	if err := CheckInterface(loopbackName(t)); err != nil {
		t.Error(err)
	}
}

func TestAnInterfaceNeedsAName(t *testing.T) {
	if _, err := Interface(want4, "", All, 0); err == nil {
		t.Error("it needs none")
	}
	if err := CheckInterface(""); err == nil {
		t.Error("it needs none")
	}
}

func TestAnInterfaceIsCertain(t *testing.T) {
	for pick, word := range map[Pick]string{All: "local.iface:eth0", Stable: "local.iface.stable:eth0", First: "local.iface.first:eth0"} {
		v := must(t)(Interface(want4, "eth0", pick, 0)).Voter()
		if v != certainVoter(word) {
			t.Errorf("%+v", v)
		}
	}
}

// loopback is the name of the loopback interface.
func loopbackName(t *testing.T) string {
	t.Helper()
	missing, ok := errors.AsType[*httpx.NoInterface](CheckInterface("gone0"))
	if !ok {
		t.Fatal("gone0 is there")
	}
	for _, name := range missing.Available {
		if strings.HasPrefix(strings.ToLower(name), "lo") {
			return name
		}
	}
	t.Fatalf("no loopback among %v", missing.Available)
	return ""
}
