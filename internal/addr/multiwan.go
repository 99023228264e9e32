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
	returnWindow      = 24 * time.Hour // an address that comes back later is a new one
	maxRoundsUnseen   = 3              // rounds in which nobody may see what is published
	maxRoundsOneRoute = 2              // rounds for which a single way that still sees it is believed
)

// MultiWAN keeps a family where it is that leaves by two lines at a time, as a
// router does that shares connections out: each question then leaves by either,
// and the record would go back and forth between two right addresses. It is a
// value: Next returns the next one. Its zero value knows of one line.
type MultiWAN struct {
	detected        bool   // there are two lines
	roundsUnseen    int    // rounds in a row in which nobody saw what is published
	onlyRoute       string // the way that alone saw it in the round before …
	onlyRouteRounds int    // … and for how many in a row
}

// IsReturning reports whether seen is an address that was published within a day
// before now, and replaced by another. stays are the latest, newest first.
func IsReturning(stays []Stay, seen Observation, now time.Time) bool {
	for i, s := range stays {
		if i > 0 && s.Seen.Same(seen) && now.Sub(stays[i-1].Since) <= returnWindow {
			return true
		}
	}
	return false
}

// Alternates reports whether looks say both what is published and what was published
// within a day before now, and nothing else; and which that other address is.
func Alternates(stays []Stay, looks []Vote, now time.Time) (other Observation, torn bool) {
	seen := false
	for _, v := range looks {
		switch {
		case !v.Said.Known():
		case len(stays) > 0 && v.Said.Same(stays[0].Seen):
			seen = true
		case IsReturning(stays, v.Said, now):
			other = v.Said
		default:
			return Observation{}, false
		}
	}
	return other, seen && other.Known()
}

// KeepsReturning reports whether what is published came back as well, so that addresses
// come and go again and again.
func KeepsReturning(stays []Stay, now time.Time) bool {
	return len(stays) > 2 && IsReturning(stays[1:], stays[0].Seen, now)
}

// Next takes all looks of a round in which an address that returns was
// confirmed, and says whether what is published stays. It stays until nobody has
// seen it for three rounds; but a single way that alone sees it for more than
// two is a stale one. again says that addresses come and go again and again.
func (l MultiWAN) Next(published Observation, looks []Vote, again bool) (next MultiWAN, stay bool) {
	l.detected = l.detected || again
	var seers []string
	for _, v := range looks {
		if v.Said.Same(published) && !slices.Contains(seers, v.Route) {
			seers = append(seers, v.Route)
		}
	}
	if len(seers) == 0 {
		if l.roundsUnseen+1 == maxRoundsUnseen {
			return l.Reset(), false
		}
		return MultiWAN{detected: l.detected, roundsUnseen: l.roundsUnseen + 1}, true
	}
	if len(seers) > 1 {
		return MultiWAN{detected: true}, true
	}
	if l.onlyRoute != seers[0] {
		return MultiWAN{detected: l.detected || l.onlyRoute != "", onlyRoute: seers[0], onlyRouteRounds: 1}, true
	}
	if l.onlyRouteRounds == maxRoundsOneRoute {
		return l.Reset(), false
	}
	return MultiWAN{detected: l.detected, onlyRoute: l.onlyRoute, onlyRouteRounds: l.onlyRouteRounds + 1}, true
}

// Detected reports whether there are two lines.
func (l MultiWAN) Detected() bool { return l.detected }

// PublishedUnseen reports whether nobody saw in the latest round what is published.
func (l MultiWAN) PublishedUnseen() bool { return l.roundsUnseen > 0 }

// SeenByOneRoute reports whether in the latest round a single way saw what is published.
func (l MultiWAN) SeenByOneRoute() bool { return l.onlyRoute != "" }

// Undecided reports whether an address that returns may yet take the place of what is
// published.
func (l MultiWAN) Undecided() bool { return l.PublishedUnseen() || l.SeenByOneRoute() }

// OnlyByStaleRoute reports whether what is published was said by nobody but the way that
// alone sees it: its turn to be asked first comes again, and is no news.
func (l MultiWAN) OnlyByStaleRoute(published Observation, looks []Vote) bool {
	for _, v := range looks {
		if v.Said.Same(published) && v.Route != l.onlyRoute {
			return false
		}
	}
	return l.onlyRoute != ""
}

// Reset returns l without its counts, for when what is published was seen, or something else is published.
func (l MultiWAN) Reset() MultiWAN { return MultiWAN{detected: l.detected} }
