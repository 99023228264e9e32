package rfc2136

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/secret"
)

// told is an error as a person is told it, with the server as SERVER.
func told(s *server, err error) string {
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		return "no *provider.Error"
	}
	text := e.Kind.String() + ": " + e.Error()
	if e.Hint != "" {
		text += " → " + e.Hint.String()
	}
	return strings.ReplaceAll(text, s.address, "SERVER")
}

func TestABadKeyIsToldWithItsCure(t *testing.T) {
	const cure = " → give the server this key, with the same algorithm and secret; see accounts.key_file, or accounts.key_name, accounts.algorithm and accounts.secret"
	const either = "; a clock that is off is refused in the same words by PowerDNS, so set the clocks of both by NTP"
	other := secret.New("YW5vdGhlciBzZWNyZXQ=")
	for _, tt := range []struct {
		flavour int
		edit    func(*Config)
		want    string
	}{
		{0, func(c *Config) { c.Key.Name = "stranger" }, "auth: find the zones of names: SERVER does not know the key stranger (BADKEY)" + cure},
		{0, func(c *Config) { c.Key.Algorithm = "hmac-sha512" }, "auth: find the zones of names: SERVER does not know the key homing (BADKEY)" + cure},
		{0, func(c *Config) { c.Key.Secret = other }, "auth: find the zones of names: SERVER has another secret for the key homing (BADSIG)" + cure},
		{2, func(c *Config) { c.Key.Secret = other }, "auth: find the zones of names: SERVER answers the key homing without a signature (NOTAUTH)" + cure + either},
		{2, func(c *Config) { c.Key.Name = "stranger" }, "auth: find the zones of names: SERVER answers the key stranger without a signature (NOTAUTH)" + cure + either},
	} {
		s := serve(t, flavours()[tt.flavour], "example.org")
		_, _, err := s.provider(tt.edit).Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
		if got := told(s, err); got != tt.want {
			t.Errorf("%s\nwant\n%s", got, tt.want)
		}
	}
}

// A server that does not take the key is not asked once per name.
func TestABadKeyEndsTheSearchForZonesAtOnce(t *testing.T) {
	var names []dns.Name
	for i := range 100 {
		names = append(names, name(t, fmt.Sprintf("n%d.example.org", i)))
	}
	for _, f := range flavours() {
		s := serve(t, f, "example.org")
		p := s.provider(func(c *Config) { c.Key.Secret = secret.New("YW5vdGhlciBzZWNyZXQ=") })
		if _, _, err := p.Zones(t.Context(), names); !strings.HasPrefix(told(s, err), "auth: find the zones of names: ") || p.Calls() != 1 {
			t.Errorf("%s: %v after %d messages", f.name, err, p.Calls())
		}
		good := s.provider()
		if placed, _, err := good.Zones(t.Context(), names); err != nil || len(placed) != 100 || good.Calls() != 100 {
			t.Errorf("%s, with the right key: %d names, %v after %d messages", f.name, len(placed), err, good.Calls())
		}
	}
}

func TestAClockThatIsOffIsToldInSeconds(t *testing.T) {
	for off, want := range map[time.Duration]string{
		time.Hour:  "auth: find the zones of names: SERVER does not take the time of messages: the clock of this machine is 3600 s behind the server's (BADTIME) → set the clocks of both by NTP",
		-time.Hour: "auth: find the zones of names: SERVER does not take the time of messages: the clock of this machine is 3600 s ahead of the server's (BADTIME) → set the clocks of both by NTP",
	} {
		s := serve(t, flavours()[0], "example.org")
		began := time.Now()
		s.clock = func() time.Time { return began.Add(off) }
		_, _, err := s.provider().Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
		if got := strings.NewReplacer("3599 s", "3600 s", "3601 s", "3600 s").Replace(told(s, err)); got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
	}
}

func TestARefusalOfAllIsTheKeys(t *testing.T) {
	s := serve(t, flavours()[0], "example.org")
	s.deny = func(string) bool { return true }
	p := s.provider()
	zone := zoneNamed(name(t, "example.org"))
	var changes []plan.Change
	for _, n := range []string{"a", "b"} {
		changes = append(changes, plan.Change{Action: plan.ToCreate, New: record(t, n+".example.org", "192.0.2.1")})
	}
	got := providertest.Apply(t.Context(), p, zone, nil, changes...)
	want := "auth: SERVER refuses A a.example.org to the key homing (REFUSED) → let the key change it: update-policy at BIND, acl at Knot DNS, TSIG-ALLOW-DNSUPDATE at PowerDNS"
	if text := told(s, got[0].Err); text != want || got[1].Err.Kind != provider.Auth {
		t.Errorf("%s\nwant\n%s", text, want)
	}
}

func TestTheZoneThatIsSetIsTheOnlyOne(t *testing.T) {
	s := serve(t, flavours()[0], "example.org", "sub.example.org")
	p := s.provider(func(c *Config) { c.Zone = name(t, "example.org") })
	placed, unplaced, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.org"), name(t, "a.example.net")})
	if err != nil || len(placed) != 1 || placed[0].Zone.Name != p.zone || len(unplaced) != 1 {
		t.Fatal(placed, unplaced, err)
	}
	if got, want := told(s, unplaced[0].Err), "no zone: it does not lie in the zone example.org → check accounts.server and accounts.zone, and that the server answers questions signed with this key"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	named := name(t, "a.sub.example.org") // at the server it lies in the zone below
	p = s.provider(func(c *Config) { c.Zones = map[dns.Name]dns.Name{named: name(t, "example.org")} })
	if placed, _, err := p.Zones(t.Context(), []dns.Name{named, name(t, "b.sub.example.org")}); err != nil || placed[0].Zone.ID != "example.org" || placed[1].Zone.ID != "sub.example.org" {
		t.Error(placed, err)
	}
	p = s.provider(func(c *Config) { c.Zone = name(t, "below.example.org") })
	if _, unplaced, err := p.Zones(t.Context(), []dns.Name{name(t, "a.below.example.org")}); err != nil || len(unplaced) != 1 {
		t.Error(unplaced, err)
	}
}

// An answer whose signature is wrong is no answer to a write.
func TestAForgedAnswerToAWriteConfirmsNothing(t *testing.T) {
	s := serve(t, flavours()[0], "example.org")
	p := s.provider()
	other, err := Key{Name: "homing", Secret: secret.New("YW5vdGhlciBzZWNyZXQ=")}.newSigner()
	if err != nil {
		t.Fatal(err)
	}
	for i, forge := range []func(){
		func() { s.before = func() { s.set(func(s *server) { s.answers = other }) } },
		func() { s.before = func() { s.set(func(s *server) { s.unsigned = true }) } },
	} {
		forge()
		r := record(t, []string{"a", "b"}[i]+".example.org", "192.0.2.1")
		got := providertest.Apply(t.Context(), p, zoneNamed(name(t, "example.org")), nil, plan.Change{Action: plan.ToCreate, New: r})
		if got[0].Err == nil || got[0].Err.Kind != provider.Unconfirmed {
			t.Errorf("%v", got[0].Err)
		}
		s.set(func(s *server) { s.answers, s.unsigned = s.key, false })
	}
}

func TestTheNextServerIsAskedWhereOneIsNotThere(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	silent := serve(t, flavours()[0], "example.org")
	silent.hang = true
	s := serve(t, flavours()[0], "example.org")
	p := s.provider(func(c *Config) {
		c.Servers, c.Timeout = []string{gone.Addr().String(), silent.address, s.address}, 200*time.Millisecond
	})
	placed, _, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
	if err != nil || len(placed) != 1 {
		t.Error(placed, err)
	}
}

// Knot says of a key that may only ask that it does not know it.
func TestAKeyThatMayOnlyAskIsToldWhatItLacks(t *testing.T) {
	s := serve(t, flavours()[1], "example.org")
	s.asks = true
	got := providertest.Apply(t.Context(), s.provider(), zoneNamed(name(t, "example.org")), nil, plan.Change{Action: plan.ToCreate, New: record(t, "a.example.org", "192.0.2.1")})
	want := "unconfirmed: SERVER does not let the key homing change anything, or no longer knows it (BADKEY) → let the key change it: update-policy at BIND, acl at Knot DNS, TSIG-ALLOW-DNSUPDATE at PowerDNS"
	if text := told(s, got[0].Err); text != want {
		t.Errorf("%s\nwant\n%s", text, want)
	}
}
