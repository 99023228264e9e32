package notify

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const (
	oldIP = "198.51.100.1"
	newIP = "203.0.113.7"
)

// kept is a record that is held in these tests.
func kept(t *testing.T, name, ip string) dns.Record {
	t.Helper()
	n, err := dns.ParseName(name)
	if err != nil {
		t.Fatal(err)
	}
	a := netip.MustParseAddr(ip)
	kind := dns.A
	if a.Is6() {
		kind = dns.AAAA
	}
	return dns.Record{ID: "1", Name: n, Type: kind, Addr: a, TTL: dns.AutoTTL}
}

func known(ip string) addr.Observation {
	a := netip.MustParseAddr(ip)
	return addr.Known(netip.PrefixFrom(a, a.BitLen()))
}

func down() addr.Observation { return addr.Unknown(errors.New("the line is down")) }

// round is one that began so many seconds after noon with the address known.
func round(second int, cs ...status.Condition) status.Round {
	return status.Round{Number: 1, Started: noon.Add(time.Duration(second) * time.Second), Took: time.Second,
		Seen: plan.Seen{plan.Here(addr.IPv4): known(newIP)}, Conditions: cs}
}

// after is when a round ended.
func after(r status.Round) time.Time { return r.Started.Add(r.Took) }

// did is r with these changes made, or failed with err.
func did(r status.Round, err error, changes ...plan.Change) status.Round {
	z := status.Zone{Plan: plan.Plan{Sets: []plan.Set{{Changes: changes}}}}
	for _, c := range changes {
		z.Done = append(z.Done, status.Done{Change: c, Err: err})
	}
	r.Zones = append(slices.Clone(r.Zones), z)
	return r
}

// move is the change of a name from the old address to the new one.
func move(t *testing.T, name string) plan.Change {
	c := plan.Change{Action: plan.ToUpdate, Old: kept(t, name, oldIP), New: kept(t, name, newIP), Reason: "the address changed"}
	return c
}

func refusedName(name string) status.Condition {
	return status.Condition{Code: status.NameBlocked, Subject: "A " + name, Key: dns.Key{Type: dns.A}, Text: "a CNAME is in the way", Hint: "remove it"}
}

func zoneDown() status.Condition {
	return status.Condition{Code: status.ZoneFailed, Subject: "example.org", Text: "the host does not answer"}
}

func noAddress() status.Condition {
	return status.Condition{Code: status.AddressUnknown, Subject: "IPv4", Text: "the line is down"}
}

// blindly is a round that did not learn the address.
func blindly(second int, cs ...status.Condition) status.Round {
	r := round(second, cs...)
	r.Seen = plan.Seen{plan.Here(addr.IPv4): down()}
	return r
}

// serve is a service at the wire.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func client(t *testing.T) *httpx.Client {
	c := httpx.New(httpx.Options{UserAgent: "homing/test"})
	t.Cleanup(c.CloseIdle)
	return c
}

// sent delivers everything a sink takes of e, once, and returns what went wrong.
func sent(t *testing.T, s Sink, e Event) error {
	t.Helper()
	var errs []error
	for _, d := range s.deliveries(e) {
		ctx, cancel := context.WithTimeout(t.Context(), attemptTimeout)
		errs = append(errs, d.send(ctx))
		cancel()
	}
	return errors.Join(errs...)
}

func made(t *testing.T) func(Sink, error) Sink {
	return func(s Sink, err error) Sink {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// silent fails the test when a text holds a secret.
func silent(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("%q holds the secret %q", text, s)
		}
	}
}

func hidden(s string) secret.String { return secret.New(s) }

// watch decides about one round after another.
type watch struct {
	State
	stands status.Standing
}

func (w *watch) decide(r status.Round, now time.Time, rules Rules) []Message {
	events, stands := status.Since(w.stands, r)
	ms, s := Decide(w.State, r, events, now, rules)
	w.State, w.stands = s, stands
	return ms
}

// rounded is the event of a round, of which these messages were told.
func rounded(r status.Round, ms []Message, s State) Event {
	return RoundEvent(r, happened(r), ms, s)
}

// happened is what happened in a round, were it the first.
func happened(r status.Round) []status.Event {
	events, _ := status.Since(status.Standing{}, r)
	return events
}
