package engine

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

// fault is one way for a call to fail.
type fault struct {
	step memory.Step
	late bool // it was carried out all the same
	kind provider.Kind
	wait time.Duration
}

func (f fault) String() string {
	when := map[bool]string{false: "before", true: "after"}[f.late]
	return fmt.Sprintf("%v %s step %d, wait %v", f.kind, when, f.step, f.wait)
}

// faults returns every one that the contract of a provider leaves room for: an
// error after a write is always one that the answer was lost.
func faults() []fault {
	var out []fault
	for _, step := range []memory.Step{memory.FindZones, memory.ReadRecords, memory.WriteBatch, memory.ReadRRset, memory.WriteRRset} {
		writes := step == memory.WriteBatch || step == memory.WriteRRset
		for k := provider.Unconfirmed; k <= provider.NotTried; k++ {
			out = append(out, fault{step: step, kind: k})
			if !writes || k == provider.Unconfirmed {
				out = append(out, fault{step: step, kind: k, late: true})
			}
		}
		out = append(out, fault{step: step, kind: provider.Throttled, wait: 5 * time.Minute})
	}
	return out
}

func TestNoFaultDoesHarmAndAfterItAllIsRightWithinTwoTries(t *testing.T) {
	for _, w := range ways() {
		t.Run(w.name, func(t *testing.T) { noFaultDoesHarm(t, w) })
	}
}

func noFaultDoesHarm(t *testing.T, w way) {
	for _, f := range faults() {
		for _, lasts := range []time.Duration{0, 3 * time.Minute, time.Hour} {
			t.Run(fmt.Sprintf("%v for %v", f, lasts), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScene(t, w)
					begun, over := time.Now(), false
					s.hook(func(c memory.Call) *provider.Error {
						if over || c.Step != f.step || c.Done != f.late {
							return nil
						}
						over = lasts == 0
						return &provider.Error{Kind: f.kind, RetryAfter: f.wait, Err: errors.New("a fault")}
					})
					moved := false
					for r := s.round(); time.Since(begun) < lasts; r = s.round() {
						if !r.Next.After(r.Started) {
							t.Fatal("it is tried again without a pause")
						}
						if !moved { // while it lasts
							s.moveTo(home2)
							moved = true
						}
					}
					over = true
					var r status.Round
					for tries := 0; tries < 2 && !s.right(); {
						if r = s.round(); r.Calls > 0 { // a round within a pause tries nothing
							tries++
						}
						if time.Since(begun) > lasts+nameMost+10*time.Minute {
							break
						}
					}
					if !s.right() {
						t.Errorf("two tries later not all is right: %v", r.Conditions)
					}
					if r := s.round(); r.Outcome() != status.Unchanged {
						t.Errorf("in the end it is %v: %v", r.Outcome(), r.Conditions)
					}
				})
			})
		}
	}
}

// A process that is killed leaves what its calls have done, and the answer to
// the last one reaches nobody.
func TestAfterAKillAtAnyCallOneRoundMakesAllRight(t *testing.T) {
	for _, w := range ways() {
		t.Run(w.name, func(t *testing.T) { killsDoNoHarm(t, w) })
	}
}

func killsDoNoHarm(t *testing.T, w way) {
	for _, late := range []bool{false, true} {
		for cut := 1; ; cut++ {
			killed := true
			t.Run(fmt.Sprintf("at step %d, late %v", cut, late), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScene(t, w)
					n := 0
					s.hook(func(c memory.Call) *provider.Error {
						if c.Done == late {
							n++
						}
						if n >= cut {
							return &provider.Error{Kind: provider.Unconfirmed, Err: errors.New("killed")}
						}
						return nil
					})
					s.engine.round(t.Context(), single)
					killed = n >= cut
					s.unharmed()
					s.host.SetHook(nil)
					s.engine = s.restarted()
					s.round()
					if !s.right() {
						t.Errorf("after the restart there are %v", s.host.All())
					}
				})
			})
			if !killed || t.Failed() {
				break
			}
		}
	}
}

func TestAFamilyThatFlapsOrIsDownHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, ways()[0])
		s.lose(addr.IPv6)
		for i := range 12 {
			s.moveTo(fmt.Sprintf("81.2.69.%d", i+1))
			r := s.engine.round(t.Context(), looping)
			s.unharmed()
			for _, n := range sceneNames()[:4] {
				for _, got := range s.host.At(mustName(t, n)) {
					if got.Comment == "ours" && got.Type == dns.A && got.Content() != s.addr(addr.IPv4) {
						t.Errorf("%s is %s although only IPv6 is not known", n, got.Content())
					}
				}
			}
			if !has(r, status.AddressUnknown) {
				t.Errorf("said is %v", r.Conditions)
			}
			time.Sleep(11 * time.Minute)
		}
	})
}
