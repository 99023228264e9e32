package detect

import (
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// lan is a neighbour table that somebody writes, on a link of one prefix.
type lan struct {
	entries []neighbour
	links   map[int][]ifaceAddr
}

func newLAN(prefixes ...string) *lan {
	l := &lan{links: map[int][]ifaceAddr{}}
	for _, p := range prefixes {
		p := netip.MustParsePrefix(p)
		l.links[2] = append(l.links[2], ifaceAddr{ip: p.Addr(), bits: p.Bits()})
	}
	return l
}

func (l *lan) neighbours() *Neighbours {
	return &Neighbours{seen: make(map[MAC]map[linkAddr]lifetime), isOwn: func(m MAC) bool { return m == MAC{0xee} },
		readTable: func() ([]neighbour, error) { return l.entries, nil }, links: func() (map[int][]ifaceAddr, error) { return l.links, nil }}
}

func (l *lan) has(mac MAC, idle time.Duration, addrs ...string) {
	for _, a := range addrs {
		l.entries = append(l.entries, neighbour{linkAddr{2, netip.MustParseAddr(a)}, mac, idle})
	}
}

var nas = func() MAC { return MAC{0x00, 0x11, 0x22, 0x33, 0x44, 0x55} }

// seenFor looks every five minutes for so long, and gives what is found in the end.
func seenFor(t *testing.T, n *Neighbours, mac MAC, began time.Time, d time.Duration) (string, string) {
	t.Helper()
	var found []netip.Addr
	var err error
	for at := time.Duration(0); at <= d; at += 5 * time.Minute {
		found, err = n.findAddr(mac, 0, began.Add(at))
	}
	var words []string
	for _, a := range found {
		words = append(words, a.String())
	}
	slices.Sort(words)
	if err != nil {
		return "", err.Error()
	}
	return strings.Join(words, " "), ""
}

func TestANeighbourIsKnownByTheAddressThatStays(t *testing.T) {
	const eui, stable, temporary = "2a02:8070:1:2:211:22ff:fe33:4455", "2a02:8070:1:2:1:2:3:4", "2a02:8070:1:2:f00:f00:f00:f00"
	day := 24*time.Hour + 5*time.Minute
	for name, c := range map[string]struct {
		build func(l *lan)
		after time.Duration
		want  string
		why   string
	}{
		"made of the MAC, at once":               {func(l *lan) { l.has(nas(), 0, temporary, eui) }, 0, eui, ""},
		"another one, not at once":               {func(l *lan) { l.has(nas(), 0, stable) }, 0, "", "which may be a temporary address"},
		"another one, after 23 hours":            {func(l *lan) { l.has(nas(), 0, stable) }, 23 * time.Hour, "", "once it has been there for a day"},
		"another one, after a day":               {func(l *lan) { l.has(nas(), 0, stable) }, day, stable, ""},
		"one that nobody heard of for an hour":   {func(l *lan) { l.has(nas(), time.Hour, stable) }, day, "", "once it has been there for a day"},
		"two that have been there as long":       {func(l *lan) { l.has(nas(), 0, stable, temporary) }, day, "", "which of them stays cannot be told"},
		"one beside it that is no longer used":   {func(l *lan) { l.has(nas(), 0, stable); l.has(nas(), 12*time.Hour, temporary) }, day, stable, ""},
		"not in the table":                       {func(l *lan) { l.has(MAC{1}, 0, eui) }, 0, "", "is not in the neighbour table"},
		"this machine itself":                    {func(l *lan) {}, 0, "", ""},
		"behind a prefix of the past":            {func(l *lan) { l.has(nas(), 0, "2a02:8070:1:1:211:22ff:fe33:4455") }, 0, "", "no public address behind a prefix of this machine"},
		"with an address of the link alone":      {func(l *lan) { l.has(nas(), 0, "fe80::211:22ff:fe33:4455") }, 0, "", "no public address"},
		"behind two prefixes":                    {func(l *lan) { l.has(nas(), 0, eui, "2a02:8070:9:9:211:22ff:fe33:4455") }, 0, eui + " 2a02:8070:9:9:211:22ff:fe33:4455", ""},
		"on the link of an address alone (/128)": {func(l *lan) { l.has(nas(), 0, "2a02:8070:7:7:211:22ff:fe33:4455") }, 0, "2a02:8070:7:7:211:22ff:fe33:4455", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLAN("2a02:8070:1:2::1/64", "2a02:8070:9:9::1/64", "2a02:8070:7:7::1/128")
			c.build(l)
			mac := nas()
			if name == "this machine itself" {
				mac, c.why = MAC{0xee}, "is this machine itself"
			}
			got, why := seenFor(t, l.neighbours(), mac, time.Now(), c.after)
			if got != c.want || !strings.Contains(why, c.why) || (why == "") != (c.why == "") {
				t.Errorf("%q, %q", got, why)
			}
		})
	}
}

// The day begins anew where the address was another machine's meanwhile, and does
// not where the table was emptied, as when the link was down.
func TestADayIsUnbroken(t *testing.T) {
	const stable = "2a02:8070:1:2:1:2:3:4"
	began := time.Now()
	l := newLAN("2a02:8070:1:2::1/64")
	l.has(nas(), 0, stable)
	n := l.neighbours()
	seenFor(t, n, nas(), began, 12*time.Hour)
	there := l.entries
	l.entries = nil
	seenFor(t, n, nas(), began.Add(12*time.Hour), time.Hour)
	l.entries = there
	if got, why := seenFor(t, n, nas(), began.Add(13*time.Hour), 12*time.Hour); got != stable {
		t.Errorf("%q, %q", got, why)
	}
	l.entries = nil
	l.has(MAC{1}, 0, stable)
	seenFor(t, n, nas(), began.Add(25*time.Hour), 0)
	l.entries = there
	if got, why := seenFor(t, n, nas(), began.Add(26*time.Hour), 23*time.Hour); got != "" || !strings.Contains(why, "for a day") {
		t.Errorf("%q, %q", got, why)
	}
}

// Somebody who claims addresses by the thousand for a MAC does not make homing grow.
func TestThousandsOfAddressesOfANeighbourAreNotRemembered(t *testing.T) {
	l := newLAN("2a02:8070:1:2::1/64")
	n := l.neighbours()
	for i := range 3000 {
		a := netip.MustParseAddr("2a02:8070:1:2::").As16()
		a[13], a[14], a[15] = 1, byte(i>>8), byte(i)
		l.has(nas(), 0, netip.AddrFrom16(a).String())
	}
	if _, err := n.findAddr(nas(), 0, time.Now()); err == nil || len(n.seen[nas()]) > maxAddrsPerMAC {
		t.Errorf("%v; %d are remembered", err, len(n.seen[nas()]))
	}
}

func TestThePrefixesOfAnInterfaceAreThoseOthersCanBeIn(t *testing.T) {
	of := func(p, unfit string) ifaceAddr {
		q := netip.MustParsePrefix(p)
		return ifaceAddr{ip: q.Addr(), bits: q.Bits(), unusable: unfit}
	}
	for name, c := range map[string]struct {
		found []ifaceAddr
		allow addr.Allow
		want  string
		why   string
	}{
		"of a router":           {[]ifaceAddr{of("2a02:8070:1:2::1/64", ""), of("fe80::1/64", "")}, 0, "2a02:8070:1:2::/64", ""},
		"one for all addresses": {[]ifaceAddr{of("2a02:8070:1:2::1/64", ""), of("2a02:8070:1:2:3::4/64", "")}, 0, "2a02:8070:1:2::/64", ""},
		"one that is given up":  {[]ifaceAddr{of("2a02:8070:1:1::1/64", "to be given up (deprecated)"), of("2a02:8070:1:2::1/64", "")}, 0, "2a02:8070:1:2::/64", ""},
		"an address alone":      {[]ifaceAddr{of("2a02:8070:1:2::1/128", "")}, 0, "", "of whose network nothing is told"},
		"a longer one":          {[]ifaceAddr{of("2a02:8070:1:2::1/80", "")}, 0, "", "of whose network nothing is told"},
		"private":               {[]ifaceAddr{of("fd00::1/64", "")}, 0, "", "br0 has no public IPv6 address"},
		"private, as allowed":   {[]ifaceAddr{of("fd00::1/64", "")}, addr.AllowULA, "fd00::/64", ""},
		"nothing":               {nil, 0, "", "br0 has no IPv6 address"},
	} {
		got, err := usablePrefixes("br0", c.found, c.allow)
		if joinPrefixes(got) != c.want || (err == nil) != (c.why == "") || err != nil && !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	two := []ifaceAddr{of("2a02:8070:1:1::1/64", ""), of("2a02:8070:1:2::1/64", "")}
	if got, err := usablePrefixes("br0", two, 0); (err == nil) != (runtime.GOOS == "linux") {
		t.Errorf("of two prefixes: %v, %v", got, err)
	}
}

// Only Linux tells its table; elsewhere that is said, with what to write instead.
func TestTheTableOfThisSystem(t *testing.T) {
	_, err := NewNeighbours().Source(nas(), 0).(*routeSource).ask(t.Context())
	switch {
	case err == nil:
		t.Error("nobody has this MAC, and yet it is known")
	case runtime.GOOS == "linux" && !strings.Contains(err.Error(), "not in the neighbour table"):
		t.Error(err)
	case runtime.GOOS != "linux" && !strings.Contains(err.Error(), "this is not Linux"):
		t.Error(err)
	}
}
