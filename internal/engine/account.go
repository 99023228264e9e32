package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// account is what the engine keeps of one account from round to round. One
// goroutine works on it at a time, and one on each of its zones.
type account struct {
	Account
	timeout time.Duration
	names   []dns.Name
	firsts  []plan.Origin // of the Spec
	calls   chan struct{} // holds one for each call under way

	lists    []*list
	zones    map[string]*zone // by id
	placed   map[dns.Name]*zone
	unplaced map[dns.Name]unplacedName
	pause    pause           // before the zones may be asked for again
	failure  *provider.Error // why the zones could not be read; nil when they could
	delayed  *provider.Error // why that is so where nothing suffers from it
	survey   bool            // the zones of all names are to be looked for in this round
	surveyed time.Time       // when that was done last

	now    time.Time   // when the round began
	memory plan.Memory // as it was then
}

// unplacedName is a name that was found in no zone.
type unplacedName struct {
	pause
	err *provider.Error
}

// task is what a round wants of an account and its zones.
type task struct {
	looks lookSet
	dry   bool
	last  bool          // no other round follows
	most  time.Duration // the longest pause after a failure
}

// callsAtOnce bounds the calls of an account that are under way: the API takes
// 200 a second from an address.
const callsAtOnce = 16

// acquireTurn waits for one of the calls of the account; the function it returns ends it.
func (a *account) acquireTurn() (leave func()) {
	a.calls <- struct{}{}
	return func() { <-a.calls }
}

func newAccount(a Account, timeout time.Duration) *account {
	made := &account{Account: a, timeout: timeout, names: a.Spec.Names(), firsts: a.Spec.FailoverOrigins(), calls: make(chan struct{}, callsAtOnce), zones: make(map[string]*zone),
		placed: make(map[dns.Name]*zone), unplaced: make(map[dns.Name]unplacedName)}
	host, _ := a.Provider.(provider.Lists)
	for _, l := range a.Spec.Lists {
		made.lists = append(made.lists, &list{List: l, resourceState: resourceState{account: made}, host: host})
	}
	return made
}

// resources returns the zones of the account, by name, and its lists.
func (a *account) resources() []resource {
	all := make([]resource, 0, len(a.zones)+len(a.lists))
	for _, z := range a.zonesByName() {
		all = append(all, z)
	}
	for _, l := range a.lists {
		all = append(all, l)
	}
	return all
}

// zonesByName returns the zones by name.
func (a *account) zonesByName() []*zone {
	zs := slices.Collect(maps.Values(a.zones))
	sort.Slice(zs, func(i, j int) bool { return zs[i].Name.Compare(zs[j].Name) < 0 })
	return zs
}

// prepare begins a round: views that would be older than resync at the next
// one are dropped, so that they are read in this one.
func (a *account) prepare(now, next time.Time, resync time.Duration, memory plan.Memory) {
	a.now, a.memory, a.survey = now, memory, false
	old := func(read time.Time) bool { return resync > 0 && next.Sub(read) > resync }
	for _, z := range a.zones {
		a.survey = a.survey || z.authFailing() || old(z.readAt) && old(a.surveyed)
	}
	for _, r := range a.resources() {
		if r.begin(now); old(r.state().readAt) {
			r.invalidate()
		}
	}
	for _, z := range a.zones {
		if z.gone && z.pause.isOver(now) {
			a.unassign(z)
		}
	}
}

// retryAll has everything read again, and what waits tried at once.
func (a *account) retryAll() {
	for _, r := range a.resources() {
		r.retryAll()
	}
	clear(a.unplaced)
	a.pause, a.failure = a.pause.cutShort(a.failure)
	if f, ok := a.Provider.(provider.Forgetful); ok {
		f.Forget()
	}
}

// forget has the zones looked for again too.
func (a *account) forget() {
	a.retryAll()
	for _, z := range a.zones {
		a.unassign(z)
	}
}

// keep keeps the lists and, beside them, the records as soon as it is known in which
// zones they lie.
func (a *account) keep(ctx context.Context, t task) {
	var wg sync.WaitGroup
	for _, l := range a.lists {
		wg.Go(func() { keep(ctx, l, t) })
	}
	a.assignZones(ctx, t)
	if a.failure == nil { // else a zone that lost its names may be found again, and knows what stood there
		maps.DeleteFunc(a.zones, func(_ string, z *zone) bool { return len(z.spec.Records) == 0 })
	}
	for _, z := range a.zonesByName() {
		if len(z.spec.Records) > 0 {
			wg.Go(func() { keep(ctx, z, t) })
		}
	}
	wg.Wait()
}

// retries returns when what failed here is to be tried again.
func (a *account) retries() []time.Time {
	var at []time.Time
	if a.failure != nil {
		at = append(at, a.pause.until)
	}
	for _, l := range a.unplaced {
		at = append(at, laterOf(l.until, a.pause.until)) // no zone is asked for before
	}
	for _, r := range a.resources() {
		at = append(at, r.retries()...)
	}
	return at
}

var errUpdateTimeout = errors.New("the time limit for updates was reached")

// asError returns err as the provider.Error it is by contract.
func asError(err error) *provider.Error {
	if pe, ok := errors.AsType[*provider.Error](err); ok {
		return pe
	}
	return &provider.Error{Kind: provider.Unconfirmed, Err: err}
}

// dropUnconfirmed returns p without the sets of origins that turn out not to be what was believed
// of them, as soon as one of those that are due needs them.
func dropUnconfirmed(ctx context.Context, p plan.Plan, due []plan.Set, seen lookSet) plan.Plan {
	var fallen []plan.Origin
	for _, s := range due {
		for _, o := range s.Needs {
			if at := seen[o]; at != nil && !at.stillHolds(ctx) {
				fallen = append(fallen, o)
			}
		}
	}
	if len(fallen) > 0 {
		p.Sets = slices.DeleteFunc(p.Sets, func(s plan.Set) bool { return intersects(s.Needs, fallen) })
	}
	return p
}

// dropUnpublishable returns p without the sets of origins that may not be published yet.
func dropUnpublishable(p plan.Plan, seen lookSet) plan.Plan {
	p.Sets = slices.DeleteFunc(slices.Clone(p.Sets), func(s plan.Set) bool {
		return slices.ContainsFunc(s.Needs, func(o plan.Origin) bool { return seen[o] != nil && !seen[o].publishable })
	})
	return p
}
