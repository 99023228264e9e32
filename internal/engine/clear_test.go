package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

// furnished returns a house whose two names hold records of ours and of others.
func furnished(t *testing.T) (h *house, ours []dns.Record) {
	h = newHouse(t, "example.org", "example.net")
	for _, n := range []string{"a.example.org", "b.example.net"} {
		for i, a := range []string{"192.0.2.1", "192.0.2.2", "2001:db8::1"} {
			r := h.put(n, a)
			if i != 1 {
				r.Comment = "ours"
				ours = append(ours, h.host.Put(r))
			}
		}
		read := h.put(n, "192.0.2.3")
		read.Comment, read.ReadOnly = "ours", true
		h.host.Put(read)
	}
	h.put("c.example.org", "192.0.2.1")
	return h, ours
}

func marked(c *Config) { c.Accounts[0].Spec.Owned = regexp.MustCompile("^ours$") }

func TestClearDeletesWhatIsOursInTheFamiliesInScopeAndNothingElse(t *testing.T) {
	for _, scope := range [][]addr.Family{nil, {addr.IPv4}, {addr.IPv6}, {addr.IPv4, addr.IPv6}} {
		t.Run(fmt.Sprint(scope), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, ours := furnished(t)
				h.hook(noCreation(t))
				doomed := map[string]bool{}
				e := h.engine([]string{"a.example.org", "b.example.net"}, marked, func(c *Config) {
					c.Panels = map[plan.Origin]*detect.Detector{}
					for _, f := range scope {
						c.Panels[plan.Here(f)] = h.panel(f)
						for _, r := range ours {
							doomed[r.ID] = doomed[r.ID] || plan.FamilyOf(r.Type) == f
						}
					}
				})
				before := h.host.All()
				n := 0
				for _, d := range doomed {
					if d {
						n++
					}
				}
				if r := e.PlanClear(t.Context()); r.Pending() != n || !r.Dry || len(h.host.All()) != len(before) {
					t.Errorf("planned are %d changes, want %d", r.Pending(), n)
				}
				r := e.Clear(t.Context())
				if done, failed := r.Count(); done != n || failed != 0 || r.Outcome() == status.Failed || len(r.Seen) != 0 {
					t.Errorf("%d done, %d failed, want %d done: %v", done, failed, n, r.Conditions)
				}
				left := map[string]bool{}
				for _, r := range h.host.All() {
					left[r.ID] = true
				}
				for _, r := range before {
					if left[r.ID] == doomed[r.ID] {
						t.Errorf("%v: left is %v", r, left[r.ID])
					}
				}
				if h.looks() != 0 {
					t.Error("somebody was asked for an address")
				}
			})
		})
	}
}

func TestClearAfterRoundsReadsAgainAndCostsAListingAndAWriteAZone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org", "example.net")
		e := h.engine([]string{"a.example.org", "b.example.net"})
		e.round(t.Context(), looping)
		h.put("a.example.org", "192.0.2.1") // meanwhile, and the name is managed whole
		h.hook(noCreation(t))
		if r := e.Clear(t.Context()); r.Calls != 4 || r.Outcome() != status.Changed {
			t.Errorf("%d calls, %v: %v", r.Calls, r.Outcome(), r.Conditions)
		}
		if all := h.host.All(); len(all) > 0 {
			t.Errorf("left is %v", all)
		}
	})
}

func TestClearThatDeletesAllIsNoFailureBecauseOfARival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org"})
		for range 5 {
			e.Invalidate()
			e.round(t.Context(), looping)
			r := h.host.At(mustName(t, "a.example.org"))[0]
			h.host.Remove(r.ID)
			h.put("a.example.org", "192.0.2.9")
		}
		if _, ok := rivalOf(e.round(t.Context(), looping)); !ok {
			t.Fatal("there is no rival")
		}
		if r := e.Clear(t.Context()); r.Outcome() != status.Changed || len(h.host.All()) > 0 {
			t.Errorf("%v: %v; left is %v", r.Outcome(), r.Conditions, h.host.All())
		}
	})
}

func TestClearIsOverInItsTimeAndSaysWhatIsLeft(t *testing.T) {
	slow := map[string]func(h *house){
		"reads that hang":    func(h *house) { h.host.SetLatency(time.Hour, 0) },
		"writes that hang":   func(h *house) { h.host.SetLatency(time.Millisecond, time.Hour) },
		"reads take 5 s":     func(h *house) { h.host.SetLatency(5*time.Second, 5*time.Second) },
		"writes take 9 s":    func(h *house) { h.host.SetLatency(time.Second, 9*time.Second) },
		"refused":            failing(provider.Rejected),
		"the host is down":   failing(provider.Unavailable),
		"a refused token":    failing(provider.Auth),
		"too many calls":     failing(provider.Throttled),
		"the answer is lost": failing(provider.Unconfirmed),
	}
	for what, trouble := range slow {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "example.org")
				e := h.engine([]string{"a.example.org"})
				e.round(t.Context(), looping)
				trouble(h)
				ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
				defer cancel()
				r := e.Clear(ctx)
				if r.Took > 8*time.Second {
					t.Errorf("took %v", r.Took)
				}
				if len(r.Conditions) == 0 || r.Outcome() != status.Failed {
					t.Errorf("%v, said is %v", r.Outcome(), r.Conditions)
				}
				if what != "writes that hang" && what != "the answer is lost" {
					h.wants("a.example.org", dns.A, home1)
				}
			})
		})
	}
}

func TestClearSaysWhatIsLeftAlthoughItWasSaidBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.put("a.example.org", "192.0.2.1")
		var out bytes.Buffer
		e := h.engine([]string{"a.example.org"}, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&out, nil)) })
		failing(provider.Unavailable)(h)
		for _, round := range []func(context.Context) status.Round{e.Once, e.Clear} {
			out.Reset()
			if round(t.Context()); !strings.Contains(out.String(), "example.org: no") {
				t.Errorf("said is %q", out.String())
			}
		}
	})
}

func TestClearTriesWhatWaitedAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.put("a.example.org", "192.0.2.1")
		e := h.engine([]string{"a.example.org"})
		failing(provider.Auth)(h)
		for range 5 {
			e.round(t.Context(), looping)
		}
		h.host.SetHook(nil)
		if r := e.Clear(t.Context()); r.Outcome() != status.Changed {
			t.Errorf("%v: %v", r.Outcome(), r.Conditions)
		}
		h.wants("a.example.org", dns.A)
	})
}

// failing makes every write fail with this kind of error.
func failing(k provider.Kind) func(*house) {
	return func(h *house) {
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.WriteBatch && !c.Done {
				return &provider.Error{Kind: k, Err: errors.New("no")}
			}
			return nil
		})
	}
}

func noCreation(t *testing.T) func(memory.Call) *provider.Error {
	return func(c memory.Call) *provider.Error {
		for _, ch := range c.Changes {
			if ch.Action != plan.ToDelete {
				t.Errorf("cleaning up would %v", ch.Words())
			}
		}
		if c.Step == memory.MakeList || c.Step == memory.AddItems {
			t.Error("cleaning up makes a list or adds to one")
		}
		return nil
	}
}

func TestAnIncompleteClearEndsWithWhatIsLeft(t *testing.T) {
	names := []string{"a.example.org", "b.example.org", "c.example.org", "d.example.org", "e.example.org"}
	for what, tt := range map[string]struct {
		trouble func(h *house)
		want    string
	}{
		"refused":       {failing(provider.Rejected), "5 records of homing's are left, such as A a.example.org, A b.example.org, A c.example.org, …"},
		"reads run out": {func(h *house) { h.host.SetLatency(time.Hour, 0) }, "some of homing's records may remain, because not all could be read: example.org; time ran out"},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "example.org")
				var out bytes.Buffer
				e := h.engine(names, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&out, nil)) })
				e.round(t.Context(), looping)
				tt.trouble(h)
				ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
				defer cancel()
				r := e.Clear(ctx)
				last := r.Conditions[len(r.Conditions)-1]
				if last.Code != status.LeftBehind || !strings.HasPrefix(last.Text, tt.want) {
					t.Errorf("it ends with %v, want %q", last, tt.want)
				}
				if !strings.Contains(out.String(), last.Text) {
					t.Errorf("the log says %s", out.String())
				}
			})
		})
	}
}

// hasty is a host that begins no write, and blames the network for it.
type hasty struct{ *memory.Host }

func (h hasty) Apply(ctx context.Context, _ provider.Zone, sets []plan.Set) []provider.SetResult {
	<-ctx.Done()
	results := make([]provider.SetResult, len(sets))
	for i, s := range sets {
		results[i] = provider.FailedSet(&s, &provider.Error{Kind: provider.Unavailable, Hint: "check the network",
			Err: fmt.Errorf("the host cannot be reached (%v): %w", context.Cause(ctx), ctx.Err())})
	}
	return results
}

func TestAWriteThatWasNotBegunForLackOfTimeBlamesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.put("a.example.org", "192.0.2.1")
		e := h.engine([]string{"a.example.org"}, func(c *Config) { c.Accounts[0].Provider = hasty{h.host} })
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		for _, c := range e.Clear(ctx).Conditions {
			if strings.Contains(c.Describe(), "reached") || strings.Contains(c.Describe(), "network") {
				t.Errorf("said is %q", c.Describe())
			}
		}
		h.wants("a.example.org", dns.A, "192.0.2.1")
	})
}
