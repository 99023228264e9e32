//go:build check

package cli_test

import (
	"context"
	"net"
	"net/netip"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
)

const (
	stun4, stun6 = "93.184.216.1", "2a02:8070:5::1" // they look public and never leave here
	line4, line6 = "93.184.216.7", "2a02:8070:5::7"
)

// coturn runs Debian's on the other side of the line of this home.
func coturn(t *testing.T, w *internet) {
	t.Helper()
	folder := t.TempDir()
	server := exec.Command("turnserver", "-n", "--stun-only", "-L", stun4, "-L", stun6, "-p", "3478", "--no-tls", "--no-dtls", "--no-cli",
		"--log-file=stdout", "--pidfile="+filepath.Join(folder, "pid"), "--db="+filepath.Join(folder, "db"))
	elsewhere(t, func(home string) {
		ip(t, "link set lo up")
		ip(t, "link add far0 type veth peer name wan netns "+home)
		ip(t, "link set far0 up")
		ip(t, "addr add "+stun4+"/24 dev far0")
		ip(t, "addr add "+stun6+"/64 dev far0 nodad")
		if err := server.Start(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	ip(t, "link set wan up")
	ip(t, "addr add "+line4+"/24 dev wan")
	ip(t, "addr add "+line6+"/64 dev wan nodad")
}

// A real STUN server says what it sees: over both families, and behind a NAT the
// address of that; and its word alone publishes nothing.
func TestARealSTUNServerIsASource(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		coturn(t, w)
		ip(t, "addr add 192.168.5.5/32 dev lo")
		if out, err := exec.Command("nft", "add table ip n; add chain ip n post { type nat hook postrouting priority 100 ; }; add rule ip n post ip saddr 192.168.5.5 masquerade").CombinedOutput(); err != nil {
			t.Fatalf("nft: %v\n%s", err, out)
		}
		from := func(own string) func(ctx context.Context, network, address string) (net.Conn, error) {
			d := net.Dialer{}
			if own != "" {
				d.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(own), 0))
			}
			return d.DialContext
		}
		for _, c := range []struct {
			f               addr.Family
			own, at, wanted string
		}{
			{addr.IPv4, "", stun4 + ":3478", line4},
			{addr.IPv4, "192.168.5.5", stun4 + ":3478", line4}, // through the NAT
			{addr.IPv6, "", "[" + stun6 + "]:3478", line6},
		} {
			s := must(detect.STUN(detect.Wanted{Family: c.f}, from(c.own), c.at))
			var o addr.Observation
			w.until("coturn answers", 20*time.Second, func() bool {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				o = s.Observe(ctx)
				return o.Known()
			})
			if got := addresses(o); !slices.Equal(got, []string{c.wanted}) {
				t.Errorf("%v from %q is %v", c.f, c.own, got)
			}
			began := time.Now()
			s.Observe(t.Context())
			t.Logf("%v from %q: one question took %v", c.f, c.own, time.Since(began))
		}

		w.zone("example.org", "home.example.org")
		w.home.Set(addr.IPv4, netip.MustParseAddr(line4))
		source := "stun:" + stun4 + ":3478"
		p := w.start("", []string{"detect"}, "IP4_PROVIDER="+source+",cloudflare.trace", "IP6_PROVIDER=stun:["+stun6+"]:3478,cloudflare.trace")
		if code := p.wait(); code == 2 || !strings.Contains(p.words(), "over STUN") || !strings.Contains(p.words(), line4+" (not authenticated, can be forged)") ||
			!strings.Contains(p.words(), line6+" (not authenticated, can be forged)") {
			t.Errorf("exit code %d:\n%s", code, p.said())
		}
		p = w.start("home.example.org", []string{"once"}, "IP4_PROVIDER="+source, "IP6_PROVIDER=none")
		if code := p.wait(); code != 2 || w.wrote(line4) || !strings.Contains(p.words(), "never enough alone") {
			t.Errorf("its word alone: exit code %d\n%s", code, p.said())
		}
		p = w.start("home.example.org", []string{"once"}, "IP4_PROVIDER="+source+",cloudflare.trace", "IP6_PROVIDER=none")
		if code := p.wait(); code != 0 || !slices.Contains(w.cloud.Contents("example.org", "home.example.org"), line4) {
			t.Errorf("confirmed by another: exit code %d\n%s", code, p.said())
		}
	})
}
