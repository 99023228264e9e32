package engine

import (
	"fmt"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/text"
)

// contention is what is known of somebody who changes back what this process keeps.
// A record that was changed by hand is put right at once; one that is changed
// again and again is reported, and put right only now and then, because two
// programs that fight serve nobody.
type contention struct {
	pause             // before it is put right once more; none while it is not yet a fight
	last  []time.Time // the latest changes back, at most contentionTimes of them
	first time.Time
	times int       // all of them since it was calm
	did   string    // what was done the last time
	seen  plan.Seen // what was seen, which was changed back
}

const (
	contentionTimes = 3 // so often within contentionEnds, and it is a fight
	contentionFirst = 15 * time.Minute
	contentionMost  = time.Hour
	contentionEnds  = time.Hour // without a change back ends it; the pause is no part of it, nor could it be: the rival may be a homing that pauses too
)

// isFight reports whether it is no longer the hand of a person.
func (r contention) isFight() bool { return r.tries > 0 }

// afterRevert returns r after one change back more, while this was seen.
func (r contention) afterRevert(now time.Time, deed string, seen plan.Seen) contention {
	if r.times == 0 {
		r.first = now
	}
	r.times, r.did, r.seen = r.times+1, deed, seen
	r.last = append(r.last[max(0, len(r.last)-contentionTimes+1):], now)
	if !r.isFight() && len(r.last) == contentionTimes && now.Sub(r.last[0]) <= contentionEnds {
		r = r.pauseLonger(now)
	}
	return r
}

// pauseLonger returns r with its next pause.
func (r contention) pauseLonger(now time.Time) contention {
	r.tries++
	r.until = now.Add(backoff(contentionFirst, contentionMost, r.tries))
	return r
}

// isSettled reports whether it is over.
func (r contention) isSettled(now time.Time) bool {
	return now.Sub(laterOf(r.until, r.last[len(r.last)-1])) >= contentionEnds
}

func (r contention) describe() string {
	return fmt.Sprintf("another program repeatedly %s (%d times in %s), so homing corrects it only occasionally",
		r.did, r.times, describeDuration(r.last[len(r.last)-1].Sub(r.first)))
}

// describeDuration returns how long something took, as a person would say it.
func describeDuration(d time.Duration) string {
	if d < 2*time.Minute {
		return text.Count(max(1, int(d.Round(time.Second).Seconds())), "second")
	}
	return text.Count(int(d.Round(time.Minute).Minutes()), "minute")
}
