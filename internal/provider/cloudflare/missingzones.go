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
	firstRetry       = 5 * time.Minute
	maxRetry         = 24 * time.Hour
	maxRetryUnlisted = time.Hour
)

// missingZones is the names of which no zone was found. Its zero value is ready.
type missingZones struct {
	mu       sync.Mutex
	backoffs map[dns.Name]zoneBackoff
}

type zoneBackoff struct {
	tries int
	until time.Time
}

// isBackedOff reports whether it is too early to ask for a zone again.
func (a *missingZones) isBackedOff(zone dns.Name, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now.Before(a.backoffs[zone].until)
}

// recordLookup takes note whether a zone that was asked for is there; most is the longest
// pause.
func (a *missingZones) recordLookup(zone dns.Name, there bool, now time.Time, most time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if there {
		delete(a.backoffs, zone)
		return
	}
	if a.backoffs == nil {
		a.backoffs = make(map[dns.Name]zoneBackoff)
	}
	r := a.backoffs[zone]
	wait := min(firstRetry<<min(r.tries, 10), most)
	a.backoffs[zone] = zoneBackoff{r.tries + 1, now.Add(wait)}
}

// Forget has everything asked for again.
func (p *Provider) Forget() {
	p.missingZones.mu.Lock()
	defer p.missingZones.mu.Unlock()
	clear(p.missingZones.backoffs)
}
