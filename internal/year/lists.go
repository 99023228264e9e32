package year

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/sim"
	"github.com/homing-dns/homing/internal/status"
)

// shelf is a store that keeps IP lists. Its methods are called with w.mu held.
type shelf interface {
	items(l plan.List) []plan.ListItem
	setItems(l plan.List, items []plan.ListItem) // as somebody else does; makes the list where it is not there
	removeList(l plan.List)
}

// ledger is an IP list that homing keeps, as the world looks at it.
type ledger struct {
	plan.List
	known  []plan.ListItem // what it held after the latest step of anybody's
	others []netip.Prefix  // what is somebody else's in it
	steps  []step          // what homing did in this round
}

// step is what one write of homing's made of a list.
type step struct{ gone, new []plan.ListItem }

// newLedgers are the lists of the settings, with what others have in them.
func newLedgers(w *world) (all []*ledger) {
	d := w.dice
	if w.updates || !d.oneIn(2) {
		return nil
	}
	l := &ledger{List: plan.List{Account: sim.Account, Name: "home", Description: "where home is"}}
	if w.settings.owned {
		l.Comment = mark
	}
	sites, pick := w.settings.pick(w)
	for i, s := range sites {
		if i > 0 {
			l.Sites += ","
		}
		l.Sites += s
	}
	l.Pick = pick
	w.settings.lists = []plan.List{l.List}
	return []*ledger{l}
}

// furnishLists puts into the lists what is there before homing comes.
func (w *world) furnishLists() {
	for _, l := range w.ledgers {
		if w.settings.owned && w.dice.oneIn(2) {
			l.leave(w, w.foreign("A"))
		}
		if w.dice.oneIn(2) {
			l.put(w, append(l.known, plan.ListItem{Prefix: single(w.foreign("A")), Comment: l.Comment}))
		}
	}
}

// listDelay is how long Cloudflare takes for a change of a list that it accepted.
const listDelay = 300 * time.Millisecond

func single(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

// put has somebody else make the list hold this.
func (l *ledger) put(w *world, items []plan.ListItem) {
	w.shelf().setItems(l.List, items)
	l.known = w.shelf().items(l.List)
}

// leave has somebody else put an address there, which stays his own.
func (l *ledger) leave(w *world, a netip.Addr) {
	l.others = append(l.others, single(a))
	l.put(w, append(l.known, plan.ListItem{Prefix: single(a), Comment: "by hand"}))
}

// mine says whether an item is homing's.
func (l *ledger) mine(w *world, i plan.ListItem) bool {
	return !slices.Contains(l.others, i.Prefix) && (!w.settings.owned || i.Comment == mark)
}

func (w *world) shelf() shelf { return w.host.store.(shelf) }

// lookLists holds what homing did to the lists since the latest look. w.mu is held.
func (w *world) lookLists() {
	for _, l := range w.ledgers {
		now := w.shelf().items(l.List)
		s := step{gone: without(l.known, now), new: without(now, l.known)}
		l.known = now
		if len(s.gone)+len(s.new) > 0 {
			w.tell("    ✎ list %s: − %s + %s", l.Name, prefixes(s.gone), prefixes(s.new))
			l.steps = append(l.steps, s)
			l.hold(w, s)
		}
	}
}

func prefixes(items []plan.ListItem) (all []netip.Prefix) {
	for _, i := range items {
		all = append(all, i.Prefix)
	}
	return all
}

func without(all, some []plan.ListItem) []plan.ListItem {
	return slices.DeleteFunc(slices.Clone(all), func(i plan.ListItem) bool {
		return slices.ContainsFunc(some, func(o plan.ListItem) bool { return o.Prefix == i.Prefix && o.Comment == i.Comment })
	})
}

// hold holds one step of homing's against what it may do.
func (l *ledger) hold(w *world, s step) {
	for _, i := range s.new {
		switch {
		case !l.mine(w, i):
			w.fail("the list %s was given %s, and homing would not know it as its own", l.Name, i.Prefix)
		case !slices.Contains(l.could(w), i.Prefix):
			w.fail("the list %s was given %s, where the place was not in the round that began at %s", l.Name, i.Prefix, w.round.began.Format(time.TimeOnly))
		}
	}
	for _, i := range s.gone {
		same := func(o plan.ListItem) bool { return o.Prefix.Addr().Is4() == i.Prefix.Addr().Is4() }
		switch {
		case !l.mine(w, i):
			w.fail("touched was %s of the list %s, which is not homing's", i.Prefix, l.Name)
		case !w.cleaning && !slices.ContainsFunc(l.known, same):
			w.fail("the list %s holds no address of this family any more; %s was deleted", l.Name, i.Prefix)
		case !w.cleaning && len(l.SiteNames()) > 1 && l.Pick == plan.All && slices.Contains(w.unseen(l.Needs()), i.Prefix):
			w.fail("gone is %s from the list %s, the address of a site of which nothing is known", i.Prefix, l.Name)
		}
	}
}

// unseen is what the sites had last of which nothing can be known in this round.
func (w *world) unseen(needs []plan.Origin) (all []netip.Prefix) {
	for _, p := range w.among(needs) {
		if n := len(p.stays); n > 0 && !p.stays[n-1].to.IsZero() && p.stays[n-1].to.Before(w.round.began) {
			all = append(all, p.prefix(p.stays[n-1].addr).Masked())
		}
	}
	return all
}

// could is all that the list could rightly hold in this round. What Cloudflare
// accepted in the one before it may be made in this one.
func (l *ledger) could(w *world) (all []netip.Prefix) {
	for _, p := range w.among(l.Needs()) {
		for _, a := range p.since(w.round.began.Add(-5 * listDelay)) {
			all = append(all, p.prefix(a).Masked())
		}
	}
	return all
}

// wrongLists says which list is not as it should be where the places are so.
func (w *world) wrongLists(seen plan.Seen) string {
	for _, l := range w.ledgers {
		for _, f := range addr.Families() {
			if why := l.wrong(w, f, seen); why != "" {
				return why
			}
		}
	}
	return ""
}

func (l *ledger) wrong(w *world, f addr.Family, seen plan.Seen) string {
	var want []netip.Prefix
	known := true
	for _, o := range l.Needs() {
		if s, in := seen[o]; in && o.Family == f {
			known = known && s.Known()
			for _, p := range s.Prefixes() {
				want = append(want, p.Masked())
			}
		}
	}
	for _, p := range want {
		if !slices.Contains(prefixes(l.known), p) {
			return fmt.Sprintf("the list %s holds %s and should hold %s", l.Name, prefixes(l.known), want)
		}
	}
	for _, i := range l.known {
		if known && len(want) > 0 && f.Holds(i.Prefix.Addr()) && l.mine(w, i) && !slices.Contains(want, i.Prefix) {
			return fmt.Sprintf("the list %s holds %s and should hold %s beside %s", l.Name, prefixes(l.known), want, l.others)
		}
	}
	return ""
}

// judgeLists holds what a round says it did to lists against what it did.
func (w *world) judgeLists(r status.Round) {
	for _, told := range r.Lists {
		i := slices.IndexFunc(w.ledgers, func(l *ledger) bool { return l.Name == told.Name })
		for _, d := range told.Done {
			if d.Err == nil && !w.ledgers[i].confirmed(d) {
				w.fail("claimed is that the list %s has %s %s, and it was not done", told.Name, d.Action, d.Item.Prefix)
			}
		}
	}
	for _, l := range w.ledgers {
		l.steps = nil
	}
}

func (l *ledger) confirmed(d status.ListDone) bool {
	there := func(all []plan.ListItem) bool {
		return slices.ContainsFunc(all, func(i plan.ListItem) bool { return i.Prefix == d.Item.Prefix })
	}
	if d.Action == plan.ToDelete {
		return !there(l.known) || slices.ContainsFunc(l.steps, func(s step) bool { return there(s.gone) })
	}
	return there(l.known) || slices.ContainsFunc(l.steps, func(s step) bool { return there(s.new) })
}

// listFaults are what goes wrong with lists beside what does with everything.
func listFaults(seen time.Duration) []fault {
	lists := func(w *world) bool { return len(w.ledgers) > 0 }
	return []fault{
		{kind: "somebody empties a list", within: seen, fits: lists, begin: editsList(func(w *world, l *ledger) {
			l.put(w, slices.DeleteFunc(slices.Clone(l.known), func(i plan.ListItem) bool { return !slices.Contains(l.others, i.Prefix) }))
		})},
		{kind: "somebody adds to a list", within: seen, fits: lists, begin: editsList(func(w *world, l *ledger) {
			if a := w.foreign("A"); w.settings.owned && len(l.others) < 5 {
				l.leave(w, a)
			} else {
				l.put(w, append(l.known, plan.ListItem{Prefix: single(a), Comment: l.Comment}))
			}
		})},
		{kind: "a list that is gone", within: seen, fits: lists, begin: editsList(func(w *world, l *ledger) {
			w.shelf().removeList(l.List)
			l.known, l.others = nil, nil
		})},
	}
}

func editsList(how func(*world, *ledger)) func(*world) func() {
	return func(w *world) func() {
		w.unclear()
		w.locked(func() {
			w.lookLists() // homing's own first
			l := w.ledgers[w.dice.IntN(len(w.ledgers))]
			before := prefixes(l.known)
			how(w, l)
			w.tell("☞ somebody makes %s of %s in the list %s", prefixes(l.known), before, l.Name)
		})
		return w.unclear
	}
}
