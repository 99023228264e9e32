package status

import (
	"net/netip"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// How much of the past a Board keeps.
const (
	keptRounds = 50
	keptEvents = 100
)

// Board holds what is so now, for whoever shows it. One goroutine at a time
// reports to it; any number may look. What it keeps does not grow with time.
type Board struct {
	mu        sync.Mutex // of those who change it
	now       atomic.Pointer[Snapshot]
	listeners map[chan struct{}]bool
}

// Wanted is what the settings ask for in one account.
type Wanted struct {
	Account string
	Spec    plan.Spec
}

// Held is what a DNS host holds at the managed names of one zone, as far as it
// is known. A zone that is not known is left out.
type Held struct {
	Account string
	Zone    dns.Name
	Read    time.Time    // when it was read last
	Records []dns.Record // not changed by anybody from here on
}

// Addresses is what is known of the addresses of one family.
type Addresses struct {
	Addrs []netip.Addr // the latest that were known; none when there are to be none
	Known bool         // they are known now
	Since time.Time    // since when they are these; zero when none were ever known
	Lost  time.Time    // since when they are not known; zero when they are
}

// Brief is a round in a line.
type Brief struct {
	Number       int
	Started      time.Time
	Took         time.Duration
	Outcome      Outcome
	Done, Failed int // changes
	Calls        int64
}

// Snapshot is a Board at one moment. Nobody changes it.
type Snapshot struct {
	Version uint64    // grows with each snapshot, and from process to process
	Records uint64    // the Version in which what is known of any RRset changed last
	Began   time.Time // when the Board was made

	Wanted   []Wanted
	Held     []Held
	Round    Round     // the latest; zero before the first
	Finished time.Time // when that ended
	Updated  time.Time // when a record was changed last; zero when it never was
	Addrs    map[plan.Origin]Addresses
	Bell     *Bell         // what rang last; nil: nothing did
	Truth    time.Duration // how long it took from then until the records said so; zero: nothing had to be changed, or not yet

	Rounds []Brief // newest first
	Events []Event // newest first

	changed  lastChanged
	standing Standing
	tally    func() Tally
}

// NewBoard makes a Board on which nothing happened yet.
func NewBoard(wanted ...Wanted) *Board {
	b := &Board{listeners: make(map[chan struct{}]bool)}
	now := time.Now()
	first := uint64(now.UnixMicro()) // so that whoever looked at the process before sees that this is another
	b.publish(&Snapshot{Version: first, Records: first, Began: now, Wanted: wanted, Events: []Event{{At: now, Kind: HomingBegan}}})
	return b
}

// Now is what is so now.
func (b *Board) Now() *Snapshot { return b.now.Load() }

// Want says that the settings are others now. What became of the records of
// before is forgotten where they are no longer wanted.
func (b *Board) Want(wanted []Wanted) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.nextSnapshot()
	s.Wanted, s.Records = wanted, s.Version
	managed := make(map[dns.Key]bool)
	for _, w := range wanted {
		for _, r := range w.Spec.Records {
			for _, t := range r.Types {
				managed[dns.Key{Name: r.Name, Type: t}] = true
			}
		}
	}
	s.changed = s.changed.only(managed)
	b.publish(s)
}

// Note says what a person should know of now, before the next round says it too:
// the conditions with this code are these. Done takes the place of all that.
func (b *Board) Note(code Code, cs ...Condition) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.nextSnapshot()
	var all []Condition
	for _, c := range s.Round.Conditions {
		if c.Code != code {
			all = append(all, c)
		}
	}
	s.Round.Conditions = append(all, cs...)
	b.publish(s)
}

// Tell adds what happened outside of rounds.
func (b *Board) Tell(e Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.nextSnapshot()
	s.prependEvents([]Event{e.brief()})
	b.publish(s)
}

// Prime tells what happened before this process began, oldest first; it is for
// before the first round. It makes the past visible and decides nothing.
func (b *Board) Prime(past []Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.nextSnapshot()
	s.Records = s.Version
	s.Addrs = make(map[plan.Origin]Addresses)
	changed := make(map[dns.Key]time.Time)
	open := make(map[outage]string) // and what was told of it
	for _, e := range past {
		s.restore(&e, open)
		if e.Kind == RecordChanged || e.Kind == ItemChanged {
			for _, k := range e.Keys {
				changed[k] = e.At
			}
		}
	}
	s.changed = changedWhen(changed)
	s.standing = Standing{Addrs: s.Addrs}
	for o, text := range open {
		s.standing.Conditions = append(s.standing.Conditions, Condition{Code: o.code, Subject: o.origin, Text: text})
	}
	begun := s.standing.Conditions
	sort.Slice(begun, func(i, j int) bool { return begun[i].Compare(begun[j]) < 0 })
	newest := s.Events
	s.Events = nil
	for i := len(past) - 1; i >= 0 && len(s.Events) < keptEvents; i-- {
		s.Events = append(s.Events, past[i])
	}
	s.prependEvents(newest)
	b.publish(s)
}

// prependEvents adds events, newest first, in an array that holds no more.
func (s *Snapshot) prependEvents(newest []Event) {
	all := make([]Event, min(len(newest)+len(s.Events), keptEvents))
	copy(all[copy(all, newest):], s.Events)
	s.Events = all
}

// restore takes over what the past says is so.
func (s *Snapshot) restore(e *Event, open map[outage]string) {
	found := func(origin string) {
		delete(open, outage{AddressUnknown, origin})
		delete(open, outage{AddressDoubted, origin})
	}
	switch e.Kind {
	case RecordChanged, ItemChanged:
		s.Updated = e.At
	case AddressFound:
		if addrs, err := parseAddrs(e.To); err == nil {
			s.Addrs[e.Of] = Addresses{Addrs: addrs, Since: e.At, Lost: s.Began}
		}
		found(e.Of.String())
	case AddressLost:
		found(e.Of.String()) // what was so before of it is not any more
		open[outage{e.Code, e.Of.String()}] = e.Text
	case ConditionBegan:
		open[outage{code: e.Code}] = e.Text
	case ConditionOver:
		delete(open, outage{code: e.Code})
	}
}

// Done tells the latest round and what the DNS hosts hold after it, and gives
// what happened in it, oldest first.
func (b *Board) Done(r Round, held []Held) []Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.Now()
	s := b.nextSnapshot()
	s.Round, s.Held, s.Finished = r, held, r.Started.Add(r.Took)
	events, after := Since(before.standing, r)
	s.standing, s.Addrs = after, after.Addrs
	if r.Bell != nil {
		s.Bell, s.Truth = r.Bell, 0
	}
	if r.Truth > 0 {
		s.Truth = r.Truth
	}
	done, failed := r.Count()
	if done > 0 {
		s.Updated, s.changed = s.Finished, before.changed.with(r.changed(), s.Finished)
	}
	s.Rounds = make([]Brief, min(len(before.Rounds)+1, keptRounds))
	s.Rounds[0] = Brief{r.Number, r.Started, r.Took, r.Outcome(), done, failed, r.Calls}
	copy(s.Rounds[1:], before.Rounds)
	var newest []Event
	for i := len(events) - 1; i >= 0; i-- {
		if e := &events[i]; !e.ofAddress() { // AddressFound and AddressLost say it
			newest = append(newest, e.brief())
		}
	}
	if len(newest) > 0 {
		s.prependEvents(newest)
	}
	if len(events) > 0 || failed > 0 || !sameHeld(before.Held, held) {
		s.Records = s.Version
	}
	b.publish(s)
	return events
}

// nextSnapshot is a copy of the latest snapshot, to be changed and set. b.mu is held.
func (b *Board) nextSnapshot() *Snapshot {
	s := *b.Now()
	s.Version++
	return &s
}

func (b *Board) publish(s *Snapshot) {
	s.tally = sync.OnceValue(s.countStates)
	b.now.Store(s)
	for c := range b.listeners {
		select {
		case c <- struct{}{}:
		default: // it has not yet looked at the one before, and will see this one
		}
	}
}

// sameHeld says whether these are the very same views; records that were read
// again count as others.
func sameHeld(a, b []Held) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := &a[i], &b[i]
		same := x.Account == y.Account && x.Zone == y.Zone && len(x.Records) == len(y.Records) &&
			(len(x.Records) == 0 || &x.Records[0] == &y.Records[0])
		if !same {
			return false
		}
	}
	return true
}

// limited is the first n of s, in an array that holds no more.
func limited[T any](s []T, n int) []T { return slices.Clone(s[:min(n, len(s))]) }
