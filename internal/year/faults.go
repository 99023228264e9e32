package year

import (
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/sim"
)

// fault is a way for the world to go wrong.
type fault struct {
	kind   string
	within time.Duration // so long after it ended all is right at the latest
	mild   bool          // what is true is published all the same
	wire   int8          // 1: over the wire only; -1: never
	begin  func(*world) (end func())
}

func (f fault) fits(w *world) bool { return f.wire == 0 || f.wire > 0 == w.report.Wire }

// clashes says whether two faults would get in each other's way.
func (f fault) clashes(g fault) bool { return f.kind == g.kind }

// faults are all of them. Their time is that of the documents: what is refused
// is tried again after 15 minutes at the latest (ownership-and-deletion.md), a
// listing is 15 minutes old at the most, a change is held back for 5.
func faults() []fault {
	return []fault{
		{kind: "a liar", mild: true, begin: lies(1, false)},
		{kind: "a way that is late by a day", mild: true, begin: lies(1, true)},
		{kind: "liars, most of them, each another lie", begin: lies(3, false)},
		{kind: "a line that is down", begin: lineDown},
		{kind: "answers that are lost", begin: hostFault(writes, provider.Unconfirmed, true, 3)},
		{kind: "a host that is away", begin: hostFault(anything, provider.Unavailable, false, 1)},
	}
}

// lies makes so many ways of a place lie.
func lies(n int, late bool) func(*world) func() {
	return func(w *world) func() {
		p := w.place()
		hosts := p.hosts()[:4]
		at := w.dice.IntN(len(hosts))
		hosts = slices.Concat(hosts[at:], hosts[:at])[:n]
		for _, h := range hosts {
			lie := w.foreign(plan.TypeOf(p.of.Family))
			if late {
				lie = p.home.Addr(p.of.Family)
			}
			w.tell("  %s of %s says %s", h, p.of, lie)
			p.home.Lie(h, sim.Lie{Family: p.of.Family, Addr: lie})
		}
		return func() {
			for _, h := range hosts {
				p.home.Lie(h, sim.Lie{Family: p.of.Family})
			}
		}
	}
}

func lineDown(w *world) func() {
	p := w.place()
	back := p.home.Addr(p.of.Family)
	p.set(netip.Addr{})
	return func() {
		if !p.home.Addr(p.of.Family).IsValid() {
			p.set(back)
		}
	}
}

func writes(c memory.Call) bool { return c.Step == memory.WriteBatch }
func anything(memory.Call) bool { return true }

// hostFault has one in n of such steps fail; done says that it happened all the same.
func hostFault(at func(memory.Call) bool, kind provider.Kind, done bool, n uint64) func(*world) func() {
	return func(w *world) func() {
		m := w.host.store.(*mapped)
		var zone string
		return m.goes(func(c memory.Call) bool { zone = c.Zone.String(); return at(c) && c.Done == done },
			func() *provider.Error {
				if w.lots.draw("fault"+zone)%n != 0 {
					return nil
				}
				return &provider.Error{Kind: kind, Err: errors.New("the world went wrong")}
			})
	}
}
