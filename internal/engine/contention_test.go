package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

// door lets one process at a time speak to a host, as the host of two would:
// the memory host takes it for a fault of the engine's when two calls meet.
type door struct {
	*memory.Host
	open chan struct{}
}

func newDoor(h *memory.Host) door { return door{h, make(chan struct{}, 1)} }

func (d door) enter() (leave func()) {
	d.open <- struct{}{}
	return func() { <-d.open }
}

func (d door) Records(ctx context.Context, z provider.Zone, names []dns.Name) ([]dns.Record, error) {
	defer d.enter()()
	return d.Host.Records(ctx, z, names)
}

func (d door) Apply(ctx context.Context, z provider.Zone, sets []plan.Set) []provider.SetResult {
	defer d.enter()()
	return d.Host.Apply(ctx, z, sets)
}

// neighbour returns another place that uses the same DNS host.
func (h *house) neighbour(at string) *house {
	n := newHouse(h.t)
	n.host = h.host
	n.moveTo(at)
	return n
}

// through makes an engine go through the door, and own only the records that
// carry its mark; all of them when the mark is empty.
func through(d door, mark string) func(*Config) {
	return func(c *Config) {
		a := &c.Accounts[0]
		a.Provider = d
		if mark == "" {
			return
		}
		a.Spec.Owned = regexp.MustCompile("^" + mark + "$")
		for i := range a.Spec.Records {
			a.Spec.Records[i].Attrs.Comment = mark
		}
	}
}

func rivalOf(r status.Round) (status.Condition, bool) {
	i := slices.IndexFunc(r.Conditions, func(c status.Condition) bool { return c.Code == status.Rival })
	if i < 0 {
		return status.Condition{}, false
	}
	return r.Conditions[i], true
}

func TestTwoInstancesWithOneNameDoNotFightForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		other, d := h.neighbour(home2), newDoor(h.host)
		writes := map[string]int{}
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteRRset && c.Done {
				writes[c.Changes[0].New.Content()]++
			}
			return nil
		})
		var mine, theirs []status.Round
		e := h.engine([]string{"a.example.org"}, through(d, ""), counted(&mine))
		f := other.engine([]string{"a.example.org"}, through(d, ""), counted(&theirs))
		var wg sync.WaitGroup
		wg.Go(func() { run(t, e, 24*time.Hour) })
		time.Sleep(7*time.Minute + time.Second)
		run(t, f, 24*time.Hour)
		wg.Wait()

		if writes[home1] > 30 || writes[home2] > 30 {
			t.Errorf("they wrote %v in a day", writes)
		}
		for _, rounds := range [][]status.Round{mine, theirs} {
			for i, r := range rounds[len(rounds)/4:] {
				if _, ok := rivalOf(r); !ok || r.Outcome() != status.Failed {
					t.Fatalf("in round %d, hours into the fight, it is not said: %v", i, r.Conditions)
				}
			}
		}
	})
}

func TestARivalIsReportedFromTheThirdTimeOnAndOverWhenItIsCalm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org", "b.example.org"})
		meddle, from := true, time.Now()
		var repaired []time.Duration
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteRRset && c.Done && c.Changes[0].Action == plan.ToUpdate {
				repaired = append(repaired, time.Since(from))
			}
			return nil
		})
		var last status.Round
		day := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(5 * time.Minute) {
				last = e.round(t.Context(), looping)
				if r := h.host.At(mustName(t, "a.example.org"))[0]; meddle && r.Content() == home1 {
					h.host.Remove(r.ID)
					h.put("a.example.org", "192.0.2.9")
				}
			}
		}
		day(5 * time.Hour)
		c, ok := rivalOf(last)
		if !ok || !strings.Contains(c.Text, "changes it to 192.0.2.9") || !strings.Contains(c.Hint.String(), "policy.owner") {
			t.Errorf("said is %v", last.Conditions)
		}
		const want = "[15m0s 30m0s 1h0m0s 1h30m0s 2h30m0s 3h30m0s 4h30m0s]"
		if got := fmt.Sprint(repaired); got != want {
			t.Errorf("put right after %v, want %v", got, want)
		}
		meddle = false
		day(3 * time.Hour)
		h.wants("a.example.org", dns.A, home1)
		if last.Outcome() != status.Unchanged {
			t.Errorf("hours later it is %v: %v", last.Outcome(), last.Conditions)
		}
		for _, z := range e.accounts[0].zones {
			if len(z.contentions) > 0 || z.previous != nil {
				t.Errorf("kept in memory: %v, %v", z.contentions, z.previous)
			}
		}
	})
}

func TestARivalIsPutRightAtOnceWhenAPersonAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org"})
		for i := range 6 {
			e.Invalidate()
			r := e.round(t.Context(), looping)
			h.wants("a.example.org", dns.A, home1)
			if _, ok := rivalOf(r); ok != (i >= contentionTimes) {
				t.Errorf("after %d changes back: %v", i, r.Conditions)
			}
			for _, r := range h.host.All() {
				h.host.Remove(r.ID)
			}
			time.Sleep(time.Minute)
		}
		time.Sleep(15 * time.Minute) // and what nobody asked for waits as before
		e.round(t.Context(), looping)
		h.wants("a.example.org", dns.A)
	})
}

// hands returns what a person may do to a record of ours.
func hands() map[string]func(h *house, r dns.Record) {
	return map[string]func(h *house, r dns.Record){
		"deletes": func(h *house, r dns.Record) { h.host.Remove(r.ID) },
		"changes": func(h *house, r dns.Record) { r.Addr = mustAddr("192.0.2.9"); h.host.Put(r) },
		"doubles": func(h *house, r dns.Record) { r.ID, r.Addr = "", mustAddr("192.0.2.9"); h.host.Put(r) },
		"repeats": func(h *house, r dns.Record) { r.ID = ""; h.host.Put(r) },
	}
}

func TestAHandIsPutRightWithinTheResyncOrAtOnceWhenAsked(t *testing.T) {
	for what, hand := range hands() {
		for _, asked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, asked %v", what, asked), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := newHouse(t, "example.org")
					e := h.engine([]string{"a.example.org"})
					wait := 15 * time.Minute
					time.AfterFunc(7*time.Minute, func() {
						hand(h, h.host.At(mustName(t, "a.example.org"))[0])
						if asked {
							e.Invalidate()
							e.Trigger()
						}
					})
					if asked {
						wait = time.Second
					}
					run(t, e, 7*time.Minute+wait)
					h.wants("a.example.org", dns.A, home1)
				})
			})
		}
	}
}

func TestHandsHoursApartAreNoRivalsNorIsAMove(t *testing.T) {
	deeds := hands()
	moves := 0
	deeds["moves us"] = func(h *house, _ dns.Record) {
		moves++ // an address that comes back again and again would be a second line
		h.moveTo(fmt.Sprintf("81.2.69.%d", moves))
	}
	for what, hand := range deeds {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "example.org")
				e := h.engine([]string{"a.example.org"})
				for range 10 {
					e.round(t.Context(), looping)
					hand(h, h.host.At(mustName(t, "a.example.org"))[0])
					time.Sleep(2 * time.Hour)
					r := e.round(t.Context(), looping)
					h.wants("a.example.org", dns.A, h.addr(addr.IPv4))
					if r.Outcome() != status.Changed {
						t.Errorf("%v: %v", r.Outcome(), r.Conditions)
					}
				}
			})
		})
	}
}

// Two processes share names by their comments. Whatever the order in which
// they act, each ends with exactly its own addresses, and never touches what
// is another's.
func TestInstancesThatShareNamesEachKeepTheirOwnAddresses(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rnd := rand.New(rand.NewPCG(seed, 4))
				h := newHouse(t, "example.org")
				h.host.SetLatency(time.Second, 2*time.Second)
				other, d := h.neighbour(home2), newDoor(h.host)
				names := []string{"a.example.org", "b.example.org"}
				stranger := h.put("a.example.org", "192.0.2.77")
				stranger.Comment = "by hand"
				h.host.Put(stranger)
				h.hook(onlyTheirOwn(t))

				var wg sync.WaitGroup
				for who, at := range map[string]*house{"one": h, "two": other} {
					e := at.engine(names, through(d, who))
					steps := rnd.Perm(12)
					wg.Go(func() {
						for _, s := range steps {
							time.Sleep(time.Duration(s+1) * 700 * time.Millisecond)
							switch s % 4 {
							case 0:
								at.moveTo(fmt.Sprintf("81.2.%d.%d", len(who)+int(who[0])%7, 10+s))
							case 1:
								e.Invalidate()
							}
							e.round(t.Context(), looping)
						}
						at.moveTo(map[string]string{"one": home1, "two": home2}[who])
						time.Sleep(time.Hour) // damping ends
						for range 3 {
							e.round(t.Context(), looping)
							time.Sleep(10 * time.Minute)
						}
					})
				}
				wg.Wait()
				h.wants("a.example.org", dns.A, home1, home2, "192.0.2.77")
				h.wants("b.example.org", dns.A, home1, home2)
				for _, r := range h.host.All() {
					if want := map[string]string{home1: "one", home2: "two"}[r.Content()]; want != "" && r.Comment != want {
						t.Errorf("%s belongs to %q", r.Content(), r.Comment)
					}
				}
			})
		})
	}
}

// onlyTheirOwn fails the test when a change crosses from one owner to another.
func onlyTheirOwn(t *testing.T) func(memory.Call) *provider.Error {
	return func(c memory.Call) *provider.Error {
		for _, ch := range c.Changes {
			if ch.Action != plan.ToCreate && ch.Old.Comment == "by hand" ||
				ch.Action == plan.ToUpdate && ch.Old.Comment != ch.New.Comment {
				t.Errorf("a foreign record was to be changed: %v", ch)
			}
			if owner := c.Changes[0]; ch.Action != plan.ToCreate && owner.Action != plan.ToCreate && ch.Old.Comment != owner.Old.Comment {
				t.Errorf("one call changes records of two owners: %v", c.Changes)
			}
		}
		return nil
	}
}
