package memory

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/providertest"
)

func name(t *testing.T, s string) dns.Name {
	t.Helper()
	n, err := dns.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The contract holds for hosts that write records and for those that are given
// whole sets, with little or much that they can store.
func TestContract(t *testing.T) {
	rich := Zone(name(t, "example.org")).Limits
	rich.Tags = 20
	sets := plan.Limits{MinTTL: 1, MaxTTL: 604800, AutoTTL: 300, Comment: 200, Tags: -1, NoProxy: true, OneTTL: true, OneMark: true, Batch: 50}
	bare := plan.Limits{MinTTL: 60, MaxTTL: 86400, AutoTTL: 3600, Comment: -1, Tags: -1, NoProxy: true, OneTTL: true, OneMark: true, Values: 8, Batch: 1}
	for what, c := range map[string]struct {
		limits plan.Limits
		guard  provider.Guard
		sets   bool
	}{
		"records":                   {rich, provider.Unguarded, false},
		"sets, which nobody guards": {sets, provider.Unguarded, true},
		"sets, each guarded":        {bare, provider.GuardsSet, true},
		"sets, guarded as a batch":  {sets, provider.GuardsBatch, true},
	} {
		t.Run(what, func(t *testing.T) {
			providertest.Run(t, func(t *testing.T) providertest.Subject { return subject(t, c.limits, c.guard, c.sets) })
		})
	}
}

func subject(t *testing.T, limits plan.Limits, guard provider.Guard, sets bool) providertest.Subject {
	zone, sub := Zone(name(t, "example.org")), Zone(name(t, "sub.example.org"))
	zone.Limits, sub.Limits = limits, limits
	zone.Guard, sub.Guard = guard, guard
	h := New(zone, sub, Zone(name(t, "ample.org")))
	if sets {
		h.WriteSets()
	}
	var mu sync.Mutex
	var trace []string
	h.SetHook(func(c Call) *provider.Error {
		if word := map[Step]string{ReadRRset: "read", ReadRecords: "read", WriteRRset: "write"}[c.Step]; word != "" && !c.Done {
			mu.Lock()
			defer mu.Unlock()
			trace = append(trace, word)
		}
		return nil
	})
	s := providertest.Subject{
		Provider: h, Zone: zone.Name, SubZone: sub.Name, Sets: sets,
		Many: 2*min(limits.Batch, 50) + 1,
		Seed: func(t *testing.T, records ...dns.Record) {
			for _, r := range records {
				h.Put(r)
			}
		},
		Stored: func(t *testing.T, n dns.Name) []dns.Record { return h.At(n) },
		Trace: func(*testing.T) []string {
			mu.Lock()
			defer mu.Unlock()
			defer func() { trace = nil }()
			return trace
		},
		Lists: &providertest.ListHost{
			Account: "account",
			Seed:    func(t *testing.T, l plan.List, items ...plan.ListItem) { h.SetList(l, items...) },
			Stored: func(t *testing.T, l plan.List) (string, []plan.ListItem, bool) {
				items, ok := h.Items(l)
				return h.Description(l), items, ok
			},
			RefuseItems: func(t *testing.T) { h.SetHook(refuseItems) },
		},
		Faults: &providertest.Faults{
			LoseAnswers: func(t *testing.T) { h.SetHook(loseAnswers) },
			GoDown:      func(t *testing.T) { h.SetHook(down) },
			Hang:        func(t *testing.T) { h.SetLatency(time.Hour, time.Hour) },
			Ignore:      func(*testing.T, dns.Record) { h.IgnoreWrites() },
		},
	}
	if limits.Tags > 0 {
		s.Tags = []string{"owner:homing", "place:home"}
	}
	return s
}

func loseAnswers(c Call) *provider.Error {
	switch c.Step {
	case WriteBatch, MakeList, AddItems, DropItems:
	default:
		return nil
	}
	if c.Done {
		return &provider.Error{Kind: provider.Unconfirmed, Err: errors.New("the answer was lost")}
	}
	return nil
}

func refuseItems(c Call) *provider.Error {
	if c.Step == AddItems {
		return &provider.Error{Kind: provider.Rejected, Err: errors.New("no more items")}
	}
	return nil
}

func down(Call) *provider.Error {
	return &provider.Error{Kind: provider.Unavailable, Err: errors.New("the host is down")}
}

// host is one zone with so many records at names of their own, and the
// changes that would make each of them.
func host(t *testing.T, limits plan.Limits, records int) (*Host, provider.Zone, []plan.Change) {
	t.Helper()
	z := Zone(name(t, "example.org"))
	z.Limits = limits
	var changes []plan.Change
	for i := range records {
		r := dns.Record{Name: name(t, fmt.Sprintf("n%d.example.org", i/2)), Type: dns.A, TTL: 300,
			Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})}
		changes = append(changes, plan.Change{Action: plan.ToCreate, New: r})
	}
	return New(z), z, changes
}

func TestBatchesAreCountedTakeTimeAndNeverSplitAnRRset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, z, changes := host(t, plan.Limits{Batch: 5}, 12) // six RRsets of two
		h.SetLatency(60*time.Millisecond, 120*time.Millisecond)
		var sizes []int
		h.SetHook(func(c Call) *provider.Error {
			if c.Step == WriteBatch && !c.Done {
				sizes = append(sizes, len(c.Changes))
			}
			return nil
		})
		start := time.Now()
		for _, r := range providertest.Apply(t.Context(), h, z, nil, changes...) {
			if r.Err != nil {
				t.Error(r.Err)
			}
		}
		if _, err := h.Records(t.Context(), z, nil); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 3*120*time.Millisecond+60*time.Millisecond {
			t.Errorf("it took %s", took)
		}
		if !slices.Equal(sizes, []int{4, 4, 4}) || h.Calls() != 4 {
			t.Errorf("batches of %v, %d calls", sizes, h.Calls())
		}
	})
}

func TestAStoppedApplyFinishesTheBatchUnderWayAndBeginsNoOther(t *testing.T) {
	tests := []struct {
		latency time.Duration // of each of three batches of two changes
		stop    time.Duration
		want    string
	}{
		{time.Second, 1500 * time.Millisecond, "done done done done not-tried not-tried"},
		{10 * time.Second, 12 * time.Second, "done done unconfirmed unconfirmed not-tried not-tried"},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			h, z, changes := host(t, plan.Limits{Batch: 2}, 6)
			h.SetLatency(0, tt.latency)
			ctx, cancel := context.WithTimeout(t.Context(), tt.stop)
			defer cancel()
			var kinds []string
			for _, r := range providertest.Apply(ctx, h, z, nil, changes...) {
				word := "done"
				if r.Err != nil {
					word = strings.ReplaceAll(r.Err.Kind.String(), " ", "-")
				}
				kinds = append(kinds, word)
			}
			done := strings.Count(tt.want, "done")
			if got := strings.Join(kinds, " "); got != tt.want || len(h.All()) != done || h.Calls() != 2 {
				t.Errorf("%s, %d records, %d calls; want %s", got, len(h.All()), h.Calls(), tt.want)
			}
		})
	}
}

func TestAHookCanRefuseOneRRset(t *testing.T) {
	h, z, changes := host(t, plan.Limits{}, 6)
	h.SetHook(func(c Call) *provider.Error {
		if c.Step == WriteRRset && c.Key == changes[2].Key() {
			return &provider.Error{Kind: provider.Rejected, Err: errors.New("not this one")}
		}
		return nil
	})
	for i, r := range providertest.Apply(t.Context(), h, z, nil, changes...) {
		if refused := i == 2 || i == 3; refused != (r.Err != nil) {
			t.Errorf("change %d: %v", i, r.Err)
		}
	}
	if got := len(h.All()); got != 4 {
		t.Errorf("%d records are stored", got)
	}
}

func TestAFullZoneTakesUpdatesButNoRecordMore(t *testing.T) {
	h, z, changes := host(t, plan.Limits{}, 3)
	h.SetQuota(z.Name, 2)
	results := providertest.Apply(t.Context(), h, z, nil, changes...)
	if results[0].Err != nil || results[1].Err != nil || results[2].Err == nil || results[2].Err.Kind != provider.Rejected {
		t.Fatalf("%v", results)
	}
	moved := results[0].Record
	moved.Addr = netip.MustParseAddr("198.51.100.1")
	update := plan.Change{Action: plan.ToUpdate, Old: results[0].Record, New: moved}
	if r := providertest.Apply(t.Context(), h, z, nil, update); r[0].Err != nil {
		t.Error(r[0].Err)
	}
	h.Remove(results[1].Record.ID)
	if r := providertest.Apply(t.Context(), h, z, nil, changes[2:]...); r[0].Err != nil {
		t.Error(r[0].Err)
	}
}

func TestAnRRsetIsWrittenWholeOrNotAtAll(t *testing.T) {
	_, z, changes := host(t, plan.Limits{}, 2)
	changes[1].New.TTL = 1 << 30
	z.Limits.MaxTTL = 86400
	h := New(z)
	results := providertest.Apply(t.Context(), h, z, nil, changes...)
	if results[0].Err == nil || results[0].Err.Kind != provider.NotTried || results[1].Err == nil || results[1].Err.Kind != provider.Rejected {
		t.Errorf("%v", results)
	}
	if got := h.All(); len(got) != 0 {
		t.Errorf("stored are %v", got)
	}
}

func TestReadOnlyRecordsRefuseWrites(t *testing.T) {
	h, z, changes := host(t, plan.Limits{}, 1)
	r := changes[0].New
	r.ReadOnly = true
	r = h.Put(r)
	moved := r
	moved.Addr = netip.MustParseAddr("198.51.100.1")
	for _, c := range []plan.Change{{Action: plan.ToUpdate, Old: r, New: moved}, {Action: plan.ToDelete, Old: r}} {
		if got := providertest.Apply(t.Context(), h, z, nil, c); got[0].Err == nil || got[0].Err.Kind != provider.Rejected {
			t.Errorf("%s: %v", c.Action, got[0].Err)
		}
	}
	if got := h.At(r.Name); len(got) != 1 || !got[0].Equal(&r) {
		t.Errorf("stored is %v", got)
	}
}

func TestOverlappingCallsForAZoneAreTheCallersFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, z, changes := host(t, plan.Limits{}, 1)
		h.SetLatency(time.Second, time.Second)
		var wg sync.WaitGroup
		wg.Go(func() { providertest.Apply(t.Context(), h, z, nil, changes...) })
		synctest.Wait()
		defer wg.Wait()
		defer func() {
			if recover() == nil {
				t.Error("a second call was accepted")
			}
		}()
		h.Records(t.Context(), z, nil)
	})
}

func TestListsAreCountedTakeTimeAndKeepToTheirQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _, _ := host(t, plan.Limits{}, 0)
		h.SetLatency(60*time.Millisecond, 120*time.Millisecond)
		h.SetListQuota(1)
		home := plan.List{Account: "a", Name: "home"}
		add := plan.ListChange{Action: plan.ToCreate, Item: plan.ListItem{Prefix: netip.MustParsePrefix("192.0.2.1/32")}}
		start := time.Now()
		got, err := h.ApplyList(t.Context(), home, provider.List{}, []plan.ListChange{add}) // makes, adds, reads
		if err != nil || len(got.Items) != 1 {
			t.Fatalf("%v, %v", got, err)
		}
		if took := time.Since(start); took != 300*time.Millisecond || h.Calls() != 3 {
			t.Errorf("it took %s and %d calls", took, h.Calls())
		}
		_, err = h.ApplyList(t.Context(), plan.List{Account: "a", Name: "office"}, provider.List{}, []plan.ListChange{add})
		if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind != provider.Rejected {
			t.Errorf("a second list: %v", err)
		}
	})
}

func TestWhatIsStoredMayBeVisibleLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, z, changes := host(t, plan.Limits{}, 1)
		h.SetLag(30 * time.Second)
		r := h.Apply(t.Context(), z, []plan.Set{{Key: changes[0].Key(), Changes: changes}})[0]
		if len(h.At(changes[0].New.Name)) != 1 || r.Receipt == "" {
			t.Fatalf("stored is %v, with the receipt %q", h.All(), r.Receipt)
		}
		for _, want := range []bool{false, true} {
			if got, err := h.Propagated(t.Context(), z, r.Receipt); err != nil || got != want {
				t.Errorf("visible: %t, %v", got, err)
			}
			time.Sleep(30 * time.Second)
		}
		if _, err := h.Propagated(t.Context(), z, "another"); err == nil {
			t.Error("a receipt of nobody's is taken")
		}
	})
}
