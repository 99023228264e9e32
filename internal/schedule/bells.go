package schedule

import "time"

// How often bells may have somebody look. Decisions of homing: a change often
// comes with two or three bells within a second, and no storm of them is worth
// more than a look in two seconds.
const (
	bellBurst  = 3               // looks at once …
	bellEvery  = 2 * time.Second // … then one in this time
	bellFutile = 5               // bells of one ringer in a row after which nothing had changed …
	bellSeldom = time.Minute     // … then one look in this time, until one finds a change
	bellRest   = 250 * time.Millisecond
)

// Bells paces the looks that bells ask for. It is a value: each method gives the
// next. Its zero value has seen none. Who rings is a small number; one who rings
// for nothing, as whoever forges bells does, makes no other slower.
type Bells struct {
	spent  time.Time // when all that was asked for so far is made up for
	rested time.Time // before then nobody looks because of a bell
	rung   bool      // the look that goes on, or is due next, is because of a bell
	by     Ringer
	of     [ringers]struct {
		futile int       // bells in a row after which nothing had changed
		last   time.Time // the latest look because of one
	}
}

// A Ringer is one of those who ring.
type Ringer uint8

const (
	System  Ringer = iota // the kernel: addresses, links, ways, the clock
	Router                // what the router announces, or whoever does so in its place
	ringers = iota
)

// Due is when a bell that is heard now may have somebody look.
func (b Bells) Due(now time.Time, by Ringer) time.Time {
	at := now
	latest := func(t time.Time) {
		if t.After(at) {
			at = t
		}
	}
	latest(b.spent.Add(-(bellBurst - 1) * bellEvery))
	latest(b.rested)
	if b.of[by].futile >= bellFutile {
		latest(b.of[by].last.Add(bellSeldom))
	}
	return at
}

// Look is b when somebody begins to look because of a bell.
func (b Bells) Look(now time.Time, by Ringer) Bells {
	if b.spent.Before(now) {
		b.spent = now
	}
	b.spent = b.spent.Add(bellEvery)
	b.rung, b.by, b.of[by].last = true, by, now
	return b
}

// Looked is b after a look, for whatever reason it was made: there is a rest
// after each, so that bells never make one follow upon another.
func (b Bells) Looked(now time.Time, changed bool) Bells {
	b.rested = now.Add(bellRest)
	switch {
	case changed:
		for i := range b.of {
			b.of[i].futile = 0
		}
	case b.rung:
		b.of[b.by].futile++
	}
	b.rung = false
	return b
}
