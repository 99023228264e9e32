package router

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/homing-dns/homing/internal/scaletest"
)

func pmp(result byte, a string) []byte {
	b := []byte{0, 128, 0, result, 0, 0, 0, 9}
	if a != "" {
		b = append(b, netip.MustParseAddr(a).AsSlice()...)
	}
	return b
}

func TestTheRouterIsAsked(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(b *box)
		want string
		why  string
	}{
		{"NAT-PMP", func(b *box) { b.says = pmp(0, "84.1.2.3") }, "84.1.2.3", ""},
		{"UPnP, where NAT-PMP is silent", func(b *box) { b.address = "84.1.2.3" }, "84.1.2.3", ""},
		{"UPnP, where NAT-PMP is refused", func(b *box) { b.says, b.address = pmp(2, ""), "84.1.2.3" }, "84.1.2.3", ""},
		{"UPnP, where there is only PCP", func(b *box) { b.says, b.address = []byte{2, 128, 0, 1, 0, 0, 0, 0}, "84.1.2.3" }, "84.1.2.3", ""},
		{"version 1, over PPP", func(b *box) { b.kind, b.address = "urn:schemas-upnp-org:service:WANPPPConnection:1", "84.1.2.3" }, "84.1.2.3", ""},
		{"a FRITZ!Box that is not found by searching", func(b *box) { b.silent, b.address = true, "84.1.2.3" }, "84.1.2.3", ""},
		{"a private address is told as it is", func(b *box) { b.says = pmp(0, "192.168.2.7") }, "192.168.2.7", ""},
		{"no address, and connected", func(b *box) { b.address = "" }, "", "is connected and has no public IPv4 address"},
		{"0.0.0.0, and connected", func(b *box) { b.says, b.address = pmp(3, ""), "0.0.0.0" }, "", "is connected and has no public IPv4 address"},
		{"not connected", func(b *box) { b.status = "Disconnected" }, "", "the router is not connected"},
		{"no address at all", func(b *box) { b.address = "<b>nothing</b>" }, "", "is no address"},
		{"another host's description", func(b *box) { b.location = "http://127.0.0.2:80/rootDesc.xml"; b.doc = "x" }, "", "names no connection"},
		{"a redirect", func(b *box) { b.redirects = true }, "", "302"},
		{"too long a description", func(b *box) { b.doc = strings.Repeat("x", maxDescription+1) }, "", "longer than"},
		{"services elsewhere", func(b *box) {
			b.doc = "<service><serviceType>urn:x:service:WANIPConnection:1</serviceType><controlURL>http://192.0.2.1/</controlURL></service>"
		}, "", "names no connection"},
		{"a type that is a header of its own", func(b *box) {
			b.doc = "<service><serviceType>urn:x:service:WANIPConnection:1\"\r\nX: y</serviceType><controlURL>/c</controlURL></service>"
		}, "", "names no connection"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			b.set(func() { c.set(b) })
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			a, err := b.router.IPv4(ctx)
			if c.why == "" && (err != nil || a.String() != c.want) {
				t.Errorf("%v, %v", a, err)
			}
			if c.why != "" && (err == nil || !strings.Contains(err.Error(), c.why) || strings.ContainsAny(err.Error(), "\r\n")) {
				t.Errorf("%v, %v, want %s", a, err, c.why)
			}
			if none, ok := errors.AsType[*NoPublic](err); strings.Contains(c.name, "and connected") != ok {
				t.Errorf("%v in %v", none, err)
			}
		})
	}
}

// What was described once is not asked for again, until it is of no use.
func TestADescriptionIsKept(t *testing.T) {
	b := newBox(t)
	b.set(func() { b.address = "84.1.2.3" })
	for range 3 {
		if _, err := b.router.addrByUPnP(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"GET /rootDesc.xml", "POST /ctl/IPConn", "POST /ctl/IPConn", "POST /ctl/IPConn"}; !slices.Equal(b.questions(), want) {
		t.Errorf("asked %v", b.questions())
	}
	b.set(func() { b.kind = "urn:schemas-upnp-org:service:WANIPConnection:1" })
	_, _ = b.router.addrByUPnP(t.Context())
	if a, err := b.router.addrByUPnP(t.Context()); err != nil || a.String() != "84.1.2.3" {
		t.Errorf("after it became another one: %v, %v", a, err)
	}
}

func TestAFritzBoxTellsIPv6(t *testing.T) {
	b := newBox(t)
	if _, err := b.router.IPv6(t.Context()); err == nil || !strings.Contains(err.Error(), "may be no FRITZ!Box") {
		t.Errorf("%v", err)
	}
	b.set(func() {
		b.v6 = map[string]string{"NewExternalIPv6Address": "2a01:71a0:8407::5", "NewIPv6Prefix": "2a01:71a0:8406:7600::", "NewPrefixLength": "56", "NewValidLifetime": "7200", "NewPreferedLifetime": "3600"}
	})
	if a, err := b.router.IPv6(t.Context()); err != nil || a.String() != "2a01:71a0:8407::5" {
		t.Errorf("%v, %v", a, err)
	}
	for _, form := range []string{"2a01:71a0:8406:7600::", "2a01:71a0:8406:7600::/56"} {
		b.set(func() { b.v6["NewIPv6Prefix"] = form })
		if p, err := b.router.Prefix(t.Context()); err != nil || p.String() != "2a01:71a0:8406:7600::/56" {
			t.Errorf("%v, %v", p, err)
		}
	}
	for name, v := range map[string]string{"NewPrefixLength": "0", "NewIPv6Prefix": "", "NewValidLifetime": "0"} {
		var old string
		b.set(func() { old, b.v6[name] = b.v6[name], v })
		if p, err := b.router.Prefix(t.Context()); err == nil {
			t.Errorf("%s=%q: %v", name, v, p)
		}
		b.set(func() { b.v6[name] = old })
	}
	b.set(func() { b.v6["NewExternalIPv6Address"] = "" })
	if a, err := b.router.IPv6(t.Context()); err == nil {
		t.Errorf("%v", a)
	}
}

func TestOnlyAPrivateGatewayIsARouter(t *testing.T) {
	for _, a := range []string{"84.1.2.3", "100.64.0.1", "fe80::1", "0.0.0.0"} {
		if _, err := New(netip.MustParseAddr(a), nil, nil); err == nil {
			t.Errorf("%s is one", a)
		}
	}
}

// bells keeps what rang.
type bells struct {
	mu   sync.Mutex
	rang []string
	told chan struct{}
}

func newBells() *bells { return &bells{told: make(chan struct{}, 100)} }

func (b *bells) ring(what string) {
	b.mu.Lock()
	b.rang = append(b.rang, what)
	b.mu.Unlock()
	b.told <- struct{}{}
}

func (b *bells) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.rang)
}

func (b *bells) next(t *testing.T) string {
	t.Helper()
	select {
	case <-b.told:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing rang")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rang[len(b.rang)-1]
}

func TestAnnouncementsRing(t *testing.T) {
	b := newBox(t)
	hears, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	rang := newBells()
	done := make(chan error, 1)
	go func() { done <- b.router.readAnnouncements(ctx, hears, rang.ring) }()
	stranger, err := net.ListenPacket("udp4", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	pcp := append([]byte{2, 128}, make([]byte, 22)...)
	_, _ = stranger.WriteTo(pcp, hears.LocalAddr())
	for _, junk := range [][]byte{nil, {0}, pmp(3, ""), {0, 0}, pcp[:23], append([]byte{2, 0}, make([]byte, 22)...), pmp(0, "84.1.2.3")[:11]} {
		_, _ = b.pmp.WriteTo(junk, hears.LocalAddr())
	}
	_, _ = b.pmp.WriteTo(pmp(0, "84.1.2.3"), hears.LocalAddr())
	if got := rang.next(t); got != "the router announces the address 84.1.2.3 (NAT-PMP)" {
		t.Error(got)
	}
	_, _ = b.pmp.WriteTo(pcp, hears.LocalAddr())
	if got := rang.next(t); !strings.Contains(got, "PCP") || len(rang.all()) != 2 {
		t.Error(rang.all())
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestEventsRing(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBox(t)
	ctx, cancel := context.WithCancel(t.Context())
	rang := newBells()
	done := make(chan error, 1)
	go func() { done <- b.router.Events(ctx, rang.ring) }()
	for subscribed := false; !subscribed; {
		b.set(func() { subscribed = b.callback != "" })
	}
	first := b.notify("uuid:1", 0, "PossibleConnectionTypes", "IP_Routed", "ConnectionStatus", "Connected", "ExternalIPAddress", "84.1.2.3")
	again := b.notify("uuid:1", 1, "ExternalIPAddress", "84.1.2.3")
	forged := b.notify("uuid:2", 2, "ExternalIPAddress", "84.6.6.6")
	if first != 200 || again != 200 || forged != 412 || len(rang.all()) > 0 {
		t.Errorf("%d %d %d, %v", first, again, forged, rang.all())
	}
	b.notify("uuid:1", 3, "ExternalIPAddress", "84.1.2.4")
	if got := rang.next(t); got != "the router says that it is Connected 84.1.2.4 (UPnP)" {
		t.Error(got)
	}
	b.notify("uuid:1", 4, "ConnectionStatus", "Disconnected\x1b[31m", "ExternalIPAddress", "0.0.0.0")
	if got := rang.next(t); got != "the router says that it is Disconnected31m 0.0.0.0 (UPnP)" {
		t.Error(got)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if all := b.questions(); all[len(all)-1] != "UNSUBSCRIBE /evt/IPConn" {
		t.Errorf("it left with %v", all)
	}
	b.router.client.CloseIdle()
	b.page.CloseClientConnections()
	b.pmp.Close()
	b.ssdp.Close()
	b.page.Close()
}

func FuzzRouter(f *testing.F) {
	f.Add(pmp(0, "84.1.2.3"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nLOCATION: http://127.0.0.1:5000/rootDesc.xml\r\n\r\n"))
	f.Add([]byte("<a:service x=\"1\"><b/>text &amp; more</a:service><service>"))
	r := &Router{gateway: gatewayOnLoopback}
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := parsePMP(b); (err == nil) != a.IsValid() {
			t.Errorf("%v beside %v", a, err)
		}
		if u, err := r.parseSearchAnswer(b); err == nil && u.Hostname() != "127.0.0.1" {
			t.Errorf("it leads to %v", u)
		}
		describeAnnouncement(b)
		if inside, rest := nextElement(string(b), "service"); len(inside)+len(rest) > len(b) {
			t.Error("it became more")
		}
	})
}

func TestRoutersAreReadInProportion(t *testing.T) {
	r := &Router{gateway: gatewayOnLoopback}
	for what, unit := range map[string]string{"open": "<service>", "closed": "</service>", "pairs": "<service></x></service>", "angles": "<", "empty": "<service/>"} {
		scaletest.Linear(t, what, 2000, func(n int) func() {
			doc := strings.Repeat(unit, n)
			return func() {
				for rest := doc; rest != ""; {
					_, rest = nextElement(rest, "service")
				}
			}
		})
	}
	scaletest.Linear(t, "headers", 2000, func(n int) func() {
		doc := []byte("HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", n))
		return func() { _, _ = r.parseSearchAnswer(doc) }
	})
}
