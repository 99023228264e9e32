package year

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/plan"
)

// move is a change of address: to a new one, or back to an earlier one, at once or
// after a moment without any. It returns the place, or nil where nothing moved.
func (w *world) move() *place {
	p := w.place()
	to := p.fresh()
	w.locked(func() {
		if len(p.stays) > 2 && w.dice.oneIn(8) {
			to = p.stays[len(p.stays)-2].addr
		}
	})
	if p.busy || p.home.Addr(p.of.Family) == to {
		return nil
	}
	w.report.Moves++
	w.tell("● %s moves from %s to %s", p.of, p.home.Addr(p.of.Family), to)
	if p.file == "" && w.dice.oneIn(3) { // a line is down for a moment when it gets another address
		p.set(netip.Addr{})
		time.Sleep(w.dice.between(time.Second, 90*time.Second))
	}
	p.set(to)
	w.locked(func() {
		if w.process != nil && w.dice.oneIn(3) {
			w.process.engine.Trigger() // the kernel rang
		}
	})
	return p
}

// place is any of the places.
func (w *world) place() *place { return w.places[w.dice.IntN(len(w.places))] }

// at is the place of an origin; nil where there is none.
func (w *world) at(o plan.Origin) *place {
	i := slices.IndexFunc(w.places, func(p *place) bool { return p.of == o })
	if i < 0 {
		return nil
	}
	return w.places[i]
}

// among are the places whose addresses these origins say, or may say, in order.
func (w *world) among(needs []plan.Origin) (all []*place) {
	for _, o := range needs {
		for _, of := range append(o.Among(), o) {
			if p := w.at(of); p != nil {
				all = append(all, p)
			}
		}
	}
	return all
}

// truth is where each place is now, and which is the first of several that has an
// address.
func (w *world) truth() plan.Seen {
	seen := make(plan.Seen)
	for _, p := range w.places {
		seen[p.of] = p.now()
	}
	for _, o := range w.settings.first {
		if all := w.among([]plan.Origin{o}); len(all) > 0 {
			seen[o] = addr.Observation{}
			if i := slices.IndexFunc(all, func(p *place) bool { return p.now().Known() }); i >= 0 {
				seen[o] = all[i].now()
			}
		}
	}
	return seen
}

// sites is how the sites with names are looked at.
func (w *world) sites() map[string]engine.Site {
	all := make(map[string]engine.Site)
	for _, p := range w.places {
		if p.of.Site == "" {
			continue
		}
		s := engine.Site{Confirm: true}
		if p.link {
			s.Line.Down = func(_ context.Context, f addr.Family) bool {
				at := w.at(plan.Origin{Site: p.of.Site, Family: f})
				return at != nil && !at.home.Addr(f).IsValid()
			}
		}
		all[p.of.Site] = s
	}
	return all
}

// trouble says that something is wrong with a place, until the episode is over.
func (w *world) trouble(p *place) *place {
	w.locked(func() { p.ill = true })
	return p
}

// heal says that nothing is wrong with any place from now on. w.mu is held.
func (w *world) heal() {
	for _, p := range w.places {
		if p.ill {
			p.ill, p.well = false, time.Now()
		}
	}
}

// left holds an address of several sites that count in order, and was written,
// against those before its own: none of them may have been well for long.
func (w *world) left(rec *plan.Record, r dns.Record) {
	if rec.Pick != plan.First {
		return
	}
	all := w.among(rec.Needs(r.Type))
	says := func(p *place, then time.Time) bool {
		return slices.ContainsFunc(p.since(then), func(a netip.Addr) bool { return w.settings.says(rec.Name, r.Type, a) == r.Addr })
	}
	for _, p := range all {
		if says(p, w.round.began) {
			return
		}
		if !p.ill && p.now().Known() && time.Since(p.well) > holds+4*every {
			w.fail("%s was written, although %s, which comes before it, was well all the time", show(r), p.of)
		}
	}
}

// holds is how long a site is known again before names return to it.
const holds = 5 * time.Minute

// staysOf holds an address that is gone against a site that is not known: what it
// was known to have stays as long as that.
func (w *world) staysOf(rec *plan.Record, r dns.Record) {
	needs := rec.Needs(r.Type)
	if len(needs) < 2 || w.cleaning {
		return
	}
	for _, p := range w.among(needs) {
		n := len(p.stays)
		if n == 0 || p.stays[n-1].to.IsZero() || !p.stays[n-1].to.Before(w.round.began) {
			continue
		}
		if w.settings.says(rec.Name, r.Type, p.stays[n-1].addr) == r.Addr {
			w.fail("gone is %s, the address of %s, while nothing is known of that", show(r), p.of)
		}
	}
}
