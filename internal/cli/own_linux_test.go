//go:build check

package cli_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
)

// privately lays a line whose connections leave from a temporary address, and
// gives that and the stable one.
func privately(t *testing.T, w *internet) (temporary, stable string) {
	t.Helper()
	stable = "2a02:8070:1::1"
	conf := "/proc/sys/net/ipv6/conf/wan/"
	ip(t, "link add wan type veth peer name end")
	write(t, conf+"dad_transmits", "0")
	write(t, conf+"use_tempaddr", "2")
	ip(t, "link set wan up")
	ip(t, "link set end up")
	ip(t, "addr add "+stable+"/64 dev wan mngtmpaddr")
	ip(t, "-6 route add default dev wan")
	w.until("there is a temporary address", 20*time.Second, func() bool {
		return len(flagged(t, "temporary")) == 1 && len(flagged(t, "tentative")) == 0
	})
	return flagged(t, "temporary")[0], stable
}

func TestATemporaryAddressIsNotPublishedWithoutAWord(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		temporary, stable := privately(t, w)
		w.home.Set(addr.IPv6, netip.MustParseAddr(temporary))
		w.zone("example.org", "home.example.org")
		for _, command := range []string{"plan", "doctor", "detect"} {
			p := w.start("home.example.org", []string{command})
			p.wait()
			for _, says := range []string{temporary + " is a temporary address of wan", "wan also has " + stable, "IP6_PROVIDER=local.iface.stable:wan"} {
				if !strings.Contains(p.words(), says) {
					t.Errorf("%s does not say %q:\n%s", command, says, p.said())
				}
			}
		}
		for _, source := range []string{"local", "local.iface:wan", "local.iface.first:wan", "local.iface.stable:wan"} {
			p := w.start("home.example.org", []string{"once"}, "IP4_PROVIDER=none", "IP6_PROVIDER="+source)
			if code := p.wait(); code != 0 || strings.Contains(p.said(), "is a temporary address") {
				t.Errorf("%s: exit code %d, and it said\n%s", source, code, p.said())
			}
			if got := w.cloud.Contents("example.org", "home.example.org"); !slices.Contains(got, stable) || slices.Contains(got, temporary) {
				t.Errorf("%s publishes %v", source, got)
			}
		}
		ip(t, "addr change "+stable+"/64 dev wan preferred_lft 0 valid_lft 1000") // then it is all there is
		if got := addresses(observe(t, addr.IPv6, detect.All)); !slices.Equal(got, flagged(t, "temporary")) && len(flagged(t, "temporary")) > 0 {
			t.Errorf("with the temporary one alone it has %v", got)
		}
	})
}

func TestATunnelIsNotCalledTheProvidersNAT(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		for _, c := range []struct{ iface, own, says, never string }{
			{"tailscale0", "100.101.102.104/32", "through the tunnel tailscale0", "provider"},
			{"wg0", "10.8.0.2/24", "through the tunnel wg0", "provider"},
			{"tun0", "172.16.5.2/24", "through the tunnel tun0", "provider"},
			{"wan", "100.64.7.2/24", "carrier-grade NAT", "tunnel wan"},
			{"dslite0", "192.0.0.2/29", "DS-Lite or 464XLAT", "tunnel dslite0"},
			{"tun1", "192.0.0.4/32", "DS-Lite or 464XLAT", "tunnel tun1"}, // clatd's
			{"eth0", "192.168.1.7/24", "home.example.org", "provider"},
		} {
			ip(t, "link add "+c.iface+" type veth peer name end")
			ip(t, "link set "+c.iface+" up")
			ip(t, "addr add "+c.own+" dev "+c.iface)
			ip(t, "route add default dev "+c.iface)
			for _, command := range []string{"plan", "detect"} {
				p := w.start("home.example.org", []string{command}, "IP6_PROVIDER=none")
				p.wait()
				if !strings.Contains(p.words(), c.says) && command == "plan" || strings.Contains(p.words(), c.never) ||
					strings.Contains(c.says, "through") && !strings.Contains(p.words(), "HOMING_BIND") {
					t.Errorf("%s over %s with %s says\n%s", command, c.iface, c.own, p.said())
				}
			}
			ip(t, "link del "+c.iface)
		}
	})
}
