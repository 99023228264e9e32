package engine

import (
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// findForeign finds, once a zone was read again, the RRsets that somebody else
// changed: those that need a change now and needed none as they were before,
// for the same addresses. What homing itself had yet to do is not among them.
// The changes that put them right say so, and those who do it are counted.
func (z *zone) findForeign(p plan.Plan, seen plan.Seen, fresh []plan.Origin, dry bool) {
	if z.previous == nil || len(p.Sets) == 0 {
		return
	}
	due := make(map[dns.Key]bool)
	for _, s := range z.snapshotOf(z.previous).diff(seen, fresh).Sets {
		due[s.Key] = true
	}
	var found []plan.Set
	for _, s := range p.Sets {
		if !due[s.Key] {
			found = append(found, s)
		}
	}
	lagging := z.prior.isListed(z.view, found)
	for _, s := range found {
		if !dry && !lagging {
			if z.contentions == nil {
				z.contentions = make(map[dns.Key]contention)
			}
			z.contentions[s.Key] = z.contentions[s.Key].afterRevert(z.account.now, describeForeign(s.Changes), seen.Only(s.Needs))
		}
		for i := range s.Changes {
			s.Changes[i].Reason = describeRevert(s.Changes[i])
		}
	}
}

// describeRevert returns the reason of a change that undoes what somebody else did.
func describeRevert(c plan.Change) string {
	switch {
	case c.Action == plan.ToCreate:
		return "deleted elsewhere"
	case c.Action == plan.ToDelete:
		return "added elsewhere: " + c.Old.Content()
	case c.Fields().Has(plan.Content):
		return "changed elsewhere, to " + c.Old.Content()
	}
	return "changed elsewhere: " + c.Fields().String()
}

// describeForeign returns what somebody did to an RRset, by the changes that put it right.
func describeForeign(changes []plan.Change) string {
	var contents []string
	var fields plan.Fields
	for _, c := range changes {
		switch {
		case c.Action == plan.ToDelete, c.Fields().Has(plan.Content):
			contents = append(contents, c.Old.Content())
		default:
			fields |= c.Fields()
		}
	}
	switch {
	case len(contents) > 0:
		return "changes it to " + strings.Join(contents, " and ")
	case fields != 0:
		return "changes its " + fields.String()
	}
	return "deletes it"
}

// extendPauses makes a rival's next pause longer once its RRset was put right.
func (z *zone) extendPauses(done []status.Done) {
	for k, r := range z.contentions {
		right := func(d status.Done) bool { return d.Key() == k && d.Err == nil }
		if r.isFight() && slices.ContainsFunc(done, right) {
			z.contentions[k] = r.pauseLonger(z.account.now)
		}
	}
}

// previousState is what stood in a zone before the latest confirmed changes, as a sum that
// costs no memory. A listing that still shows it lags behind, and nobody changed
// anything back.
type previousState struct {
	seed maphash.Seed
	sum  uint64 // of the RRsets that were changed
	sets int    // how many these are
	at   time.Time
}

// priorLasts is how long a listing may lag behind; a decision of homing.
const priorLasts = time.Minute

// afterWrites returns the zone as v shows it, before these changes; p where none is confirmed.
func (p previousState) afterWrites(v *view, done []status.Done) previousState {
	changed := make(map[dns.Key]bool)
	for _, d := range done {
		if d.Err == nil {
			changed[d.Key()] = true
		}
	}
	if len(changed) == 0 {
		return p
	}
	seed := maphash.MakeSeed()
	return previousState{seed, v.hashOf(seed, changed), len(changed), time.Now()}
}

// expireAt returns p as long as a listing may show it.
func (p previousState) expireAt(now time.Time) previousState {
	if now.Sub(p.at) > priorLasts {
		return previousState{}
	}
	return p
}

// isListed reports whether v shows what stood before the latest changes, for all
// RRsets of these: they are all that was changed, and more than one, as a hand
// would hardly put them back.
func (p previousState) isListed(v *view, found []plan.Set) bool {
	if len(found) < 2 || len(found) != p.sets {
		return false
	}
	keys := make(map[dns.Key]bool)
	for _, s := range found {
		keys[s.Key] = true
	}
	return v.hashOf(p.seed, keys) == p.sum
}

// hashOf returns the same for the same records of these RRsets, whatever their order.
func (v *view) hashOf(seed maphash.Seed, of map[dns.Key]bool) (sum uint64) {
	for k := range of {
		sum += maphash.Comparable(seed, k)
	}
	for _, r := range v.records {
		if !of[r.Key()] {
			continue
		}
		tags := strings.Join(slices.Sorted(slices.Values(r.Tags)), "\n")
		sum += maphash.Comparable(seed, [...]any{r.ID, r.Key(), r.Data(), r.Proxied, r.TTL, r.Comment, tags, r.ReadOnly, r.Feature})
	}
	return sum
}
