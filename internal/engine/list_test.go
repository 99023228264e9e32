package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
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

func homeList() plan.List { return plan.List{Account: "acc", Name: "home", Comment: "ours"} }

// listed makes an engine keep lists, and own the items that say they are ours.
func listed(lists ...plan.List) func(*Config) {
	return func(c *Config) {
		c.Accounts[0].Spec.Lists = lists
		c.Accounts[0].Spec.OwnedItems = regexp.MustCompile("^ours$")
	}
}

func item(prefix, comment string) plan.ListItem {
	return plan.ListItem{Prefix: netip.MustParsePrefix(prefix), Comment: comment}
}

// lists says what a list holds, and fails the test when that is something else.
func (h *house) lists(l plan.List, want ...string) {
	h.t.Helper()
	var got []string
	items, _ := h.host.Items(l)
	for _, i := range items {
		got = append(got, strings.TrimSuffix(i.Prefix.String()+" "+i.Comment, " ours"))
	}
	if !slices.Equal(got, want) {
		h.t.Errorf("the list %s holds %q, want %q", l.Name, got, want)
	}
}

func TestAListIsMadeAndKeptAndAQuietRoundCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.moveTo(home6)
		var out bytes.Buffer
		e := h.engine([]string{"a.example.org"}, h.both, listed(homeList()), func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&out, nil)) })
		r := e.round(t.Context(), looping)
		h.lists(homeList(), home1+"/32", home6+"/128")
		if done, failed := r.Count(); done != 4 || failed != 0 || r.Right() != 4 || r.Outcome() != status.Changed {
			t.Errorf("%d done, %d failed, %d right, %v: %v", done, failed, r.Right(), r.Outcome(), r.Conditions)
		}
		if !strings.Contains(out.String(), "list=home item=\""+home1+"/32, comment") {
			t.Errorf("the log says:\n%s", out.String())
		}
		looks := h.looks()
		if r := e.round(t.Context(), looping); r.Calls != 0 || r.Outcome() != status.Unchanged || r.Right() != 4 || h.looks() != looks+2 {
			t.Errorf("a quiet round made %d calls and %d looks and was %v, %d right", r.Calls, h.looks()-looks, r.Outcome(), r.Right())
		}
		h.moveTo(home2)
		if r := e.round(t.Context(), looping); r.Calls != 1+3 || r.Outcome() != status.Changed {
			t.Errorf("a new address cost %d calls, want a write of the record, two of the list and its reading", r.Calls)
		}
		h.lists(homeList(), home2+"/32", home6+"/128")
	})
}

func TestAListKeepsTheItemsOfOthersAndOfFamiliesThatAreNotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.host.SetList(homeList(), item("192.0.2.1/32", "ours"), item("192.0.2.2/32", "by hand"), item("2001:db8::/64", "ours"))
		r := h.engine(nil, h.both, listed(homeList())).round(t.Context(), looping)
		h.lists(homeList(), home1+"/32", "192.0.2.2/32 by hand", "2001:db8::/64")
		if !has(r, status.AddressUnknown) || r.Outcome() != status.Failed {
			t.Errorf("that IPv6 is not known was not said: %v", r.Conditions)
		}
	})
}

func TestOneLiarReachesNoListAndConfirmationIsAskedForItToo(t *testing.T) {
	for _, liar := range []string{"front", "back", "roof"} {
		t.Run(liar, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t)
				h.lie(liar, home3)
				h.hook(func(c memory.Call) *provider.Error {
					for _, i := range c.Items {
						if i.Action == plan.ToCreate && i.Item.Prefix.Addr().String() == home3 {
							t.Errorf("%s was to be listed", home3)
						}
					}
					return nil
				})
				e := h.engine(nil, listed(homeList()))
				for range 4 {
					e.round(t.Context(), looping)
					h.lists(homeList(), home1+"/32")
				}
				h.moveTo(home2)
				e.round(t.Context(), looping)
				e.round(t.Context(), looping)
				h.lists(homeList(), home2+"/32")
			})
		})
	}
}

func TestWhatMayNotBePublishedReachesNoList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		e := h.engine(nil, listed(homeList()))
		seen := newPendingLook()
		seen.settle(lookResult{seen: addr.Known(netip.MustParsePrefix(home3 + "/32"))})
		l := e.accounts[0].lists[0]
		keep(t.Context(), l, task{looks: lookSet{plan.Here(addr.IPv4): seen}})
		if _, made := h.host.Items(homeList()); made || len(l.plan.Changes) > 0 {
			t.Errorf("planned is %v", l.plan.Changes)
		}
	})
}

func TestListsAndRecordsNeverHoldEachOtherUp(t *testing.T) {
	second := plan.List{Account: "acc", Name: "second", Comment: "ours"}
	tests := map[string]struct {
		fails func(memory.Call) bool
		want  status.Code
	}{
		"a list that cannot be read": {func(c memory.Call) bool { return c.Step == memory.ReadList && c.List.Name == "home" }, status.ListFailed},
		"a list that takes nothing":  {func(c memory.Call) bool { return c.Step == memory.AddItems && c.List.Name == "home" }, status.ListFailed},
		"zones that are not told":    {func(c memory.Call) bool { return c.Step == memory.FindZones }, status.ZonesUnread},
		"records that are refused":   {func(c memory.Call) bool { return c.Step == memory.WriteBatch }, status.ZoneFailed},
	}
	for what, tt := range tests {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, "example.org")
				h.delay(addr.IPv6, time.Hour)
				h.hook(func(c memory.Call) *provider.Error {
					if tt.fails(c) {
						return &provider.Error{Kind: provider.Unavailable, Err: errors.New("no")}
					}
					return nil
				})
				e := h.engine([]string{"a.example.org"}, h.both, listed(homeList(), second))
				r := e.round(t.Context(), looping)
				h.lists(second, home1+"/32")
				if tt.want == status.ListFailed {
					h.wants("a.example.org", dns.A, home1)
					if i := slices.IndexFunc(r.Conditions, func(c status.Condition) bool { return c.Code == tt.want }); i < 0 || r.Conditions[i].Subject != "list acc/home" {
						t.Errorf("said is %v", r.Conditions)
					}
				} else {
					h.lists(homeList(), home1+"/32")
				}
				if !has(r, tt.want) || r.Outcome() != status.Failed || !r.Next.Before(r.Started.Add(time.Minute)) {
					t.Errorf("said is %v, next %v", r.Conditions, r.Next)
				}
			})
		})
	}
}

// bare is a host without lists.
type bare struct{ provider.Provider }

func TestAHostWithoutListsIsToldAndKeepsItsRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		e := h.engine([]string{"a.example.org"}, listed(homeList()), func(c *Config) { c.Accounts[0].Provider = bare{h.host} })
		e.round(t.Context(), looping)
		looks := h.looks()
		r := e.round(t.Context(), looping)
		h.wants("a.example.org", dns.A, home1)
		if !has(r, status.ListFailed) || r.Outcome() != status.Failed {
			t.Errorf("said is %v", r.Conditions)
		}
		if wait := r.Next.Sub(r.Started); wait != 5*time.Minute || h.looks() != looks+1 {
			t.Errorf("the next round is in %v; %d looks", wait, h.looks()-looks)
		}
	})
}

func TestAListThatIsRefusedIsLeftAloneForGrowingPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		h.host.SetListQuota(1)
		h.host.SetList(plan.List{Account: "acc", Name: "of others"})
		var tries []time.Duration
		start := time.Now()
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.MakeList {
				tries = append(tries, time.Since(start))
			}
			return nil
		})
		run(t, h.engine(nil, listed(homeList())), 40*time.Minute)
		if got := fmt.Sprint(tries); got != "[0s 1m0s 3m0s 7m0s 15m0s 30m0s]" {
			t.Errorf("tried at %s", got)
		}
	})
}

func TestAListChangedByHandIsPutRightWithinTheResyncOrAtOnceWhenAsked(t *testing.T) {
	hands := map[string]func(*house){
		"emptied": func(h *house) { h.host.SetList(homeList()) },
		"gone":    func(h *house) { h.host.RemoveList(homeList()) },
		"changed": func(h *house) { h.host.SetList(homeList(), item("192.0.2.9/32", "ours")) },
	}
	for what, hand := range hands {
		for _, asked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, asked %v", what, asked), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := newHouse(t)
					e := h.engine(nil, listed(homeList()))
					wait := 15 * time.Minute
					time.AfterFunc(7*time.Minute, func() {
						hand(h)
						if asked {
							e.Invalidate()
							e.Trigger()
						}
					})
					if asked {
						wait = time.Second
					}
					run(t, e, 7*time.Minute+wait)
					h.lists(homeList(), home1+"/32")
				})
			})
		}
	}
}

func TestWhatProvesStaleInAListIsReadAndTriedOnceMoreInTheSameRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		e := h.engine(nil, listed(homeList()))
		e.round(t.Context(), looping)
		h.host.RemoveList(homeList()) // and the new address meets a list that is not there
		h.moveTo(home2)
		r := e.round(t.Context(), looping)
		h.lists(homeList(), home2+"/32")
		if done, failed := r.Count(); done == 0 || failed != 0 || r.Outcome() != status.Changed {
			t.Errorf("%d done, %d failed, %v: %v", done, failed, r.Outcome(), r.Conditions)
		}
	})
}

func TestAListThatRecoveredStartsItsPausesAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		e := h.engine(nil, listed(homeList()))
		down := func(memory.Call) *provider.Error {
			return &provider.Error{Kind: provider.Unavailable, Err: errors.New("no")}
		}
		for range 2 {
			h.hook(down)
			e.Invalidate()
			for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
				r := e.round(t.Context(), looping)
				if wait := r.Next.Sub(r.Started); wait != want {
					t.Errorf("tried again after %v, want %v", wait, want)
				}
				time.Sleep(want)
			}
			h.host.SetHook(nil)
			e.round(t.Context(), looping)
			e.accounts[0].lists[0].invalidate() // as the resync does, which ends no pause
			h.hook(down)
			if r := e.round(t.Context(), looping); r.Next.Sub(r.Started) != time.Second {
				t.Errorf("after it worked it is tried again after %v", r.Next.Sub(r.Started))
			}
		}
	})
}

func TestARivalOfAListIsPutRightAtOnceWhenAskedAndNotOtherwise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		e := h.engine(nil, listed(homeList()))
		for range 6 {
			e.Invalidate()
			e.round(t.Context(), looping)
			h.lists(homeList(), home1+"/32")
			h.host.SetList(homeList())
			time.Sleep(time.Minute)
		}
		time.Sleep(15 * time.Minute)
		if r := e.round(t.Context(), looping); !has(r, status.Rival) {
			t.Errorf("said is %v", r.Conditions)
		}
		h.lists(homeList())
	})
}

// boasting is a host that says that all is done, and shows a list without it.
type boasting struct{ *memory.Host }

func (b boasting) ApplyList(context.Context, plan.List, provider.List, []plan.ListChange) (provider.List, error) {
	return provider.List{ID: "l1"}, nil
}

func TestWhatAListDoesNotShowIsNotClaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		r := h.engine(nil, listed(homeList()), func(c *Config) { c.Accounts[0].Provider = boasting{h.host} }).round(t.Context(), looping)
		if done, failed := r.Count(); done != 0 || failed != 1 || !has(r, status.ListFailed) || r.Right() != 0 {
			t.Errorf("%d done, %d failed, %d right: %v", done, failed, r.Right(), r.Conditions)
		}
	})
}

func TestAPlanChangesNoListAndClearTakesOnlyOursOfFamiliesInScope(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		before := []plan.ListItem{item("192.0.2.1/32", "ours"), item("192.0.2.2/32", "by hand"), item("2001:db8::/64", "ours")}
		h.host.SetList(homeList(), before...)
		h.hook(noCreation(t))
		e := h.engine(nil, listed(homeList(), plan.List{Account: "acc", Name: "missing", Comment: "ours"}))
		same := func() { h.lists(homeList(), "192.0.2.1/32", "192.0.2.2/32 by hand", "2001:db8::/64") }
		if r := e.Plan(t.Context()); r.Pending() != 3 || len(r.Lists) != 2 || r.Lists[0].Name != "home" {
			t.Errorf("%d planned: %v", r.Pending(), r.Lists)
		}
		same()
		if r := e.PlanClear(t.Context()); r.Pending() != 1 {
			t.Errorf("%d planned: %v", r.Pending(), r.Lists)
		}
		same()
		if r := e.Clear(t.Context()); r.Outcome() != status.Changed {
			t.Errorf("%v: %v", r.Outcome(), r.Conditions)
		}
		h.lists(homeList(), "192.0.2.2/32 by hand", "2001:db8::/64")
		if _, ok := h.host.Items(plan.List{Account: "acc", Name: "missing"}); ok {
			t.Error("a list was made to be emptied")
		}
	})
}

func TestTwoInstancesWithOneListDoNotFightForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		other, writes := h.neighbour(home2), 0
		h.hook(func(c memory.Call) *provider.Error {
			if c.Step == memory.AddItems && c.Done {
				writes++
			}
			return nil
		})
		var rounds []status.Round
		var wg sync.WaitGroup
		e := h.engine(nil, listed(homeList()), counted(&rounds))
		wg.Go(func() { run(t, e, 24*time.Hour-time.Minute) })
		time.Sleep(7*time.Minute + time.Second)
		run(t, other.engine(nil, listed(homeList())), 24*time.Hour-time.Minute)
		wg.Wait()
		if writes > 60 {
			t.Errorf("they wrote %d times in a day", writes)
		}
		said, ok := rivalOf(rounds[len(rounds)-1])
		if !ok || !strings.Contains(said.Hint.String(), "policy.list_owner") {
			t.Errorf("said is %v", rounds[len(rounds)-1].Conditions)
		}
		run(t, e, 6*time.Hour-time.Minute) // the other is gone, and it is calm
		h.lists(homeList(), home1+"/32")
		if last := rounds[len(rounds)-1]; last.Outcome() != status.Unchanged {
			t.Errorf("hours later it is %v: %v", last.Outcome(), last.Conditions)
		}
	})
}
