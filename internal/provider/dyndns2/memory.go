package dyndns2

import (
	"net/netip"
	"slices"
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
	of map[credential]*account
}

type credential struct{ service, user, password, base secret.String }

func (m *Memory) account(c credential) *account {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil {
		m.of = make(map[credential]*account)
	}
	if m.of[c] == nil {
		m.of[c] = &account{quota: rest.NewQuota(rest.Limit{}), names: make(map[dns.Name]*provider.Error), said: make(map[dns.Key]said)}
	}
	return m.of[c]
}

// account is what is known of one account at one service.
type account struct {
	turns rest.Turns // one request at a time, so that a refusal of one is the last
	quota *rest.Quota

	mu      sync.Mutex
	stopped *provider.Error // why nothing is sent for any name
	names   map[dns.Name]*provider.Error
	said    map[dns.Key]said
}

// said is what a service was told to hold at a name.
type said struct {
	addr   netip.Addr
	before []netip.Addr // what its name servers showed then
	at     time.Time
	trust  time.Duration // until then it counts whatever is shown
	nochg  int           // so often in a row it held this before
	lost   bool          // its answer did not come, so that it may hold it or not
}

// barred is why nothing is sent for a name.
func (a *account) barred(n dns.Name) *provider.Error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.stopped != nil {
		return a.stopped
	}
	return a.names[n]
}

// bar lets nothing more be sent for a name, or for the account.
func (a *account) bar(n dns.Name, s *stop, err *provider.Error) {
	what := "this name"
	if s.whole {
		what = "this account"
	}
	err.Hint = text.Advise("%s, then run: homing sync. Until then nothing more is sent for %s", s.cure, what)
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.whole {
		a.stopped = err
	} else {
		a.names[n] = err
	}
}

// forgive lets everything be tried once more.
func (a *account) forgive() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopped = nil
	clear(a.names)
}

// hold keeps in mind what the service was told, and by v whether it took it.
func (a *account) hold(k dns.Key, s said, same bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if old := a.said[k]; same && old.addr == s.addr {
		s.nochg = old.nochg
	}
	if same {
		s.trust = max(s.trust, min(settled<<min(s.nochg, 10), sameMost))
		s.nochg++
	}
	a.said[k] = s
}

// believed is what stands at a key, where one of its name servers shows this and
// others, which are asked only if need be, show that.
func (a *account) believed(k dns.Key, shown []netip.Addr, others func() [][]netip.Addr, now time.Time) []netip.Addr {
	a.mu.Lock()
	s, known := a.said[k]
	a.mu.Unlock()
	if !known {
		return shown
	}
	told, age := []netip.Addr{s.addr}, now.Sub(s.at)
	switch {
	case slices.Equal(shown, told):
		if s.lost || age >= max(s.trust, lagMost) {
			a.drop(k, s)
		}
	case s.lost:
	case age < s.trust, age < lagMost && slices.Equal(shown, s.before):
		return told
	case age < otherMost && slices.ContainsFunc(others(), func(o []netip.Addr) bool { return slices.Equal(o, told) }):
		return told
	default:
		if s.nochg == 0 {
			a.drop(k, s)
		}
	}
	return shown
}

// drop forgets what the service was told, unless that is something else by now.
func (a *account) drop(k dns.Key, s said) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.said[k].at.Equal(s.at) {
		delete(a.said, k)
	}
}

// waiting is how long this address is not told again: its answer was lost, and
// the name servers may be late to show it.
func (a *account) waiting(k dns.Key, to netip.Addr, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s, known := a.said[k]; known && s.lost && s.addr == to {
		return s.at.Add(s.trust).Sub(now)
	}
	return 0
}

// told says whether the service took another address than this one lately: a name
// server that shows this one is late then.
func (a *account) told(k dns.Key, to netip.Addr, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, known := a.said[k]
	return known && !s.lost && s.addr != to && now.Sub(s.at) < max(s.trust, lagMost)
}
