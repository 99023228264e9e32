package dyndns2

import (
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
	usualTTL  = time.Minute      // where no record tells it: of No-IP, deSEC and others
	lagMost   = 5 * time.Minute  // as long as they show what stood there before, and not a third thing
	settled   = 30 * time.Minute // after a nochg: what they show is known to be old; doubled each time
	sameMost  = 24 * time.Hour
	otherMost = time.Hour // as long as one of them shows what was answered
)

// Memory is what is known of accounts: why nothing is sent any more, and what was
// answered lately. It outlives a Provider, so that a reload does not send again
// what was refused. Its zero value is ready.
type Memory struct {
	mu sync.Mutex
	of map[secret.String]*account
}

// account is that of a credential, whatever holds all of it, at a service of this
// name.
func (m *Memory) account(credential, service string) *account {
	c := secret.New(credential)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil {
		m.of = make(map[secret.String]*account)
	}
	a := m.of[c]
	if a == nil {
		a = &account{quota: rest.NewQuota(rest.Limit{Host: service}), stops: make(map[dns.Name]*provider.Error), said: make(map[dns.Key]*said)}
		m.of[c] = a
	}
	return a
}

// account is what is known of one account at one service.
type account struct {
	turns rest.KeyedMutex // one request at a time, so that a refusal of one is the last
	quota *rest.Quota

	mu    sync.Mutex
	stops map[dns.Name]*provider.Error // why nothing is sent for a name; of the zero one for any
	tired *rest.Failure                // why nothing is sent before until; nil: it never was so
	until time.Time
	tries int // how often in a row it was tired
	said  map[dns.Key]*said
}

// said is what a service was told to hold at a name. It is not changed once it is
// in an account.
type said struct {
	addr   string
	before string // what its name servers showed then
	at     time.Time
	trust  time.Duration   // until then it counts whatever is shown
	nochg  int             // so often in a row it held this before
	lost   *provider.Error // why it may hold it or not: no answer came, or none that is known; nil where it does
}

// rest lets nothing go out because of f for so long, or where that is not said for
// longer each time. It returns how long that is.
func (a *account) rest(f *rest.Failure, said time.Duration, name string) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	pause := max(said, leastPause)
	if said == 0 {
		pause = min(leastPause<<min(a.tries, 5), halfAnHour)
	}
	a.tries++
	why := *f
	if why.Kind != provider.Throttled { // of the name that was sent it is not known whether it happened, of others it is
		why.Kind, why.Cause, why.Cure = provider.Throttled, name+" has trouble, and is left alone for a while", cureTrouble
	}
	a.tired, a.until = &why, time.Now().Add(pause)
	return pause
}

// rested: it answers as it should.
func (a *account) rested() {
	a.mu.Lock()
	a.tries = 0
	a.mu.Unlock()
}

// barred is why nothing is sent for a name.
func (a *account) barred(n dns.Name, now time.Time) *provider.Error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Before(a.until) {
		f := *a.tired
		f.Pause = a.until.Sub(now)
		return f.Wrap("", &f)
	}
	if err := a.stops[dns.Name{}]; err != nil {
		return err
	}
	return a.stops[n]
}

// bar lets nothing more be sent for a name, or for the account.
func (a *account) bar(n dns.Name, s *stop, err *provider.Error) {
	what := "name"
	if s.whole {
		n, what = dns.Name{}, "account"
	}
	err.Hint = text.Advise("%s, then run: homing sync. Until then nothing more is sent for this %s", s.cure, what)
	a.mu.Lock()
	a.stops[n] = err
	a.mu.Unlock()
}

// forgive lets everything be tried once more.
func (a *account) forgive() {
	a.mu.Lock()
	clear(a.stops)
	a.mu.Unlock()
}

// hold keeps in mind what the service was told; same says that it held it before.
func (a *account) hold(k dns.Key, s *said, same bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if same {
		if old := a.said[k]; old != nil && old.addr == s.addr {
			s.nochg = old.nochg
		}
		s.trust = max(s.trust, min(settled<<min(s.nochg, 10), sameMost))
		s.nochg++
	}
	a.said[k] = s
}

// about is what the service was told of a key; nil where nothing is known.
func (a *account) about(k dns.Key) *said {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.said[k]
}

// counts says whether what the service was told counts, whatever its name servers
// show; one of them shows this.
func (s *said) counts(shown string, now time.Time) bool {
	age := now.Sub(s.at)
	return s.lost == nil && shown != s.addr && (age < s.trust || age < lagMost && shown == s.before)
}

// late says whether one that shows this may be late: then the others are asked.
func (s *said) late(shown string, now time.Time) bool {
	return s.lost == nil && shown != s.addr && now.Sub(s.at) < otherMost
}

// waits is why this address is not told again yet: the answer to it was lost, and
// the name servers may be late to show it. It says what that answer was, as long as
// nothing newer is known; what it wraps is over, so that only its text is taken.
func (s *said) waits(to string, now time.Time) *provider.Error {
	if s == nil || s.lost == nil || s.addr != to || !now.Before(s.at.Add(s.trust)) {
		return nil
	}
	return failed(provider.Unconfirmed, s.lost.Hint, "%s; the same is not sent again within %s", s.lost.Reason(), s.trust)
}

// mayHold says whether the service may hold another address than the one shown: the
// answer to that was lost, and its name servers may be late.
func (s *said) mayHold(shown string, now time.Time) bool {
	return s != nil && s.lost != nil && s.addr != shown && now.Sub(s.at) < max(s.trust, lagMost)
}

// took says whether the service took another address than this one lately: a name
// server that shows this one is late then.
func (s *said) took(other string, now time.Time) bool {
	return s != nil && s.lost == nil && s.addr != other && now.Sub(s.at) < max(s.trust, lagMost)
}
