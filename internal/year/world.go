package year

import (
	"fmt"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/status"
)

// world is all that surrounds homing, and homing in it.
type world struct {
	began  time.Time
	dice   dice
	folder string // of the history, and of files with addresses
	trace  func(string)

	places   []*place
	settings settings
	host     *hands
	ledgers  []*ledger // the lists at it
	updates  bool      // it is a service that has nothing but an update address
	faults   []fault   // that may come
	report   Report

	mu        sync.Mutex // what follows is used by homing's goroutines as well
	lots      lots
	process   *process
	next      time.Time     // when the next trouble comes, while it is calm
	calm      time.Time     // since when; zero in the midst of trouble
	awaited   bool          // somebody waits for all to be right
	right     chan struct{} // told when it is
	silent    bool          // rounds were skipped, so the next one has nothing to do
	round     round
	quota     quota
	asleep    time.Time     // until when the machine sleeps
	shift     time.Duration // by how much the clock of the history is ahead
	later     []func()      // done once all is right again
	excused   dns.Key       // an RRset that cannot be right
	absent    dns.Name      // a name that cannot be right
	contended dns.Key       // an RRset that somebody else keeps changing
	said      netip.Addr    // what homing wrote there last
	edited    time.Time     // when somebody changed attributes last
	cleaning  bool          // homing deletes what is its own
	unknown   bool          // homing knows of nothing it wrote
	damped    damped        // of a line that flaps
	clear     time.Time     // since when nobody but homing changed a record and no listing lied
}

// round is the one under way, as the world sees it.
type round struct {
	began  time.Time // zero: between two
	deltas []delta   // what homing changed since then
}

func newWorld(o Options) *world {
	w := &world{began: time.Now(), dice: newDice(o.Seed), right: make(chan struct{}, 1),
		lots: lots{o.Seed, map[string]uint64{}}}
	w.report = Report{Seed: o.Seed, Wire: o.Seed%10 == 9, Seeds: 1, Faults: map[string]int{}}
	if o.Trace != nil {
		w.trace = func(s string) {
			fmt.Fprintf(o.Trace, "%3d. day %s  %s\n", w.day(), time.Now().Format("15:04:05.000"), s)
		}
	}
	w.updates = o.Seed%10 == 4
	folder, err := os.MkdirTemp("", "year")
	if err != nil {
		panic(err) // there is no world without a temporary folder
	}
	w.folder = folder
	w.places = newPlaces(w)
	w.settings = newSettings(w)
	w.ledgers = newLedgers(w)
	w.host = newStore(w)
	w.locked(w.furnishLists)
	w.faults = w.all()
	return w
}

func (w *world) close() {
	w.host.close()
	os.RemoveAll(w.folder)
}

func (w *world) locked(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// tell writes a line of the trace.
func (w *world) tell(format string, args ...any) {
	if w.trace != nil {
		w.trace(fmt.Sprintf(format, args...))
	}
}

// fail says that a promise was broken. The first one counts. w.mu is held.
func (w *world) fail(format string, args ...any) {
	if w.report.Broken != "" {
		return
	}
	w.report.Broken = fmt.Sprintf("on day %d at %s: ", w.day(), time.Now().Format("15:04:05")) +
		fmt.Sprintf(format, args...)
	w.tell("✗ %s", w.report.Broken)
	w.righted()
}

// righted lets whoever waits for it go on. w.mu is held.
func (w *world) righted() {
	select {
	case w.right <- struct{}{}:
	default:
	}
}

// asked is called at each question for an address: the first begins a round.
func (w *world) asked() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.report.Looks++
	if w.round.began.IsZero() {
		w.round.began = time.Now()
	}
}

// done is called by homing after each round. In calm it lets so much time pass
// as nothing will happen in.
func (w *world) done(p *process, r status.Round) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.process != p || p.killed() {
		return
	}
	w.host.catchUp()
	w.judge(r)
	p.remember(r, w.shift)
	w.round = round{}
	wait := w.dormant()
	if skip := w.skip(r); skip > 0 {
		w.report.Skipped += skip
		w.silent = true
		wait = time.Until(r.Next.Add(time.Duration(skip) * every))
	}
	if wait > 0 {
		w.mu.Unlock()
		time.Sleep(wait)
		w.mu.Lock()
	}
}

// dormant is how long the machine still sleeps. w.mu is held.
func (w *world) dormant() time.Duration { return max(0, time.Until(w.asleep)) }

// skip is how many rounds after r have nothing to do. The last one before
// something happens is always made, and must be as silent as these were.
func (w *world) skip(r status.Round) int {
	if w.calm.IsZero() || time.Since(w.edited) < resync+every || !quiet(r) || r.Next.Sub(r.Started) != every || w.report.Broken != "" {
		return 0
	}
	return max(0, int((w.next.Sub(r.Next)-time.Minute)/every)) // and is over by then
}

// quiet says whether a round changed nothing and found nothing wrong.
func quiet(r status.Round) bool {
	done, failed := r.Count()
	return done+failed == 0 && r.Outcome() == status.Unchanged
}
