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
	"github.com/homing-dns/homing/internal/status"
)

// zone is what the engine keeps of one zone from round to round.
type zone struct {
	provider.Zone
	account *account
	spec    plan.Spec // the records of the account that lie here

	view     *view     // what the host holds; nil when that is not known
	read     time.Time // when it was read
	previous *view     // the view that was dropped last, until the next one was worked with
	prior    prior     // what stood here before the latest changes of homing's

	pause       pause                  // before anything is tried here again
	failure     *provider.Error        // what went wrong here last; nil when nothing did
	refused     map[dns.Key]refusal    // RRsets the host would not change
	contentions map[dns.Key]contention // RRsets that somebody else changed lately; nil as a rule
	asked       bool                   // somebody wants everything put right now, whatever rivals there are
	doubted     bool                   // it showed nothing at all, which is to be looked at again
	gone        bool                   // the host says that the zone is not there
	cache       planCache              // plans that changed nothing
	plan        plan.Plan              // of this round
	notes       []plan.Note            // each of the latest round in which it could be told
	done        []status.Done          // in this round

	receipts []string // of what was stored in this round, and may not be visible yet
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

// diff is the plan for all that needs any of fresh.
func (s snapshot) diff(seen plan.Seen, fresh []plan.Origin) plan.Plan {
	zone := plan.Zone{Name: s.Zone.Name, Limits: s.Limits, ProxiedOnly: s.Unserved != ""}
	targets := slices.DeleteFunc(plan.Targets(s.spec, seen, s.memory), func(t plan.Target) bool {
		return !overlap(t.Needs, fresh)
	})
	return plan.Diff(zone, targets, s.view.records, s.spec.Owns)
}

func (z *zone) snapshot() snapshot { return z.seenAs(z.view) }

// seenAs is a snapshot of the zone as v has it.
func (z *zone) seenAs(v *view) snapshot {
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
	z.prior = z.prior.until(now)
	if z.doubted {
		z.doubted = false
		z.invalidate()
	}
	maps.DeleteFunc(z.contentions, func(_ dns.Key, r contention) bool { return r.calm(now) })
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
	z.pause, z.failure = z.pause.ended(z.failure)
	z.refused, z.asked = nil, true
}

// work brings the zone to what each origin in turn turns out to be.
func (z *zone) work(ctx context.Context, t task) {
	if !z.pause.over(z.account.now) {
		return
	}
	z.failure = nil
	if !z.load(ctx, t.most) {
		return
	}
	waiting := maps.Clone(t.sights)
	maps.DeleteFunc(waiting, func(o plan.Origin, _ *pendingLook) bool { return !z.spec.Needs(o) })
	t.sights = maps.Clone(waiting)
	all := slices.Collect(maps.Keys(waiting))
	if t.dry { // nothing is changed in between, so one plan has to hold it all
		for len(waiting) > 0 {
			await(waiting)
		}
		if len(all) > 0 {
			z.change(ctx, t, all)
		}
	}
	for len(waiting) > 0 && z.failure == nil && z.load(ctx, t.most) { // what proved stale has to be read for those that come late
		z.change(ctx, t, await(waiting))
	}
	if t.last && isKind(z.failure, provider.Unconfirmed) {
		z.verify(ctx, t, all)
	}
	if z.failure == nil {
		z.pause, z.asked = pause{}, false
	}
	if z.view != nil {
		z.previous = nil
	}
}

// load reads the zone's records where they are not known. A zone in which
// homing published before, and which shows nothing at all to this process, is
// read twice, and once more in the next round: were the listing wrong, a second
// record would be made for every name.
func (z *zone) load(ctx context.Context, most time.Duration) bool {
	if z.view != nil {
		return true
	}
	ctx, cancel := context.WithTimeoutCause(ctx, z.account.timeout, errUpdateTimeout)
	defer cancel()
	defer z.account.enter()()
	records, err := z.list(ctx)
	first := z.read.IsZero() && len(z.account.memory.Last) > 0
	if err == nil && len(records) == 0 && first {
		records, err = z.list(ctx)
	}
	if err != nil {
		z.fail(asError(err), most)
		return false
	}
	z.view, z.read = &view{records}, time.Now()
	z.doubted = len(records) == 0 && first
	return true
}

// list is what the host says stands at the names of the zone.
func (z *zone) list(ctx context.Context) ([]dns.Record, error) {
	names, texts := z.spec.Names(), z.spec.Texts(z.Zone.Name)
	if p, ok := z.account.Provider.(provider.Texts); ok && len(texts) > 0 {
		return p.RecordsAndTexts(ctx, z.Zone, names, texts)
	}
	return z.account.Provider.Records(ctx, z.Zone, names)
}

// change plans for what needs any of these origins, with what all that have
// settled turned out to be, and carries it out. What proves stale is read,
// planned and tried once more.
func (z *zone) change(ctx context.Context, t task, fresh []plan.Origin) {
	sort.Slice(fresh, func(i, j int) bool { return fresh[i].Compare(fresh[j]) < 0 })
	seen := t.sights.soFar()
	var before []plan.Set // what proved stale
	kept, written := z.plan.Kept, len(z.done)
	for try := 0; ; try++ {
		p := publishable(z.planned(seen, fresh), t.sights)
		if !t.dry {
			p = standing(ctx, p, z.due(p.Sets, seen), t.sights)
		}
		z.findForeign(p, seen, fresh, t.dry)
		if try == 0 {
			z.plan = join(z.plan, p)
		}
		z.plan.Kept = kept + max(0, p.Kept-status.StandAfter(z.done[written:]))
		told := func(k dns.Key, needs []plan.Origin) bool { return overlap(needs, fresh) && seen.Tells(k.Type, needs) }
		z.note(p, told)
		z.forgetResolved(p, told)
		sets := z.due(p.Sets, seen)
		if len(sets) == 0 || t.dry || ctx.Err() != nil {
			return
		}
		isolate := try >= staleMost || slices.EqualFunc(sets, before, sameSet)
		if stale := z.apply(ctx, sets, t.most, isolate); !stale || !z.load(ctx, t.most) {
			return
		}
		before = sets
	}
}

func overlap(a, b []plan.Origin) bool {
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

// note keeps what a plan says of all that it could tell something of. Of the rest
// it says nothing, and what was so may still be.
func (z *zone) note(p plan.Plan, told func(k dns.Key, needs []plan.Origin) bool) {
	z.notes = slices.DeleteFunc(slices.Clone(z.notes), func(n plan.Note) bool { return told(n.Key, n.Of) })
	z.notes = append(z.notes, p.Notes...)
}

// due is the sets without those that are being left alone: what was refused, and
// what a rival would only change back. A new address of homing's own is no part
// of that fight.
func (z *zone) due(sets []plan.Set, seen plan.Seen) []plan.Set {
	now := z.account.now
	alone := func(s plan.Set) bool {
		r, fights := z.contentions[s.Key]
		held := fights && !z.asked && !r.over(now) && r.seen.Same(seen.Only(s.Needs))
		return held || !z.refused[s.Key].over(now)
	}
	due := make([]plan.Set, 0, len(sets))
	for n := 0; len(sets) > 0; sets = sets[n:] {
		if n = plan.Together(sets); !slices.ContainsFunc(sets[:n], alone) {
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
	z.pause = z.pause.after(time.Now(), err, most)
	z.gone = err.Kind == provider.NoZone
}

// retries is when what failed here is to be tried again: nothing before the
// pauses of the zone and of a rival are over. What could have been tried in this
// round and was not, because its address is not known, waits for that.
func (z *zone) retries() []time.Time {
	if z.failure != nil {
		return []time.Time{z.pause.until}
	}
	var at []time.Time
	for k, r := range z.refused {
		if t := later(r.until, z.contentions[k].until); t.After(z.account.now) {
			at = append(at, t)
		}
	}
	return at
}

func join(p, q plan.Plan) plan.Plan {
	return plan.Plan{
		Sets:  append(p.Sets, q.Sets...),
		Notes: append(p.Notes, q.Notes...),
		Kept:  p.Kept + q.Kept,
	}
}
