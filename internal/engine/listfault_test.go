package engine

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/status"
)

func listFaults() []fault {
	var out []fault
	for _, step := range []memory.Step{memory.ReadList, memory.MakeList, memory.AddItems, memory.DropItems} {
		for k := provider.Unconfirmed; k <= provider.NotTried; k++ {
			out = append(out, fault{step: step, kind: k})
			if step == memory.ReadList || k == provider.Unconfirmed {
				out = append(out, fault{step: step, kind: k, late: true})
			}
		}
		out = append(out, fault{step: step, kind: provider.Throttled, wait: 5 * time.Minute})
	}
	return out
}

func TestNoFaultHarmsAListAndAfterItAllIsRightWithinTwoTries(t *testing.T) {
	for _, f := range listFaults() {
		for _, there := range []bool{false, true} {
			for _, lasts := range []time.Duration{0, 3 * time.Minute, time.Hour} {
				t.Run(fmt.Sprintf("%v for %v, there %v", f, lasts, there), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { testListFault(t, f, there, lasts) })
				})
			}
		}
	}
}

func testListFault(t *testing.T, f fault, there bool, lasts time.Duration) {
	h := newHouse(t)
	h.moveTo(home6)
	theirs := plan.ListItem{Prefix: item("192.0.2.66/32", "").Prefix, Comment: "by hand"}
	if there {
		h.host.SetList(homeList(), item("192.0.2.1/32", "ours"), theirs, item("2001:db8::/64", "ours"))
	}
	e := h.engine(nil, h.both, listed(homeList()))
	begun, over := time.Now(), false
	h.hook(func(c memory.Call) *provider.Error {
		for _, i := range c.Items {
			if i.Item.Comment == theirs.Comment {
				t.Errorf("an item of others was to be changed: %v", i)
			}
		}
		if over || c.Step != f.step || c.Done != f.late {
			return nil
		}
		over = lasts == 0
		return &provider.Error{Kind: f.kind, RetryAfter: f.wait, Err: errors.New("a fault")}
	})
	right := func() bool {
		items, _ := h.host.Items(homeList())
		n := 0
		for _, i := range items {
			if a := i.Prefix.Addr().String(); i.Comment == "ours" && a != h.addr(itemFamily(plan.ListChange{Item: i})) {
				return false
			}
			n++
		}
		return n == 2 || there && n == 3
	}
	round := func() status.Round {
		r := e.round(t.Context(), looping)
		ours := 0
		items, _ := h.host.Items(homeList())
		for _, i := range items {
			if i.Comment == "ours" {
				ours++
			}
		}
		if there && ours < 2 {
			t.Errorf("the list lost an address before it had the new one: %v", items)
		}
		if r.Outcome() != status.Failed && !right() {
			t.Errorf("the round was %v, and the list holds %v", r.Outcome(), items)
		}
		time.Sleep(time.Until(r.Next))
		return r
	}
	moved := false
	for r := round(); time.Since(begun) < lasts; r = round() {
		if !r.Next.After(r.Started) {
			t.Fatal("it is tried again without a pause")
		}
		if !moved {
			h.moveTo(home2)
			moved = true
		}
	}
	over = true
	var last status.Round
	for tries := 0; tries < 2 && !right() && time.Since(begun) < lasts+nameMost+10*time.Minute; {
		if last = round(); last.Calls > 0 {
			tries++
		}
	}
	if !right() {
		t.Errorf("two tries later not all is right: %v", last.Conditions)
	}
	for range 4 {
		last = round()
	}
	if last.Outcome() != status.Unchanged {
		t.Errorf("in the end it is %v: %v", last.Outcome(), last.Conditions)
	}
}
