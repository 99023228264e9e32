package plan

import (
	"slices"
	"time"
)

// How a name moves from one of its sites to the next, and back. The numbers are
// decisions of homing: a line that answers again within a minute is not left, and
// one that comes and goes is not returned to before it stayed for five.
const (
	failLooks = 3                // in a row without an address
	failTime  = time.Minute      // from the first of them to the last
	failAgain = 30 * time.Second // after the first of them
	failHold  = 5 * time.Minute  // an address is known, before the name returns
)

// Look is what one round saw of one of several sites.
type Look struct {
	Settled   bool // the rest tells something
	Known     bool // there is an address
	Confirmed bool // and it may be published
	Alive     bool // there is one, or somebody told one that is not believed yet
	Down      bool // the line has no link or no route
}

// Failover is which of several sites counts, in order, from round to round. It is
// a value: After returns the next one. Its zero value prefers the first. Not
// knowing moves it, which nothing else does here: a site is left when its line is
// gone, or after three looks in a row and a minute, while another has an address
// that is confirmed; of those the first is taken. It is returned to once it was
// known for five minutes. Where none is known nothing moves.
type Failover struct {
	at      int
	members []siteHealth
}

// siteHealth is how one of the sites was lately.
type siteHealth struct {
	missed int       // looks in a row without an address
	since  time.Time // when the first of them was
	back   time.Time // since when there is one; zero where there is none
}

// member returns how the nth site was.
func (f Failover) member(n int) siteHealth {
	if n < len(f.members) {
		return f.members[n]
	}
	return siteHealth{}
}

// Choose returns which of the sites counts in a round that began at now, by what has
// settled of it; decided is false as long as what has not may matter. known says
// whether it has an address: where it has none, nothing is to move.
func (f Failover) Choose(now time.Time, looks []Look) (at int, known, decided bool) {
	for i := range f.at {
		if m := f.member(i); m.back.IsZero() || now.Sub(m.back) < failHold {
			continue
		}
		if !looks[i].Settled {
			return f.at, false, false
		} else if looks[i].Confirmed {
			return i, true, true
		}
	}
	switch l := looks[f.at]; {
	case !l.Settled:
		return f.at, false, false
	case l.Known || l.Alive:
		return f.at, l.Known, true
	case !f.member(f.at).with(now, l).down(now, l):
		return f.at, false, true
	}
	for i, l := range looks {
		switch {
		case !l.Settled:
			return f.at, false, false
		case l.Confirmed:
			return i, true, true
		}
	}
	return f.at, false, true
}

// After returns f once all of a round that began at now has settled, and this site was chosen.
func (f Failover) After(now time.Time, looks []Look, at int) Failover {
	next := Failover{at: at, members: make([]siteHealth, len(looks))}
	for i, l := range looks {
		next.members[i] = f.member(i).with(now, l)
	}
	return next
}

// NextLook returns when another look may move it, before the schedule says so; zero where
// none is needed. f is that after a round with these looks.
func (f Failover) NextLook(now time.Time, looks []Look) (next time.Time) {
	sooner := func(at time.Time) {
		if at.Before(now) {
			at = now.Add(failAgain)
		}
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	another := slices.ContainsFunc(looks, func(l Look) bool { return l.Confirmed })
	switch m := f.member(f.at); {
	case m.missed == 0 || !another:
	case m.missed < failLooks-1:
		sooner(m.since.Add(failAgain))
	default:
		sooner(m.since.Add(failTime))
	}
	for i := range f.at {
		if m := f.member(i); !m.back.IsZero() {
			sooner(m.back.Add(failHold))
		}
	}
	return next
}

// with returns m once it was looked at.
func (m siteHealth) with(now time.Time, l Look) siteHealth {
	switch {
	case !l.Settled:
	case l.Known && m.back.IsZero():
		return siteHealth{back: now}
	case l.Known:
		return siteHealth{back: m.back}
	case l.Alive:
		return siteHealth{}
	case m.missed == 0:
		return siteHealth{missed: 1, since: now}
	default:
		return siteHealth{missed: m.missed + 1, since: m.since}
	}
	return m
}

// down reports whether the site is to be left; m has the look in it.
func (m siteHealth) down(now time.Time, l Look) bool {
	return l.Down || m.missed >= failLooks && now.Sub(m.since) >= failTime
}
