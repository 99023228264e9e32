package schedule

import "time"

// How often bells may have somebody look. Decisions of homing: a change often
// comes with two or three bells within a second, and no storm of them is worth
// more than a look in two seconds.
const (
	ringBurst          = 3               // looks at once …
	ringInterval       = 2 * time.Second // … then one in this time
	futileRings        = 5               // bells of one ringer in a row after which nothing had changed …
	futileRingInterval = time.Minute     // … then one look in this time, until one finds a change
	minRingGap         = 250 * time.Millisecond
)

// RingLimiter paces the looks that rings ask for. It is a value: each method returns the
// next. Its zero value has seen none. Who rings is a small number; one who rings
// for nothing, as whoever forges bells does, makes no other slower.
type RingLimiter struct {
	bucketTime time.Time // when all that was asked for so far is made up for
	restUntil  time.Time // before then nobody looks because of a bell
	pending    bool      // the look that goes on, or is due next, is because of a bell
	by         Ringer
	perRinger  [ringerCount]struct {
		futile int       // bells in a row after which nothing had changed
		last   time.Time // the latest look because of one
	}
}

// A Ringer is one of those who ring.
type Ringer uint8

const (
	System      Ringer = iota // the kernel: addresses, links, ways, the clock
	Router                    // what the router announces, or whoever does so in its place
	ringerCount = iota
)

// Due is when a bell that is heard now may have somebody look.
func (b RingLimiter) Due(now time.Time, by Ringer) time.Time {
	at := now
	latest := func(t time.Time) {
		if t.After(at) {
			at = t
		}
	}
	latest(b.bucketTime.Add(-(ringBurst - 1) * ringInterval))
	latest(b.restUntil)
	if b.perRinger[by].futile >= futileRings {
		latest(b.perRinger[by].last.Add(futileRingInterval))
	}
	return at
}

// RoundStarted is b when somebody begins to look because of a bell.
func (b RingLimiter) RoundStarted(now time.Time, by Ringer) RingLimiter {
	if b.bucketTime.Before(now) {
		b.bucketTime = now
	}
	b.bucketTime = b.bucketTime.Add(ringInterval)
	b.pending, b.by, b.perRinger[by].last = true, by, now
	return b
}

// RoundDone is b after a look, for whatever reason it was made: there is a rest
// after each, so that bells never make one follow upon another.
func (b RingLimiter) RoundDone(now time.Time, changed bool) RingLimiter {
	b.restUntil = now.Add(minRingGap)
	switch {
	case changed:
		for i := range b.perRinger {
			b.perRinger[i].futile = 0
		}
	case b.pending:
		b.perRinger[b.by].futile++
	}
	b.pending = false
	return b
}
