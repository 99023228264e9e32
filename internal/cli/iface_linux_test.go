//go:build check

package cli_test

import (
	"errors"
	"net/netip"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
)

// observe asks a source local.iface for the addresses of wan.
func observe(t *testing.T, f addr.Family, pick detect.Pick) addr.Observation {
	t.Helper()
	return must(detect.Interface(detect.Wanted{Family: f}, "wan", pick, 0)).Observe(t.Context())
}

// addresses are what is known, as words.
func addresses(o addr.Observation) []string {
	var out []string
	for _, a := range o.Addrs() {
		out = append(out, a.String())
	}
	return out
}

// flagged lists what ip(8) shows of wan with a flag.
func flagged(t *testing.T, flag string) []string {
	t.Helper()
	var out []string
	text := must(exec.CommandContext(t.Context(), "ip", "-6", "-o", "addr", "show", "dev", "wan", flag).Output())
	for line := range strings.Lines(string(text)) {
		a, _, _ := strings.Cut(strings.Fields(line)[3], "/")
		out = append(out, a)
	}
	return out
}

func TestAnInterfacesAddressesAreToldApartByTheKernelsFlags(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		const net = "2a02:8070:1::"
		conf := "/proc/sys/net/ipv6/conf/wan/"
		ip(t, "link add wan type veth peer name end")
		write(t, conf+"dad_transmits", "0")
		write(t, conf+"use_tempaddr", "2")
		ip(t, "link set wan up")
		ip(t, "link set end up")
		ip(t, "addr add "+net+"1/64 dev wan mngtmpaddr") // brings a temporary one along
		ip(t, "addr add "+net+"2/128 dev wan")
		ip(t, "addr add "+net+"dead/64 dev wan preferred_lft 0 valid_lft 1000")
		ip(t, "addr add fd00::1/64 dev wan")
		// the other end has this one already
		write(t, conf+"dad_transmits", "1")
		ip(t, "addr add "+net+"bad/64 dev end nodad")
		ip(t, "addr add "+net+"bad/64 dev wan")
		w.until("the duplicate is found, and no other", 20*time.Second, func() bool {
			duplicates := flagged(t, "dadfailed")
			return slices.Equal(duplicates, []string{net + "bad"}) && len(flagged(t, "temporary")) == 1 &&
				!slices.ContainsFunc(flagged(t, "tentative"), func(a string) bool { return !slices.Contains(duplicates, a) })
		})
		// and this one is looked for, once a second, for longer than any test
		write(t, conf+"dad_transmits", "1000")
		ip(t, "addr add "+net+"7/64 dev wan")

		temporary := flagged(t, "temporary")
		if len(temporary) != 1 || !slices.Contains(flagged(t, "tentative"), net+"7") || !slices.Contains(flagged(t, "deprecated"), net+"dead") {
			t.Fatalf("the kernel did not make what is tested: %v", temporary)
		}
		stable := []string{net + "1", net + "2"}
		if got := addresses(observe(t, addr.IPv6, detect.Stable)); !slices.Equal(got, stable) {
			t.Errorf("stable are %v, of %s", got, observe(t, addr.IPv6, detect.Stable).Describe())
		}
		for pick, want := range map[detect.Pick][]string{detect.All: stable, detect.First: addresses(observe(t, addr.IPv6, detect.First))} {
			got := addresses(observe(t, addr.IPv6, pick))
			if !slices.Equal(got, want) || slices.Contains(got, temporary[0]) {
				t.Errorf("it has %v, want %v without the temporary one, which has a stable one beside it", got, want)
			}
		}
		if own := detect.OwnOf(netip.MustParseAddr(temporary[0])); own.Iface != "wan" || !slices.Contains(stable, own.Stable.String()) {
			t.Errorf("of %s this machine says %+v", temporary[0], own)
		}
		for _, a := range append(stable, "2a02:8070:9::1") {
			if own := detect.OwnOf(netip.MustParseAddr(a)); own.Stable.IsValid() {
				t.Errorf("of %s this machine says %+v", a, own)
			}
		}
		for _, p := range observe(t, addr.IPv6, detect.Stable).Prefixes() {
			if p.Bits() != 64 {
				t.Errorf("%s has the length of the link", p)
			}
		}

		ip(t, "addr del "+net+"1/64 dev wan") // and its temporary one
		ip(t, "addr del "+net+"2/128 dev wan")
		o := observe(t, addr.IPv6, detect.Stable)
		for _, says := range []string{net + "dead is to be given up (deprecated)", net + "7 is still checked for a duplicate (tentative)",
			net + "bad is in use by another machine too (dadfailed)", "fd00::1 is a unique local address", "fe80::"} {
			if o.Known() || !strings.Contains(o.Why().Error(), says) {
				t.Errorf("it is %s, which does not say %s", o.Describe(), says)
			}
		}
	})
}

func TestAnInterfacesIPv4AddressesAreAllOfThem(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		ip(t, "link add wan type veth peer name end")
		ip(t, "link set wan up")
		ip(t, "addr add 81.2.69.2/24 dev wan")
		ip(t, "addr add 81.2.69.3/24 dev wan") // secondary, which is no lesser one
		ip(t, "addr add 81.2.69.4/24 dev wan preferred_lft 0 valid_lft 1000")
		ip(t, "addr add 81.2.70.2 peer 81.2.70.1 dev wan")
		ip(t, "addr add 192.168.1.2/24 dev wan")
		ip(t, "addr add 81.2.71.2/24 dev end")
		whole := []string{"81.2.69.2", "81.2.69.3", "81.2.70.2"}
		for pick, want := range map[detect.Pick][]string{detect.All: whole, detect.Stable: whole, detect.First: whole[:1]} {
			if got := addresses(observe(t, addr.IPv4, pick)); !slices.Equal(got, want) {
				t.Errorf("it has %v, want %v", got, want)
			}
		}
		// down, it keeps them, and nobody can be reached there
		ip(t, "link set wan down")
		if o := observe(t, addr.IPv4, detect.All); o.Known() || !strings.Contains(o.Why().Error(), "wan is down") {
			t.Errorf("down, it is %s", o.Describe())
		}
		ip(t, "link del wan")
		o := observe(t, addr.IPv4, detect.All)
		if missing, ok := errors.AsType[*httpx.NoInterface](o.Why()); !ok || !slices.Equal(missing.Available, []string{"lo"}) {
			t.Errorf("gone, it is %s", o.Describe())
		}
		ip(t, "link add wan type veth peer name end")
		ip(t, "link set wan up")
		ip(t, "addr add 81.2.69.5/24 dev wan")
		if got := addresses(observe(t, addr.IPv4, detect.All)); !slices.Equal(got, []string{"81.2.69.5"}) {
			t.Errorf("back again, it has %v", got)
		}
	})
}

// Hundreds of addresses do not fit into one answer of the kernel.
func TestAnInterfaceMayHaveHundredsOfAddresses(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		ip(t, "link add wan type veth peer name end")
		ip(t, "link set wan up")
		var batch strings.Builder
		for i := range 300 {
			batch.WriteString("addr add 2a02:8070:1::" + strconv.FormatInt(int64(i+1), 16) + "/64 dev wan nodad\n")
		}
		cmd := exec.CommandContext(t.Context(), "ip", "-batch", "-")
		cmd.Stdin = strings.NewReader(batch.String())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if n := len(addresses(observe(t, addr.IPv6, detect.Stable))); n != 300 {
			t.Errorf("%d of 300 are seen", n)
		}
	})
}
