package engine

import (
	"context"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// homeless is the names whose zone is to be looked for in this round.
func (a *account) homeless() []dns.Name {
	if !a.pause.over(a.now) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(a.names), func(n dns.Name) bool {
		return a.placed[n] != nil || !a.unplaced[n].over(a.now)
	})
}

func (a *account) place(ctx context.Context, t task) {
	names := a.homeless()
	if len(names) == 0 {
		return
	}
	ctx, cancel := context.WithTimeoutCause(ctx, a.timeout, errUpdateTimeout)
	defer cancel()
	zones, unplaced, err := a.Provider.Zones(ctx, names)
	if err != nil {
		a.failure = asError(err)
		a.pause = a.pause.after(time.Now(), a.failure, t.most)
		return
	}
	a.failure, a.pause = nil, pause{}
	for _, u := range unplaced {
		a.lose(u, t.most)
		names = slices.DeleteFunc(names, func(n dns.Name) bool { return n == u.Name })
	}
	a.settle(names, zones)
}

// lose remembers that a name was found in no zone, and leaves it alone for a while.
func (a *account) lose(u provider.Unplaced, most time.Duration) {
	l := lost{pause: a.unplaced[u.Name].pause, err: u.Err}
	if u.Err.Kind == provider.NoZone {
		l.pause = l.afterRefusal(time.Now())
	} else {
		l.pause = l.after(time.Now(), u.Err, most)
	}
	a.unplaced[u.Name] = l
}

// settle puts each name into the longest of the zones it lies in.
func (a *account) settle(names []dns.Name, zones []provider.Zone) {
	sort.Slice(zones, func(i, j int) bool { return len(zones[i].Name.String()) > len(zones[j].Name.String()) })
	grown := make(map[*zone]bool)
	for _, n := range names {
		if i := slices.IndexFunc(zones, func(z provider.Zone) bool { return n.Within(z.Name) }); i >= 0 {
			z := a.zone(zones[i])
			a.placed[n], grown[z] = z, true
			delete(a.unplaced, n)
		}
	}
	for z := range grown {
		z.holds(a.Spec.Only(func(n dns.Name) bool { return a.placed[n] == z }))
	}
}

// zone is the state of a zone, made when it is new.
func (a *account) zone(pz provider.Zone) *zone {
	z := a.zones[pz.ID]
	if z == nil {
		z = &zone{account: a}
		a.zones[pz.ID] = z
	}
	z.Zone = pz
	return z
}

// unhouse has the names of a zone looked for again, because the host says that
// it is not there. The zone keeps its pause, in case that is where they are.
func (a *account) unhouse(z *zone) {
	maps.DeleteFunc(a.placed, func(_ dns.Name, of *zone) bool { return of == z })
	z.holds(plan.Spec{})
	z.gone = false
}
