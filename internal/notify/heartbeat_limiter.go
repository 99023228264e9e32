package notify

import "time"

// Healthchecks takes five pings a minute. While something fails the rounds are
// seconds apart, and each has a beat.
const (
	sameSignalInterval     = 3 // in a minute, that say what the one before said
	maxHeartbeatsPerMinute = 4 // in a minute; the fifth is for the end
)

// heartbeatLimiter keeps the beats apart. One that is left out is made up for by the next
// round, which says what is so then.
type heartbeatLimiter struct {
	lastSignal Signal
	sent       []time.Time // in the last minute
}

func (p *heartbeatLimiter) allows(s Signal, now time.Time) bool {
	if s == NoSignal {
		return true
	}
	for len(p.sent) > 0 && now.Sub(p.sent[0]) >= time.Minute {
		p.sent = p.sent[1:]
	}
	most := maxHeartbeatsPerMinute
	if s == p.lastSignal {
		most = sameSignalInterval
	}
	if s != SignalStart && s != SignalExit && len(p.sent) >= most {
		return false
	}
	p.lastSignal, p.sent = s, append(p.sent, now)
	return true
}
