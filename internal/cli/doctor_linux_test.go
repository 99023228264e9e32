//go:build check

package cli_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/sim"
)

// A certificate that is valid tomorrow is what every one is to a clock that is
// behind.
func TestAClockThatIsWrongIsNamedBeforeCertificates(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		tomorrow := w.vouchFor(time.Now().Add(24*time.Hour), time.Now().Add(48*time.Hour))
		for f, at := range map[addr.Family][2]string{addr.IPv4: {"192.0.2.81/32", "192.0.2.81:443"}, addr.IPv6: {"2001:db8:80::81/128 nodad", "[2001:db8:80::81]:443"}} {
			ip(t, "addr add dev lo "+at[0])
			w.serve(f, at[1], tomorrow)
		}
		w.point("192.0.2.81", "2001:db8:80::81")
		for command, says := range map[string][]string{
			"once":   {"IPv4, IPv6, zones: the clock of this machine reads 20", "no certificate is valid then; set the clock, or let NTP do so"},
			"doctor": {"✗ clock", "set it, preferably with NTP"},
		} {
			p := w.start("home.example.org", []string{command})
			if code := p.wait(); code != 1 {
				t.Errorf("%s: exit code %d", command, code)
			}
			for _, s := range says {
				if !strings.Contains(p.said(), s) {
					t.Errorf("%s does not say %q:\n%s", command, s, p.said())
				}
			}
			if strings.Contains(p.said(), "install the CA certificates") || strings.Contains(p.said(), "PROVIDER=none") {
				t.Errorf("%s gives advice that does not help:\n%s", command, p.said())
			}
		}
	})
}

func TestOnlyAContainerOnABridgeIsToldOfIt(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		if err := syscall.Mount("tmpfs", "/run", "tmpfs", 0, ""); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("/run/.containerenv", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		w.point(cloud4, "2606:4700::1111")
		ip(t, "link add wan type veth peer name end")
		ip(t, "link set wan up")
		ip(t, "addr add 81.2.69.142/24 dev wan") // the machine's own network
		ip(t, "route add default dev wan")
		p := w.start("home.example.org", []string{"doctor"})
		p.wait()
		if strings.Contains(p.said(), "bridge") || !strings.Contains(p.said(), "if this network has no IPv6, set IP6_PROVIDER=none") {
			t.Errorf("it says\n%s", p.said())
		}
	})
}

func TestDoctorSaysWhichWayNamesAreLookedUp(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		newLine(t, "one", 1)
		newLine(t, "two", 2)
		cover(t, "/etc/hosts", "127.0.0.1 localhost\n")
		for text, says := range map[string]string{
			"nameserver 9.9.9.9\nnameserver 127.0.0.53\n": "asked on this machine, by a program that may use any line: 127.0.0.53; asked over two: 9.9.9.9",
			"nameserver 81.2.1.1\n":                       "asked over another line than two: 81.2.1.1",
		} {
			cover(t, "/etc/resolv.conf", text)
			p := w.start("home.example.org", []string{"doctor"}, "HOMING_BIND=two", "DETECTION_TIMEOUT=1s", "UPDATE_TIMEOUT=1s")
			if p.wait(); !strings.Contains(p.said(), says) {
				t.Errorf("it does not say %q:\n%s", says, p.said())
			}
		}
	})
}

// As a program does that works while it writes, and a copy over a slow network.
func TestHalfOfAFileIsNeverPublished(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		path := filepath.Join(t.TempDir(), "address")
		put := func(text string, flag int) {
			t.Helper()
			f := must(os.OpenFile(path, os.O_CREATE|os.O_WRONLY|flag, 0o600))
			if _, err := f.WriteString(text); err != nil {
				t.Error(err)
			}
			_ = f.Close()
		}
		put("84.1.2.7\n", 0)
		p := w.start("home.example.org", nil, "IP4_PROVIDER=file:"+path, "IP6_PROVIDER=none")
		is := func(a string) func() bool {
			return func() bool { return slices.Contains(w.cloud.Contents("example.org", "home.example.org"), a) }
		}
		w.until("the first address is published", 20*time.Second, is("84.1.2.7"))
		before := len(w.cloud.Calls(sim.IsWrite))
		put("84.1.2.1", os.O_TRUNC)
		time.AfterFunc(1100*time.Millisecond, func() { put("79\n", os.O_APPEND) })
		w.until("the second is", 20*time.Second, is("84.1.2.179"))
		put("", os.O_TRUNC) // and one that is emptied first
		time.AfterFunc(1500*time.Millisecond, func() { put("84.1.2.180\n", os.O_APPEND) })
		w.until("the third is", 20*time.Second, is("84.1.2.180"))
		if n := len(w.cloud.Calls(sim.IsWrite)) - before; n != 2 || w.wrote(`"84.1.2.1"`) {
			t.Errorf("%d writes for two addresses: %v", n, w.cloud.Calls(sim.IsWrite)[before:])
		}
		if strings.Contains(p.said(), "WRN IPv4") || strings.Contains(p.said(), "outcome=failed") {
			t.Errorf("it said\n%s", p.said())
		}
		p.end(syscall.SIGTERM)
	})
}
