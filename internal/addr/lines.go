package addr

import (
	"slices"
	"time"
)

// Stay is what a family had, and since when.
type Stay struct {
	Seen  Observation
	Since time.Time
}

// How a place with two lines is told from one that moved; decisions of homing.
const (
	linesDay   = 24 * time.Hour // an address that comes back later is a new one
	linesAway  = 3              // rounds in which nobody may see what is published
	linesStale = 2              // rounds for which a single way that still sees it is believed
)

// Lines holds a family where it is that leaves by two lines at a time, as a
// router does that shares connections out: each question then leaves by either,
// and the record would go back and forth between two right addresses. It is a
// value: Judge returns the next one. Its zero value knows of one line.
type Lines struct {
	two   bool   // there are two lines
	away  int    // rounds in a row in which nobody saw what is published
	alone string // the way that alone saw it in the round before …
	times int    // … and for how many in a row
}

// Returns reports whether seen is an address that was published within a day
// before now, and replaced by another. stays are the latest, newest first.
func Returns(stays []Stay, seen Observation, now time.Time) bool {
	for i, s := range stays {
		if i > 0 && s.Seen.Same(seen) && now.Sub(stays[i-1].Since) <= linesDay {
			return true
		}
	}
	return false
}

// Torn reports whether looks say both what is published and what was published
// within a day before now, and nothing else; and which that other address is.
func Torn(stays []Stay, looks []Vote, now time.Time) (other Observation, torn bool) {
	seen := false
	for _, v := range looks {
		switch {
		case !v.Said.Known():
		case len(stays) > 0 && v.Said.Same(stays[0].Seen):
			seen = true
		case Returns(stays, v.Said, now):
			other = v.Said
		default:
			return Observation{}, false
		}
	}
	return other, seen && other.Known()
}

// Again reports whether what is published came back as well, so that addresses
// come and go again and again.
func Again(stays []Stay, now time.Time) bool {
	return len(stays) > 2 && Returns(stays[1:], stays[0].Seen, now)
}

// Judge takes all looks of a round in which an address that returns was
// confirmed, and says whether what is published stays. It stays until nobody has
// seen it for three rounds; but a single way that alone sees it for more than
// two is a stale one. again says that addresses come and go again and again.
func (l Lines) Judge(published Observation, looks []Vote, again bool) (next Lines, stay bool) {
	l.two = l.two || again
	var seers []string
	for _, v := range looks {
		if v.Said.Same(published) && !slices.Contains(seers, v.Way) {
			seers = append(seers, v.Way)
		}
	}
	if len(seers) == 0 {
		if l.away+1 == linesAway {
			return l.Home(), false
		}
		return Lines{two: l.two, away: l.away + 1}, true
	}
	if len(seers) > 1 {
		return Lines{two: true}, true
	}
	if l.alone != seers[0] {
		return Lines{two: l.two || l.alone != "", alone: seers[0], times: 1}, true
	}
	if l.times == linesStale {
		return l.Home(), false
	}
	return Lines{two: l.two, alone: l.alone, times: l.times + 1}, true
}

// Two reports whether there are two lines.
func (l Lines) Two() bool { return l.two }

// Unseen reports whether nobody saw in the latest round what is published.
func (l Lines) Unseen() bool { return l.away > 0 }

// OneSeer reports whether in the latest round a single way saw what is published.
func (l Lines) OneSeer() bool { return l.alone != "" }

// Open reports whether an address that returns may yet take the place of what is
// published.
func (l Lines) Open() bool { return l.Unseen() || l.OneSeer() }

// Alone reports whether what is published was said by nobody but the way that
// alone sees it: its turn to be asked first comes again, and is no news.
func (l Lines) Alone(published Observation, looks []Vote) bool {
	for _, v := range looks {
		if v.Said.Same(published) && v.Way != l.alone {
			return false
		}
	}
	return l.alone != ""
}

// Home is l once what is published was seen, or something else is published.
func (l Lines) Home() Lines { return Lines{two: l.two} }
