package engine_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"reflect"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/sim"
	"github.com/homing-dns/homing/internal/status"
)

// shared is an estate in whose zones others have records too, at the managed
// names and elsewhere.
type shared struct {
	*estate
	theirs   map[string][]sim.Record // by zone
	believes bool                    // a listing that lies with every sign of truth
	last     status.Round
}

func buildShared(t *testing.T) *shared {
	x := &shared{estate: build(t, 4, 2, sim.Pipes, func(c *engine.Config) {
		a := &c.Accounts[0]
		a.Spec.Owned = regexp.MustCompile("^ours$")
		for i := range a.Spec.Records {
			a.Spec.Records[i].Attrs.Comment = "ours"
		}
		c.UpdateTimeout = 10 * time.Second
	}), theirs: map[string][]sim.Record{}}
	for z := range x.zones {
		for _, r := range x.cloud.Records(zoneName(z)) {
			r.Comment = "ours"
			x.cloud.SetRecord(zoneName(z), r)
		}
	}
	gone := x.cloud.Records(zoneName(0))[0] // one is to be made
	x.cloud.RemoveRecord(zoneName(0), gone.ID)
	for i, name := range x.names {
		zone := zoneName(i % x.zones)
		there := sim.Address(name, "192.0.2.66")
		there.Comment = "by hand"
		for _, r := range []sim.Record{there, sim.Address("other"+name, "84.9.9.9")} {
			x.theirs[zone] = append(x.theirs[zone], x.cloud.AddRecord(zone, r))
		}
	}
	return x
}

// round makes a round, checks what holds after every one, and waits for the next.
func (x *shared) round(t *testing.T) status.Round {
	t.Helper()
	x.last = x.engine.Once(t.Context())
	x.unharmed(t)
	for _, z := range x.last.Zones {
		for _, d := range z.Done {
			if d.Err == nil && !x.stored(z, d) {
				t.Errorf("claimed is %s", d.Words())
			}
		}
	}
	if x.last.Outcome() != status.Failed && !x.right() && !x.believes {
		t.Errorf("the round was %v, and not all is right", x.last.Outcome())
	}
	time.Sleep(time.Minute)
	return x.last
}

func (x *shared) stored(z status.Zone, d status.Done) bool {
	for _, r := range x.cloud.Records(z.Name.String()) {
		if d.Action == plan.ToDelete && r.ID == d.Old.ID {
			return false
		}
		if d.Action != plan.ToDelete && r.Name == d.New.Name.String() && r.Content == d.New.Content() {
			return true
		}
	}
	return d.Action == plan.ToDelete
}

// unharmed fails the test when anything of others is not as it was, when an
// address is published where the home never was, or one stands there twice.
func (x *shared) unharmed(t *testing.T) {
	t.Helper()
	for z := range x.zones {
		byID, said := map[string]sim.Record{}, map[string]bool{}
		for _, r := range x.cloud.Records(zoneName(z)) {
			byID[r.ID] = r
			at := r.Name + " " + r.Type + " " + r.Content
			if said[at] {
				t.Errorf("%s stands there twice", at)
			}
			said[at] = true
			if r.Comment == "ours" && r.Content != "84.9.9.9" && r.Content != "2a02:8070::9" && !x.was(r.Content) {
				t.Errorf("published is %s", at)
			}
		}
		for _, r := range x.theirs[zoneName(z)] {
			if got := byID[r.ID]; !reflect.DeepEqual(got, r) {
				t.Errorf("what is not ours was touched: %v is %v now", r, got)
			}
		}
	}
}

// was reports whether the home has this address or had it in this test.
func (x *shared) was(content string) bool {
	for _, f := range addr.Families() {
		now := x.home.Addr(f)
		if content == now.String() || content == now.Prev().String() {
			return true
		}
	}
	return false
}

// right reports whether each name says where home is, once for each family, and
// what others let it say.
func (x *shared) right() bool {
	for i, name := range x.names {
		got := x.cloud.Contents(zoneName(i%x.zones), name)
		want := []string{"192.0.2.66", x.home.Addr(addr.IPv4).String()}
		if want[1] < want[0] {
			want[0], want[1] = want[1], want[0]
		}
		if fmt.Sprint(got) != fmt.Sprint(append(want, x.home.Addr(addr.IPv6).String())) {
			return false
		}
	}
	return true
}

// troubles returns how a call can go wrong on its way and at the host.
func troubles() map[string]sim.Fault {
	return map[string]sim.Fault{
		"500":                    sim.Refuse(http.StatusInternalServerError, 10001, "internal"),
		"502 as HTML":            sim.HTML(http.StatusBadGateway),
		"200 as HTML":            sim.HTML(http.StatusOK),
		"503 without a word":     sim.Answer(http.StatusServiceUnavailable, nil, ""),
		"200 and nothing in it":  sim.Answer(http.StatusOK, http.Header{"Content-Type": {"application/json"}}, "{}"),
		"403":                    sim.Refuse(http.StatusForbidden, 10000, "Authentication error"),
		"cut":                    sim.CutAnswer(),
		"half of the JSON":       sim.HalfJSON(),
		"reset":                  sim.Disconnect(),
		"done, and no answer":    sim.LoseAnswer(),
		"a timeout":              sim.Stall(),
		"done, and a timeout":    sim.StallAnswer(),
		"429":                    sim.Throttle(0),
		"429 with Retry-After":   sim.Throttle(90 * time.Second),
		"redirected":             sim.RedirectTo("http://192.0.2.1/"),
		"a listing with nothing": sim.EmptyList(),
	}
}

func TestNoTroubleOnTheWireDoesHarmAndAfterItAllIsRight(t *testing.T) {
	moments := map[string]func(sim.Call) bool{"zones": sim.ToRoute(sim.ListZones), "records": sim.ToRoute(sim.ListRecords), "writes": sim.IsWrite}
	for what, trouble := range troubles() {
		for when, moment := range moments {
			for _, lasts := range []time.Duration{0, 4 * time.Minute} {
				t.Run(fmt.Sprintf("%s at the %s for %v", what, when, lasts), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						x := buildShared(t)
						x.believes = what == "a listing with nothing" && when == "records"
						begun := time.Now()
						if lasts == 0 {
							x.cloud.Fail(moment, trouble.Times(1))
						} else {
							x.cloud.Fail(moment, trouble)
						}
						for moved := false; time.Since(begun) < lasts; {
							x.round(t)
							if !moved {
								x.move()
								moved = true
							}
						}
						if lasts > 0 {
							x.cloud.Heal()
						}
						x.recovers(t)
					})
				})
			}
		}
	}
}

// recovers makes rounds until two of them have tried something. A listing that
// says with every sign of truth that there is nothing is believed until the
// next one, which comes within the resync.
func (x *shared) recovers(t *testing.T) {
	t.Helper()
	for tries, rounds := 0, 0; !x.right() && tries < 2 && rounds < 40; rounds++ {
		if x.round(t); x.last.Calls > 0 && !x.believes {
			tries++
		}
	}
	if !x.right() {
		t.Errorf("not all is right again: %v", x.last.Conditions)
	}
	for range 3 {
		x.round(t)
	}
	if x.last.Outcome() != status.Unchanged {
		t.Errorf("in the end it is %v: %v", x.last.Outcome(), x.last.Conditions)
	}
}

func TestOneHostOfThreeThatLiesForDaysHarmsNobody(t *testing.T) {
	hosts := []string{"api.cloudflare.com", "www.cloudflare.com", "connectivity.cloudflareclient.com"}
	for _, host := range hosts {
		for _, stale := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, stale %v", host, stale), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					x := build(t, 2, 1, sim.Pipes)
					lie := netip.MustParseAddr("84.66.66.66")
					if stale {
						lie = x.home.Addr(addr.IPv4)
					}
					x.home.Lie(host, sim.Lie{Family: addr.IPv4, Addr: lie})
					if !stale {
						x.engine.Once(t.Context())
					}
					for range 30 {
						x.move()
						rounds := 0
						for x.wrong() > 0 && rounds < 10 {
							time.Sleep(5 * time.Minute)
							x.engine.Once(t.Context())
							rounds++
						}
						if rounds > 2 {
							t.Errorf("the truth was kept out for %d rounds", rounds)
						}
						for range 5 {
							time.Sleep(5 * time.Minute)
							x.engine.Once(t.Context())
							if x.wrong() > 0 {
								t.Fatalf("published is %v", x.cloud.Contents(zoneName(0), x.names[0]))
							}
						}
					}
				})
			})
		}
	}
}

// The host whose turn it is to be asked first rotates, and a stale one has its
// turn as well. That must not begin the count anew by which it is told from a
// second line.
func TestAnAddressThatReturnsIsPublishedThoughOneHostOfThreeIsStale(t *testing.T) {
	for _, host := range []string{"api.cloudflare.com", "www.cloudflare.com", "connectivity.cloudflareclient.com"} {
		synctest.Test(t, func(t *testing.T) {
			x := build(t, 1, 1, sim.Pipes)
			rounds := func() (n int) {
				for n = 0; n < 12 && (n == 0 || x.wrong() > 0); n++ {
					x.engine.Once(t.Context())
					time.Sleep(5 * time.Minute)
				}
				return n
			}
			first := x.home.Addr(addr.IPv4)
			rounds()
			x.move()
			rounds()
			x.home.Lie(host, sim.Lie{Family: addr.IPv4, Addr: x.home.Addr(addr.IPv4)})
			x.home.Set(addr.IPv4, first)
			if n := rounds(); n > 5 { // twice it is asked first, two rounds it is believed
				t.Errorf("%s: published in round %d", host, n)
			}
		})
	}
}
