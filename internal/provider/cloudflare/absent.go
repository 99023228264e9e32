package cloudflare

import (
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/dns"
)

// What was asked for and is not there is asked for again after a pause that
// grows: decisions of homing. The listing, which is one call, is read each time,
// and shows what a token was given meanwhile; where it is refused nothing else does.
const (
	firstRest    = 5 * time.Minute
	lastRest     = 24 * time.Hour
	lastUnlisted = time.Hour
)

// absent is the names of which no zone was found. Its zero value is ready.
type absent struct {
	mu sync.Mutex
	of map[dns.Name]respite
}

type respite struct {
	tries int
	until time.Time
}

// resting says whether it is too early to ask for a zone again.
func (a *absent) resting(zone dns.Name, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now.Before(a.of[zone].until)
}

// learn takes note whether a zone that was asked for is there; most is the longest
// pause.
func (a *absent) learn(zone dns.Name, there bool, now time.Time, most time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if there {
		delete(a.of, zone)
		return
	}
	if a.of == nil {
		a.of = make(map[dns.Name]respite)
	}
	r := a.of[zone]
	wait := min(firstRest<<min(r.tries, 10), most)
	a.of[zone] = respite{r.tries + 1, now.Add(wait)}
}

// Forget has everything asked for again.
func (p *Provider) Forget() {
	p.absent.mu.Lock()
	defer p.absent.mu.Unlock()
	clear(p.absent.of)
}
