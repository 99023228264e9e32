package dyndns2

import (
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

// How long an answer of the service counts more than what its name servers show.
// Decisions of homing; the first is at least the TTL of the record.
const (
	defaultTTL      = time.Minute      // where no record tells it: of No-IP, deSEC and others
	maxPropagation  = 5 * time.Minute  // as long as they show what stood there before, and not a third thing
	nochgTrust      = 30 * time.Minute // after a nochg: what they show is known to be old; doubled each time
	maxNochgTrust   = 24 * time.Hour
	maxTrustIfShown = time.Hour // as long as one of them shows what was answered
)

// Memory is what is known of accounts: why nothing is sent any more, and what was
// answered lately. It outlives a Provider, so that a reload does not send again
// what was refused. Its zero value is ready.
type Memory struct {
	mu       sync.Mutex
	accounts map[secret.String]*account
}

// account returns the account of a credential, whatever holds all of it, at a service of this
// name.
func (m *Memory) account(credential, service string) *account {
	c := secret.New(credential)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.accounts == nil {
		m.accounts = make(map[secret.String]*account)
	}
	a := m.accounts[c]
	if a == nil {
		a = &account{quota: rest.NewQuota(rest.Limit{Host: service}), blocks: make(map[dns.Name]*provider.Error), lastUpdates: make(map[dns.Key]*lastUpdate)}
		m.accounts[c] = a
	}
	return a
}

// account is what is known of one account at one service.
type account struct {
	requestLock rest.KeyedMutex // one request at a time, so that a refusal of one is the last
	quota       *rest.Quota

	mu          sync.Mutex
	blocks      map[dns.Name]*provider.Error // why nothing is sent for a name; of the zero one for any
	throttledBy *rest.Failure                // why nothing is sent before until; nil: it never was so
	pausedUntil time.Time
	tries       int // how often in a row it was tired
	lastUpdates map[dns.Key]*lastUpdate
}

// lastUpdate is what a service was told to hold at a name. It is not changed once it is
// in an account.
type lastUpdate struct {
	addr            string
	previouslyShown string // what its name servers showed then
	sentAt          time.Time
	trustFor        time.Duration   // until then it counts whatever is shown
	nochgInRow      int             // so often in a row it held this before
	unconfirmed     *provider.Error // why it may hold it or not: no answer came, or none that is known; nil where it does
	others          []string        // what it may hold although this is shown: that was shown before, too
}

// pauseFor lets nothing go out because of f for so long, or where that is not said for
// longer each time. It returns how long that is.
func (a *account) pauseFor(f *rest.Failure, said time.Duration, name string) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	pause := max(said, minPause)
	if said == 0 {
		pause = min(minPause<<min(a.tries, 5), troublePause)
	}
	a.tries++
	why := *f
	if why.Kind != provider.Throttled { // of the name that was sent it is not known whether it happened, of others it is
		why.Kind, why.Cause, why.Cure = provider.Throttled, name+" has trouble, and is left alone for a while", cureTrouble
	}
	a.throttledBy, a.pausedUntil = &why, time.Now().Add(pause)
	return pause
}

// clearPause: it answers as it should.
func (a *account) clearPause() {
	a.mu.Lock()
	a.tries = 0
	a.mu.Unlock()
}

// blockedError is why nothing is sent for a name; nil if something may be.
func (a *account) blockedError(n dns.Name, now time.Time) *provider.Error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Before(a.pausedUntil) {
		f := *a.throttledBy
		f.Pause = a.pausedUntil.Sub(now)
		return f.Wrap("", &f)
	}
	if err := a.blocks[dns.Name{}]; err != nil {
		return err
	}
	return a.blocks[n]
}

// block lets nothing more be sent for a name, or for the account.
func (a *account) block(n dns.Name, s *block, err *provider.Error) {
	what := "name"
	if s.wholeAccount {
		n, what = dns.Name{}, "account"
	}
	err.Hint = text.Advise("%s, then run: homing sync. Until then nothing more is sent for this %s", s.cure, what)
	a.mu.Lock()
	a.blocks[n] = err
	a.mu.Unlock()
}

// clearBlocks lets everything be tried once more.
func (a *account) clearBlocks() {
	a.mu.Lock()
	clear(a.blocks)
	a.mu.Unlock()
}

// recordUpdate keeps in mind what the service was told; same says that it held it before.
func (a *account) recordUpdate(k dns.Key, s *lastUpdate, same bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if same {
		if old := a.lastUpdates[k]; old != nil && old.addr == s.addr {
			s.nochgInRow = old.nochgInRow
		}
		s.trustFor = max(s.trustFor, min(nochgTrust<<min(s.nochgInRow, 10), maxNochgTrust))
		s.nochgInRow++
	}
	a.lastUpdates[k] = s
}

// recall records what another process was told, where nothing newer is known.
func (a *account) recall(k dns.Key, s *lastUpdate) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lastUpdates[k] == nil {
		a.lastUpdates[k] = s
	}
}

// lastUpdateOf returns what the service was told of a key; nil where nothing is known.
func (a *account) lastUpdateOf(k dns.Key) *lastUpdate {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lastUpdates[k]
}

// overridesDNS reports whether what the service was told counts, whatever its name servers
// show; one of them shows this.
func (s *lastUpdate) overridesDNS(shown string, now time.Time) bool {
	age := now.Sub(s.sentAt)
	return s.unconfirmed == nil && shown != s.addr && (age < s.trustFor || age < maxPropagation && s.wasShown(shown))
}

// wasShown reports whether this stood there, or may have, before the update.
func (s *lastUpdate) wasShown(shown string) bool {
	return shown == s.previouslyShown || slices.Contains(strings.Fields(s.previouslyShown), shown)
}

// mayBeStale reports whether one that shows this may be late: then the others are asked.
func (s *lastUpdate) mayBeStale(shown string, now time.Time) bool {
	return s.unconfirmed == nil && shown != s.addr && now.Sub(s.sentAt) < maxTrustIfShown
}

// waitError is why this address is not sent again yet: the answer to it was lost, and
// the name servers may be late to show it. It says what that answer was, as long as
// nothing newer is known; what it wraps is over, so that only its text is taken.
func (s *lastUpdate) waitError(to string, now time.Time) *provider.Error {
	if s == nil || s.unconfirmed == nil || s.addr != to || !now.Before(s.sentAt.Add(s.trustFor)) {
		return nil
	}
	return newError(provider.Unconfirmed, s.unconfirmed.Hint, "%s; the same is not sent again within %s", s.unconfirmed.Reason(), s.trustFor)
}

// mayHoldOther reports whether the service may hold another address than the one shown: the
// answer to that was lost, and its name servers may be late.
func (s *lastUpdate) mayHoldOther(shown string, now time.Time) bool {
	return s != nil && s.unconfirmed != nil && (s.addr != shown || len(s.others) > 0) && now.Sub(s.sentAt) < max(s.trustFor, maxPropagation)
}

// follow takes over what is not known since the update before s, whose answer was lost
// as well.
func (s *lastUpdate) follow(before *lastUpdate, now time.Time) {
	switch {
	case before == nil || before.unconfirmed == nil:
	case before.addr == s.addr: // once more, and each time later: it may hold it all the while
		s.others, s.trustFor = before.others, max(s.trustFor, min(2*before.trustFor, maxPropagation))
	case before.mayHoldOther(s.addr, now) && s.wasShown(s.addr):
		s.others = slices.DeleteFunc(append(slices.Clone(before.others), before.addr), func(a string) bool { return a == s.addr })
	}
}

// possible returns all that the service may hold where that is shown, in order.
func (s *lastUpdate) possible(shown string) string {
	all := slices.Concat(strings.Fields(shown), s.others, []string{s.addr})
	sort.Strings(all)
	return strings.Join(slices.Compact(all), " ")
}

// acceptedOther reports whether the service took another address than this one lately: a name
// server that shows this one is late then.
func (s *lastUpdate) acceptedOther(other string, now time.Time) bool {
	return s != nil && s.unconfirmed == nil && s.addr != other && now.Sub(s.sentAt) < max(s.trustFor, maxPropagation)
}
