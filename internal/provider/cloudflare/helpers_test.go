package cloudflare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/sim"
)

// theSecret is the token of every test; it must never be seen in an error.
const theSecret = "s3cr3t-T0ken_of.the~tests"

// connect makes a Provider that reaches h, without sockets.
func connect(t testing.TB, h http.Handler, edit ...func(*Config)) *Provider {
	t.Helper()
	world := sim.Pipes(nil)
	world.Handle("/", h)
	client := httpx.New(httpx.Options{Dial: world.Dial, UserAgent: "homing/test"})
	t.Cleanup(world.Close)
	t.Cleanup(client.CloseIdle)
	c := Config{Credential: Credential{Token: secret.New(theSecret)}, Client: client, BaseURL: "http://127.0.0.1/client/v4"}
	for _, f := range edit {
		f(&c)
	}
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// simulated makes a Cloudflare that knows the token, and a Provider for it.
func simulated(t testing.TB, edit ...func(*Config)) (*sim.Cloudflare, *Provider) {
	t.Helper()
	cf := sim.NewCloudflare()
	cf.AddToken(sim.Token{Value: theSecret})
	return cf, connect(t, cf, edit...)
}

// bubble runs a test on a clock of its own.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// answer returns a handler that always says the same.
func answer(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func name(s string) dns.Name {
	n, err := dns.ParseName(s)
	if err != nil {
		panic(err)
	}
	return n
}

func allNames(ss ...string) []dns.Name {
	var all []dns.Name
	for _, s := range ss {
		all = append(all, name(s))
	}
	return all
}

// host is n names of a zone: h0000.ZONE, h0001.ZONE …
func hosts(n int, zone string) []dns.Name {
	var all []dns.Name
	for i := range n {
		all = append(all, name(fmt.Sprintf("h%04d.%s", i, zone)))
	}
	return all
}

func address(n dns.Name, a string) dns.Record {
	r := dns.Record{Name: n, Type: dns.A, Addr: netip.MustParseAddr(a), TTL: dns.AutoTTL}
	if r.Addr.Is6() {
		r.Type = dns.AAAA
	}
	return r
}

func create(n dns.Name, a string) plan.Change {
	return plan.Change{Action: plan.ToCreate, New: address(n, a)}
}

// changesAt creates an address record at each name.
func changesAt(names ...string) []plan.Change {
	var all []plan.Change
	for _, n := range names {
		all = append(all, create(name(n), "192.0.2.1"))
	}
	return all
}

func update(old dns.Record, a string) plan.Change {
	c := plan.Change{Action: plan.ToUpdate, Old: old, New: old}
	c.New.Addr = netip.MustParseAddr(a)
	return c
}

func remove(old dns.Record) plan.Change { return plan.Change{Action: plan.ToDelete, Old: old} }

// zoneOf returns the zone of the simulator as the provider sees it.
func zoneOf(t testing.TB, p *Provider, zone string) provider.Zone {
	t.Helper()
	where, unplaced, err := p.Zones(t.Context(), allNames(zone))
	zones := providertest.ZonesOf(where)
	if err != nil || len(unplaced) != 0 || len(zones) != 1 {
		t.Fatalf("zones %v, unplaced %v, error %v", zones, unplaced, err)
	}
	return zones[0]
}

// someZone returns a zone that need not be there.
func someZone() provider.Zone {
	return provider.Zone{ID: strings.Repeat("1", 32), Name: name("example.org")}
}

// kindOf returns the kind of an error of the package; it must hold no secret.
func kindOf(t testing.TB, err error) provider.Kind {
	t.Helper()
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		t.Fatalf("the error is a %T: %v", err, err)
	}
	assertNoSecret(t, err)
	return e.Kind
}

// assertNoSecret looks for the token in everything an error can be made to say.
func assertNoSecret(t testing.TB, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		said := fmt.Sprintf("%v %+v %#v", e, e, e)
		if p, ok := e.(*provider.Error); ok {
			said += p.Hint.String()
		}
		if strings.Contains(said, theSecret) {
			t.Errorf("the token is in %T: %s", e, said)
		}
	}
}

// apply carries out changes, of names at which nothing else stands.
func apply(ctx context.Context, p *Provider, z provider.Zone, changes []plan.Change) []provider.Result {
	return providertest.Apply(ctx, p, z, nil, changes...)
}

// kinds returns the kind of each result; "done" where there is no error.
func kinds(t testing.TB, rs []provider.Result) []string {
	t.Helper()
	var all []string
	for _, r := range rs {
		if r.Err == nil {
			all = append(all, "done")
			continue
		}
		all = append(all, kindOf(t, r.Err).String())
	}
	return all
}

// count returns how often each word occurs.
func count(words []string) map[string]int {
	n := map[string]int{}
	for _, w := range words {
		n[w]++
	}
	return n
}
