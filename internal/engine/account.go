package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// account is what the engine keeps of one account from round to round. One
// goroutine works on it at a time, and one on each of its zones.
type account struct {
	Account
	timeout time.Duration
	names   []dns.Name
	calls   chan struct{} // holds one for each call under way

	zones    map[string]*zone // by id
	placed   map[dns.Name]*zone
	unplaced map[dns.Name]lost
	pause    pause           // before the zones may be asked for again
	failure  *provider.Error // why the zones could not be read; nil when they could

	now time.Time // when the round began
}

// lost is a name that was found in no zone.
type lost struct {
	pause
	err *provider.Error
}

// task is what a round wants of an account and its zones.
type task struct {
	sights map[addr.Family]*sight
	dry    bool
	most   time.Duration // the longest pause after a failure
}

// callsAtOnce bounds the calls of an account that are under way: the API takes
// 200 a second from an address.
const callsAtOnce = 16

// enter waits for one of the calls of the account; the function it returns ends it.
func (a *account) enter() (leave func()) {
	a.calls <- struct{}{}
	return func() { <-a.calls }
}

func newAccount(a Account, timeout time.Duration) *account {
	return &account{Account: a, timeout: timeout, names: a.Spec.Names(), calls: make(chan struct{}, callsAtOnce), zones: make(map[string]*zone),
		placed: make(map[dns.Name]*zone), unplaced: make(map[dns.Name]lost)}
}

// prepare begins a round: views that would be older than resync at the next
// one are dropped, so that they are read in this one.
func (a *account) prepare(now, next time.Time, resync time.Duration) {
	a.now = now
	for _, z := range a.zones {
		z.begin()
		if z.gone && z.pause.over(now) {
			a.unhouse(z)
		}
		if resync > 0 && next.Sub(z.read) > resync {
			z.view = nil
		}
	}
}

// forget drops everything learnt about zones and records, and every pause.
func (a *account) forget() {
	clear(a.zones)
	clear(a.placed)
	clear(a.unplaced)
	a.pause, a.failure = pause{}, nil
}

// work finds the zones of names that have none yet, then works on all zones
// side by side.
func (a *account) work(ctx context.Context, t task) {
	a.place(ctx, t)
	maps.DeleteFunc(a.zones, func(_ string, z *zone) bool { return len(z.spec.Records) == 0 })
	var wg sync.WaitGroup
	for _, z := range a.zones {
		wg.Go(func() { z.work(ctx, t) })
	}
	wg.Wait()
}

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
	z.spec, z.view, z.gone = plan.Spec{}, nil, false
}

// snapshots is every zone's view as it stands, safe to read while the round
// works on them; ok is false when something still has to be read.
func (a *account) snapshots() (views []snapshot, ok bool) {
	ok = len(a.homeless()) == 0
	for _, z := range a.zones {
		if z.view == nil && z.pause.over(a.now) {
			ok = false
		}
		if z.view != nil {
			views = append(views, z.snapshot())
		}
	}
	return views, ok
}

// sorted is the zones by name.
func (a *account) sorted() []*zone {
	zs := make([]*zone, 0, len(a.zones))
	for _, z := range a.zones {
		zs = append(zs, z)
	}
	sort.Slice(zs, func(i, j int) bool { return zs[i].Name.Compare(zs[j].Name) < 0 })
	return zs
}

func (a *account) report() []status.Zone {
	var out []status.Zone
	for _, z := range a.sorted() {
		out = append(out, status.Zone{Account: a.Account.Name, Name: z.Name, Plan: z.plan, Done: z.done})
	}
	return out
}

// retryAt is when the first of the things that failed is to be tried again; or zero.
func (a *account) retryAt() time.Time {
	var at []time.Time
	if a.failure != nil {
		at = append(at, a.pause.until)
	}
	for _, l := range a.unplaced {
		at = append(at, l.until)
	}
	for _, z := range a.zones {
		at = append(at, z.retries()...)
	}
	if len(at) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(at, time.Time.Compare)
}

var errUpdateTimeout = errors.New("the time for updates is over; UPDATE_TIMEOUT sets it")

// asError is err as the provider.Error it is by contract.
func asError(err error) *provider.Error {
	if pe, ok := errors.AsType[*provider.Error](err); ok {
		return pe
	}
	return &provider.Error{Kind: provider.Unconfirmed, Err: err}
}

// publishable is p without the changes of families that may not be published yet.
func publishable(p plan.Plan, seen map[addr.Family]*sight) plan.Plan {
	p.Changes = slices.DeleteFunc(p.Changes, func(c plan.Change) bool {
		s := seen[plan.FamilyOf(c.Key().Type)]
		return s == nil || !s.publishable
	})
	return p
}
