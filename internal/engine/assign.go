package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// unassigned returns the names whose zone is to be looked for in this round.
func (a *account) unassigned() []dns.Name {
	if !a.pause.isOver(a.now) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(a.names), func(n dns.Name) bool {
		return a.placed[n] != nil || !a.unplaced[n].isOver(a.now)
	})
}

// surveyMost bounds a look at zones whose records can be kept without it.
const surveyMost = 5 * time.Second

// assignZones looks for the zones of unassigned names and, in a survey, of all others
// too: a zone may have come that is closer to a name, or one may have been
// made again under another id. A survey that fails leaves everything as it was.
func (a *account) assignZones(ctx context.Context, t task) {
	names, timeout := a.unassigned(), a.timeout
	unassigned := len(names)
	if a.survey && a.pause.isOver(a.now) {
		names = append(names, a.assigned()...)
	}
	if len(names) == len(a.names) || len(names) > unassigned {
		a.surveyed = a.now
	}
	switch {
	case len(names) == 0:
		if !a.pause.isOver(a.now) && a.failure == nil && len(a.placed)+len(a.unplaced) < len(a.names) {
			a.failure = a.delayed // it is amiss now: a name lost its zone meanwhile
		}
		return
	case unassigned == 0:
		timeout = min(timeout, surveyMost)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errUpdateTimeout)
	defer cancel()
	placed, unplaced, err := a.Provider.Zones(ctx, names)
	switch {
	case err == nil:
		a.failure, a.pause = nil, pause{}
		a.applyAssignment(placed, unplaced, t.most)
	case unassigned > 0:
		a.failure = asError(err)
		if a.failure.Kind == provider.NoZone {
			a.pause = a.pause.afterRefusal(time.Now())
		} else {
			a.pause = a.pause.afterFailure(time.Now(), a.failure, t.most)
		}
	case isKind(asError(err), provider.Throttled): // nothing is amiss, and the host is left alone all the same
		a.delayed = asError(err)
		a.pause = a.pause.afterFailure(time.Now(), a.delayed, t.most)
	}
}

// assigned returns the names that have a zone.
func (a *account) assigned() []dns.Name {
	return slices.DeleteFunc(slices.Clone(a.names), func(n dns.Name) bool { return a.placed[n] == nil })
}

// recordUnplaced remembers that a name was found in no zone, and leaves it alone for a while.
func (a *account) recordUnplaced(u provider.Unplaced, most time.Duration) {
	l := unplacedName{pause: a.unplaced[u.Name].pause, err: u.Err}
	if u.Err.Kind == provider.NoZone {
		l.pause = l.afterRefusal(time.Now())
	} else {
		l.pause = l.afterFailure(time.Now(), u.Err, most)
	}
	a.unplaced[u.Name] = l
}

// applyAssignment puts each name into its zone. A name that has a zone and was not found
// in any keeps it.
func (a *account) applyAssignment(placed []provider.Placed, unplaced []provider.Unplaced, most time.Duration) {
	for _, u := range unplaced {
		if a.placed[u.Name] == nil {
			a.recordUnplaced(u, most)
		}
	}
	turned := make(map[*zone]bool)
	for _, p := range placed {
		was := a.placed[p.Name]
		if was != nil && !was.prefers(p) {
			continue
		}
		z := a.zoneFor(p.Zone)
		if delete(a.unplaced, p.Name); z == was {
			continue
		}
		if a.placed[p.Name], turned[z] = z, true; was != nil {
			turned[was] = true
		}
	}
	for z := range turned {
		z.setSpec(a.Spec.Only(func(n dns.Name) bool { return a.placed[n] == z }))
	}
}

// zoneFor returns the state of a zone, made when it is new.
func (a *account) zoneFor(pz provider.Zone) *zone {
	z := a.zones[pz.ID]
	if z == nil {
		z = &zone{resourceState: resourceState{account: a}}
		a.zones[pz.ID] = z
	}
	if z.Zone != pz {
		z.Zone, z.cache = pz, nil // they went by its limits
	}
	return z
}

// authFailing reports whether the credential was refused again and again, as it is
// for the id of a zone that was deleted and made anew.
func (z *zone) authFailing() bool {
	return isKind(z.failure, provider.Auth) && z.pause.tries > 1 && z.pause.isOver(z.account.now)
}

// prefers reports whether a name of z belongs into another zone: not into a shorter
// one as long as z works, because what a listing does not show may be there. One
// that it shows, and that is passed over, is left.
func (z *zone) prefers(to provider.Placed) bool {
	return isKind(z.failure, provider.Auth) || to.Passed || len(to.Zone.Name.String()) >= len(z.Name.String())
}

// unassign has the names of a zone looked for again, because the host says that
// it is not there. The zone keeps its pause, in case that is where they are.
func (a *account) unassign(z *zone) {
	maps.DeleteFunc(a.placed, func(_ dns.Name, of *zone) bool { return of == z })
	z.setSpec(plan.Spec{})
	z.gone = false
}
