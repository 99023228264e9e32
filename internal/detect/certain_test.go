package detect

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
)

func TestStaticPublishesWhatADNSHostStores(t *testing.T) {
	for list, want := range map[string]addr.Observation{
		"192.0.2.1":                known("192.0.2.1"),
		" 192.0.2.1 , 10.0.0.1/8,": known("192.0.2.1", "10.0.0.1/8"),
	} {
		s := must(t)(Static(want4, list))
		wantSame(t, s.Observe(t.Context()), want)
	}
	wantSame(t, must(t)(Static(want6, "fd00::1")).Observe(t.Context()), known("fd00::1/64"))
	if got, want := must(t)(Static(want4, " 192.0.2.1 ,192.0.2.2,")).Voter().Source, "static:192.0.2.1,192.0.2.2"; got != want {
		t.Errorf("it is called %q", got)
	}
}

func TestStaticRefuses(t *testing.T) {
	for list, says := range map[string]string{
		"":                      "an address is missing",
		",":                     "an address is missing",
		"192.0.2.1,,192.0.2.2":  "an address is missing",
		"192.0.2.1,,":           "an address is missing",
		"home":                  `"home" is not an address`,
		"0.0.0.0":               "unspecified",
		"224.0.0.1":             "multicast",
		"127.0.0.1":             "loopback",
		"169.254.1.2":           "link-local",
		"255.255.255.255":       "broadcast",
		"2001:db8::1":           "not an IPv4 address",
		"::ffff:192.0.2.1":      "inside IPv6",
		"fe80::1%eth0":          "has a zone",
		"192.0.2.1,192.0.2.300": "is not an address",
	} {
		if _, err := Static(want4, list); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", list, err)
		}
	}
	for _, list := range []string{"::", "ff02::1", "192.0.2.1"} {
		if _, err := Static(want6, list); err == nil {
			t.Errorf("%q is taken for IPv6", list)
		}
	}
}

func TestStaticEmptyKnowsThatThereIsNone(t *testing.T) {
	wantSame(t, Empty().Observe(t.Context()), addr.None())
}

// from is the end of a connection that leaves from an address.
type from struct {
	net.Conn
	addr net.Addr
}

func (f from) LocalAddr() net.Addr { return f.addr }
func (f from) Close() error        { return nil }

func TestLocalIsWhereAConnectionWouldLeaveFrom(t *testing.T) {
	var dialled string
	leaving := func(a string) func(context.Context, string, string) (net.Conn, error) {
		return func(_ context.Context, network, address string) (net.Conn, error) {
			dialled = network + " " + address
			u, err := net.ResolveUDPAddr("udp", a)
			return from{addr: u}, err
		}
	}
	wantSame(t, Local(want4, 0, leaving("8.8.4.4:40000")).Observe(t.Context()), known("8.8.4.4"))
	if dialled != "udp4 1.1.1.1:443" {
		t.Errorf("dialled %s", dialled)
	}
	wantSame(t, Local(want6, 0, leaving("[2a00:1450::1]:40000")).Observe(t.Context()), known("2a00:1450::1/64"))
	if dialled != "udp6 [2606:4700:4700::1111]:443" {
		t.Errorf("dialled %s", dialled)
	}
	wantRefused(t, Local(want4, 0, leaving("192.168.1.2:1")).Observe(t.Context()), "private")
	wantSame(t, Local(want4, addr.AllowPrivate, leaving("192.168.1.2:1")).Observe(t.Context()), known("192.168.1.2"))
	wantRefused(t, Local(want4, addr.AllowPrivate, leaving("100.64.1.2:1")).Observe(t.Context()), "CGNAT")
	wantRefused(t, Local(want6, addr.AllowULA, leaving("[fe80::1%lo]:1")).Observe(t.Context()), "has a zone")
	none := func(context.Context, string, string) (net.Conn, error) { return nil, errDown }
	if why := Local(want4, 0, none).Observe(t.Context()).Why(); !errors.Is(why, errDown) {
		t.Errorf("why is %v", why)
	}
}

func TestLocalSendsNothing(t *testing.T) {
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	s := Local(want4, 0, func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.LocalAddr().String())
	})
	wantRefused(t, s.Observe(t.Context()), "refuse 127.0.0.1: it is a loopback address")
	// What comes first is ours, unless something was sent before.
	c, err := net.Dial("udp4", server.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Write([]byte("mark"))
	b := make([]byte, 100)
	if n, _, err := server.ReadFrom(b); err != nil || string(b[:n]) != "mark" {
		t.Errorf("it sent %q, %v", b[:n], err)
	}
}

func TestWhatDidNotCrossANetworkIsCertain(t *testing.T) {
	for _, s := range []Source{must(t)(Static(want4, "192.0.2.1")), Empty(), must(t)(File(want4, filepath.Join(t.TempDir(), "ip"), 0)), Local(want4, 0, new(net.Dialer).DialContext)} {
		v := s.Voter()
		if !v.Certain || !v.Authenticated || v.Source == "" || v.Operator != v.Source || v.Route != v.Source {
			t.Errorf("%+v", v)
		}
		if o := observeWithVote(t.Context(), s); o.Known() && !o.Certain() {
			t.Errorf("what %s says is not certain", v.Source)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
