package engine

import (
	"context"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/addr"
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

	view *view     // what the host holds; nil when that is not known
	read time.Time // when it was read

	pause   pause               // before anything is tried here again
	failure *provider.Error     // what went wrong here last; nil when nothing did
	refused map[dns.Key]refusal // RRsets the host would not change
	gone    bool                // the host says that the zone is not there
	quiet   [4]memo             // plans that changed nothing, by the families they were for
	plan    plan.Plan           // of this round
	done    []status.Done       // in this round
}

// refusal is an RRset that is left alone for a while after a failure.
type refusal struct {
	pause
	failed status.Done
}

// snapshot is all that planning needs of a zone, as values nobody changes.
type snapshot struct {
	provider.Zone
	spec plan.Spec
	view *view
}

func (s snapshot) diff(seen plan.Seen) plan.Plan {
	zone := plan.Zone{Name: s.Zone.Name, Limits: s.Limits}
	return plan.Diff(zone, plan.Targets(s.spec, seen), s.view.records, s.spec.Owns)
}

func (z *zone) snapshot() snapshot { return snapshot{z.Zone, z.spec, z.view} }

// holds gives the zone its records, which have to be read anew.
func (z *zone) holds(spec plan.Spec) { z.spec, z.view, z.quiet = spec, nil, [4]memo{} }

// begin forgets the round before.
func (z *zone) begin() { z.plan, z.done = plan.Plan{}, nil }

// grace is how long the first family to settle waits for the other, so that
// both share a call.
const grace = 250 * time.Millisecond

// work brings the zone to what each family in turn turns out to be.
func (z *zone) work(ctx context.Context, t task) {
	if !z.pause.over(z.account.now) {
		return
	}
	z.failure = nil
	if !z.load(ctx, t.most) {
		return
	}
	waiting := make(map[addr.Family]*sight)
	for f, s := range t.sights {
		if z.spec.Uses(f) {
			waiting[f] = s
		}
	}
	for len(waiting) > 0 && z.failure == nil {
		z.change(ctx, t, await(waiting))
	}
	if z.failure == nil {
		z.pause = pause{}
	}
}

// await waits for the first family to settle, and a moment for the other. It
// takes those that did out of waiting.
func await(waiting map[addr.Family]*sight) map[addr.Family]*sight {
	pending := make(map[addr.Family]<-chan struct{}) // a family that is not waited for has a nil channel, which never is ready
	for f, s := range waiting {
		pending[f] = s.settled
	}
	settled := make(map[addr.Family]*sight)
	var late <-chan time.Time
	for len(waiting) > 0 {
		var f addr.Family
		select {
		case <-pending[addr.IPv4]:
			f = addr.IPv4
		case <-pending[addr.IPv6]:
			f = addr.IPv6
		case <-late:
			return settled
		}
		settled[f] = waiting[f]
		delete(waiting, f)
		delete(pending, f)
		late = time.After(grace)
	}
	return settled
}

// load reads the zone's records where they are not known.
func (z *zone) load(ctx context.Context, most time.Duration) bool {
	if z.view != nil {
		return true
	}
	ctx, cancel := context.WithTimeoutCause(ctx, z.account.timeout, errUpdateTimeout)
	defer cancel()
	defer z.account.enter()()
	records, err := z.account.Provider.Records(ctx, z.Zone, z.spec.Names())
	if err != nil {
		z.fail(asError(err), most)
		return false
	}
	z.view, z.read = &view{records}, time.Now()
	return true
}

// change plans with what these families turned out to be and carries it out.
// What proves stale is read, planned and tried once more.
func (z *zone) change(ctx context.Context, t task, settled map[addr.Family]*sight) {
	seen := plan.Seen{}
	for f, s := range settled {
		seen[f] = s.seen
	}
	for try := 0; ; try++ {
		p := publishable(z.planned(seen), settled)
		if try == 0 {
			z.plan = join(z.plan, p)
		}
		z.relent(p, func(k dns.Key) bool { return settled[plan.FamilyOf(k.Type)] != nil })
		changes := z.due(p.Changes)
		if len(changes) == 0 || t.dry || ctx.Err() != nil {
			return
		}
		if stale := z.apply(ctx, changes, t.most, try > 0); !stale || !z.load(ctx, t.most) {
			return
		}
	}
}

// due is the changes without those of RRsets that are being left alone.
func (z *zone) due(changes []plan.Change) []plan.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c plan.Change) bool {
		return !z.refused[c.Key()].over(z.account.now)
	})
}

// fail leaves the zone alone for a while. Where something may have changed
// that nobody confirmed, the view is dropped.
func (z *zone) fail(err *provider.Error, most time.Duration) {
	z.failure = err
	if err.Kind == provider.Unconfirmed || err.Kind == provider.NoZone {
		z.view = nil
	}
	z.pause = z.pause.after(time.Now(), err, most)
	z.gone = err.Kind == provider.NoZone
}

// retries is when what failed here is to be tried again.
func (z *zone) retries() []time.Time {
	var at []time.Time
	if z.failure != nil {
		at = append(at, z.pause.until)
	}
	for _, r := range z.refused {
		at = append(at, r.until)
	}
	return at
}

func join(p, q plan.Plan) plan.Plan {
	return plan.Plan{
		Changes: append(p.Changes, q.Changes...),
		Notes:   append(p.Notes, q.Notes...),
		Kept:    p.Kept + q.Kept,
	}
}
