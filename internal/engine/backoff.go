package engine

import (
	"time"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/schedule"
)

// How long the engine pauses after what failed. Decisions of homing: the API
// allows 1,200 calls in five minutes, and a person who repairs something wants
// to see it work.
const (
	doubtMost   = time.Minute
	zoneFirst   = time.Second // 1, 2, 4 … 60 s after a failure of a zone
	zoneMost    = time.Minute
	nameFirst   = time.Minute // 1, 2, 4 … 15 min after a refusal of a name
	nameMost    = 15 * time.Minute
	authFirst   = 30 * time.Second // a refused credential may be the host's fault (seen in its outages) for three tries …
	authPatient = 3
	authPause   = 15 * time.Minute // … and then is the person's to repair
)

// pause is the time something that failed is left alone. Its zero value is no pause.
type pause struct {
	tries int
	until time.Time
	asked bool // the host asked for it
}

func (p pause) isOver(now time.Time) bool { return !now.Before(p.until) }

func laterOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// afterFailure returns the next pause of a zone or an account after err; most caps it.
func (p pause) afterFailure(now time.Time, err *provider.Error, most time.Duration) pause {
	p.tries++
	wait := backoff(zoneFirst, most, p.tries)
	p.asked = err.Kind == provider.Throttled && err.RetryAfter > 0
	switch {
	case p.asked:
		wait = err.RetryAfter
	case err.Kind == provider.Auth && p.tries < authPatient:
		wait = backoff(authFirst, authPause, p.tries)
	case err.Kind == provider.Auth:
		wait = authPause
	}
	p.until = now.Add(wait)
	return p
}

// cutShort returns no pause and no failure that led to it, where somebody asks for a round
// or the machine has just woken up. One that the host asked for stays: nobody may
// come back sooner.
func (p pause) cutShort(failure *provider.Error) (pause, *provider.Error) {
	if p.asked {
		return p, failure
	}
	return pause{}, nil
}

// afterRefusal returns the next pause of a name the host has no wish to change.
func (p pause) afterRefusal(now time.Time) pause {
	p.tries, p.asked = p.tries+1, false
	p.until = now.Add(backoff(nameFirst, nameMost, p.tries))
	return p
}

func backoff(first, most time.Duration, tries int) time.Duration {
	return schedule.Backoff(first, most, tries)
}

// maxBackoff caps the pauses of zones: never above the interval.
func maxBackoff(interval time.Duration) time.Duration {
	if interval <= 0 {
		return zoneMost
	}
	return max(min(zoneMost, interval), zoneFirst)
}
