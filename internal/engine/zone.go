package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// zone is what the engine keeps of one zone from round to round.
type zone struct {
	provider.Zone
	resourceState
	spec plan.Spec // the records of the account that lie here

	view     *view         // what the host holds; nil when that is not known
	previous *view         // the view that was dropped last, until the next one was worked with
	prior    previousState // what stood here before the latest changes of homing's

	refused     map[dns.Key]refusal    // RRsets the host would not change
	contentions map[dns.Key]contention // RRsets that somebody else changed lately; nil as a rule
	doubted     bool                   // it showed nothing at all, which is to be looked at again
	gone        bool                   // the host says that the zone is not there
	cache       planCache              // plans that changed nothing
	plan        plan.Plan              // of this round
	attempt     attempt                // at what settled last
	notes       []plan.Note            // each of the latest round in which it could be told
	done        []status.Done          // in this round

	receipts []string // of what was stored in this round, and may not be visible yet
}

// attempt is what is under way for origins that settled together.
type attempt struct {
	due, before   []plan.Set // what is to be applied, and what was the last time, which proved stale
	kept, written int        // what the plan and what was done of the round came to before
}

// refusal is an RRset that is left alone for a while after a failure.
type refusal struct {
	pause
	failed status.Done
	needs  []plan.Origin // what has to be known to plan without it
}

// snapshot is all that planning needs of a zone, as values nobody changes.
type snapshot struct {
	provider.Zone
	spec   plan.Spec
	memory plan.Memory
	view   *view
}

// diff returns the plan for all that needs any of fresh.
func (s snapshot) diff(seen plan.Seen, fresh []plan.Origin) plan.Plan {
	zone := plan.Zone{Name: s.Zone.Name, Limits: s.Limits, ProxiedOnly: s.Unserved != ""}
	targets := slices.DeleteFunc(plan.Targets(s.spec, seen, s.memory), func(t plan.Target) bool {
		return !intersects(t.Needs, fresh)
	})
	return plan.Diff(zone, targets, s.view.records, s.spec.Owns)
}

func (z *zone) snapshot() snapshot { return z.snapshotOf(z.view) }

// snapshotOf returns a snapshot of the zone as v has it.
func (z *zone) snapshotOf(v *view) snapshot {
	s := snapshot{z.Zone, z.spec, z.account.memory, v}
	if _, ok := z.account.Provider.(provider.Texts); !ok {
		s.Limits.NoTXT = true
	}
	return s
}

// setSpec gives the zone its records, which have to be read anew.
func (z *zone) setSpec(spec plan.Spec) {
	z.invalidate()
	z.spec, z.cache = spec, nil
}

// begin forgets the round before.
func (z *zone) begin(now time.Time) {
	z.plan, z.done = plan.Plan{}, nil
	z.prior = z.prior.expireAt(now)
	if z.doubted {
		z.doubted = false
		z.invalidate()
	}
	maps.DeleteFunc(z.contentions, func(_ dns.Key, r contention) bool { return r.isSettled(now) })
}

// invalidate has the zone read again before anything is planned.
func (z *zone) invalidate() {
	if z.view != nil {
		z.view, z.previous = nil, z.view
	}
}

// retryAll has everything read again, and what waits tried at once.
func (z *zone) retryAll() {
	z.invalidate()
	z.pause, z.failure = z.pause.cutShort(z.failure)
	z.refused, z.asked = nil, true
}

func (z *zone) known() bool { return z.view != nil }

func (z *zone) needs(o plan.Origin) bool { return z.spec.Needs(o) }

// settle forgets the view before, once this one was worked with.
func (z *zone) settle() {
	if z.view != nil {
		z.previous = nil
	}
}

// await waits for the first origins to settle; for all where nothing is changed in
// between, so that one plan has to hold it all.
func (z *zone) await(pending lookSet, dry bool) (fresh []plan.Origin) {
	fresh = awaitLooks(pending)
	for dry && len(pending) > 0 {
		fresh = append(fresh, awaitLooks(pending)...)
	}
	return fresh
}

// load reads the zone's records. A zone in which
// homing published before, and which shows nothing at all to this process, is
// read twice, and once more in the next round: were the listing wrong, a second
// record would be made for every name.
func (z *zone) load(ctx context.Context) error {
	records, err := z.list(ctx)
	first := z.readAt.IsZero() && len(z.account.memory.Last) > 0
	if err == nil && len(records) == 0 && first {
		records, err = z.list(ctx)
	}
	if err != nil {
		return err
	}
	z.view = &view{records}
	z.doubted = len(records) == 0 && first
	return nil
}

// list returns what the host says stands at the names of the zone.
func (z *zone) list(ctx context.Context) ([]dns.Record, error) {
	names, texts := z.spec.Names(), z.spec.Texts(z.Zone.Name)
	if p, ok := z.account.Provider.(provider.Texts); ok && len(texts) > 0 {
		return p.RecordsAndTexts(ctx, z.Zone, names, texts)
	}
	return z.account.Provider.Records(ctx, z.Zone, names)
}

// planChanges plans for what needs any of these origins; due reports whether something
// is to be applied now.
func (z *zone) planChanges(ctx context.Context, t task, seen plan.Seen, fresh []plan.Origin, try int) (due bool) {
	if len(fresh) == 0 {
		return false
	}
	if try == 0 {
		z.attempt = attempt{kept: z.plan.Kept, written: len(z.done)}
	}
	p := dropUnpublishable(z.planFor(seen, fresh), t.looks)
	if !t.dry {
		p = dropUnconfirmed(ctx, p, z.dueSets(p.Sets, seen), t.looks)
	}
	z.findForeign(p, seen, fresh, t.dry)
	if try == 0 {
		z.plan = joinPlans(z.plan, p)
	}
	z.plan.Kept = z.attempt.kept + max(0, p.Kept-status.StandAfter(z.done[z.attempt.written:]))
	told := func(k dns.Key, needs []plan.Origin) bool {
		return intersects(needs, fresh) && seen.Determines(k.Type, needs)
	}
	z.recordNotes(p, told)
	z.forgetResolved(p, told)
	z.attempt.due = z.dueSets(p.Sets, seen)
	return len(z.attempt.due) > 0
}

func intersects(a, b []plan.Origin) bool {
	return slices.ContainsFunc(a, func(o plan.Origin) bool { return slices.Contains(b, o) })
}

// staleMost is how often a round reads and plans a zone anew because its view
// proved stale, as long as that gives another plan.
const staleMost = 2

func sameSet(a, b plan.Set) bool {
	return slices.EqualFunc(a.Changes, b.Changes, func(a, b plan.Change) bool {
		return a.Action == b.Action && a.Old.Equal(&b.Old) && a.New.Equal(&b.New)
	})
}

// recordNotes keeps what a plan says of all that it could tell something of. Of the rest
// it says nothing, and what was so may still be.
func (z *zone) recordNotes(p plan.Plan, told func(k dns.Key, needs []plan.Origin) bool) {
	z.notes = slices.DeleteFunc(slices.Clone(z.notes), func(n plan.Note) bool { return told(n.Key, n.Of) })
	z.notes = append(z.notes, p.Notes...)
}

// dueSets returns the sets without those that are being left alone: what was refused, and
// what a rival would only change back. A new address of homing's own is no part
// of that fight.
func (z *zone) dueSets(sets []plan.Set, seen plan.Seen) []plan.Set {
	now := z.account.now
	alone := func(s plan.Set) bool {
		r, fights := z.contentions[s.Key]
		held := fights && !z.asked && !r.isOver(now) && r.seen.Same(seen.Only(s.Needs))
		return held || !z.refused[s.Key].isOver(now)
	}
	due := make([]plan.Set, 0, len(sets))
	for n := 0; len(sets) > 0; sets = sets[n:] {
		if n = plan.GroupLen(sets); !slices.ContainsFunc(sets[:n], alone) {
			due = append(due, sets[:n]...)
		}
	}
	return due
}

// fail leaves the zone alone for a while. Where something may have changed
// that nobody confirmed, the view is dropped.
func (z *zone) fail(err *provider.Error, most time.Duration) {
	z.failure = err
	if err.Kind == provider.Unconfirmed || err.Kind == provider.NoZone {
		z.invalidate()
	}
	z.pause = z.pause.afterFailure(time.Now(), err, most)
	z.gone = err.Kind == provider.NoZone
}

func (z *zone) forgetContentions() { z.contentions = nil }

func (z *zone) report(r *status.Round) {
	if len(z.spec.Records) > 0 {
		r.Zones = append(r.Zones, status.Zone{Account: z.account.Account.Name, ID: z.ID, Name: z.Name, Plan: z.plan, Done: z.done})
	}
}

// retries returns when what failed here is to be tried again: nothing before the
// pauses of the zone and of a rival are over. What could have been tried in this
// round and was not, because its address is not known, waits for that.
func (z *zone) retries() []time.Time {
	if z.failure != nil {
		return []time.Time{z.pause.until}
	}
	var at []time.Time
	for k, r := range z.refused {
		if t := laterOf(r.until, z.contentions[k].until); t.After(z.account.now) {
			at = append(at, t)
		}
	}
	return at
}

func joinPlans(p, q plan.Plan) plan.Plan {
	return plan.Plan{
		Sets:  append(p.Sets, q.Sets...),
		Notes: append(p.Notes, q.Notes...),
		Kept:  p.Kept + q.Kept,
	}
}
