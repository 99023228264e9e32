package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

// owning returns a house at a host whose records have no comments, so that marks are
// TXT records.
func owning(t *testing.T, w way, owner string, names ...string) (*house, *Engine) {
	h := newHouse(t)
	z := memory.Zone(mustName(t, "example.org"))
	z.Guard, z.Limits.Comment = w.guard, -1
	h.host.AddZone(z)
	if w.sets {
		h.host.WriteSets()
	}
	return h, h.engine(names, h.both, func(c *Config) { c.Accounts[0].Spec.OwnerID = owner })
}

// paired fails the test when a record of a family stands without its mark, or a
// mark without its record where none is to be made any more.
func (h *house) paired(labels ...string) {
	h.t.Helper()
	for _, l := range labels {
		for typ, prefix := range map[dns.Type]string{dns.A: "a-", dns.AAAA: "aaaa-"} {
			record := slices.ContainsFunc(h.host.At(mustName(h.t, l+".example.org")), func(r dns.Record) bool { return r.Type == typ })
			mark := slices.ContainsFunc(h.host.At(mustName(h.t, prefix+l+".example.org")), func(r dns.Record) bool { return r.Type == dns.TXT })
			if record && !mark {
				h.t.Errorf("%s of %s stands without a mark: %v", typ, l, h.host.All())
			}
		}
	}
}

// Whatever goes wrong, a record never stands without its mark, and in the end both
// do, and after a cleanup none.
func TestNoFaultPartsARecordFromItsMark(t *testing.T) {
	for _, w := range ways() {
		for _, f := range faults() {
			t.Run(w.name+"/"+f.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h, e := owning(t, w, "home", "a.example.org", "b.example.org")
					h.moveTo(home1)
					begun := time.Now()
					h.host.SetHook(func(c memory.Call) *provider.Error {
						if c.Step != f.step || c.Done != f.late || time.Since(begun) > 3*time.Minute {
							return nil
						}
						return &provider.Error{Kind: f.kind, RetryAfter: f.wait, Err: errors.New("it is made to fail")}
					})
					for range 200 {
						r := e.round(t.Context(), looping)
						h.paired("a", "b")
						if time.Since(begun) > 2*time.Hour {
							break
						}
						time.Sleep(time.Until(r.Next))
					}
					if n := len(h.host.All()); n != 4 {
						t.Errorf("in the end there are %d records: %v", n, h.host.All())
					}
					if r := e.Clear(t.Context()); r.Outcome() == status.Failed || len(h.host.All()) > 0 {
						t.Errorf("a cleanup is %v and leaves %v", r.Outcome(), h.host.All())
					}
				})
			})
		}
	}
}

// A host that refuses the mark is given no record.
func TestARefusedMarkHoldsBackItsRecordAndNoOther(t *testing.T) {
	for _, w := range ways() {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, e := owning(t, w, "home", "a.example.org", "b.example.org")
				h.moveTo(home1)
				h.host.SetHook(func(c memory.Call) *provider.Error {
					if c.Step == memory.WriteRRset && !c.Done && strings.HasPrefix(c.Key.String(), "TXT a-a.") {
						return &provider.Error{Kind: provider.Rejected, Err: errors.New("no TXT there")}
					}
					return nil
				})
				r := e.round(t.Context(), looping)
				h.paired("a", "b")
				if r.Outcome() != status.Failed || len(h.host.At(mustName(t, "a.example.org"))) > 0 || len(h.host.At(mustName(t, "b.example.org"))) != 1 {
					t.Errorf("the round is %v: %v, %v", r.Outcome(), r.Conditions, h.host.All())
				}
			})
		})
	}
}
