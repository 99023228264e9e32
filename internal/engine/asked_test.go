package engine

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
)

// Whoever asks for a round, and a machine that woke up, comes no sooner than the
// host said; what it was not asked about goes on.
func TestAHostIsLeftAloneAsLongAsItAskedWhoeverAsksForARound(t *testing.T) {
	for name, step := range map[string]memory.Step{"zones": memory.FindZones, "records": memory.ReadRecords, "a change": memory.WriteBatch, "a list": memory.ReadList} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "example.org")
				e := h.engine([]string{"a.example.org"}, listed(homeList()))
				calls := 0
				h.hook(func(c memory.Call) *provider.Error {
					if c.Step != step || c.Done {
						return nil
					}
					calls++
					return &provider.Error{Kind: provider.Throttled, RetryAfter: 5 * time.Minute, Err: errors.New("too many")}
				})
				e.round(t.Context(), looping)
				for range 4 {
					time.Sleep(time.Minute)
					e.Invalidate()
					if r := e.round(t.Context(), looping); calls != 1 || len(r.Conditions) == 0 {
						t.Fatalf("%d calls before the host was to be asked again: %v", calls, r.Conditions)
					}
				}
				h.host.SetHook(nil)
				time.Sleep(time.Minute)
				e.round(t.Context(), looping)
				h.wants("a.example.org", dns.A, home1)
				h.lists(homeList(), home1+"/32")
			})
		})
	}
}
