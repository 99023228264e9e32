package status

import (
	"time"

	"github.com/homing-dns/homing/internal/dns"
)

// lastChanged is when each RRset was changed last. A round changes many at one
// time, which then stands there once. It is never changed.
type lastChanged []changedAt

// changedAt is RRsets that were changed last at one time.
type changedAt struct {
	at   time.Time
	keys []dns.Key // no two alike, in all of a lastChanged
}

// changedWhen is a lastChanged by RRset.
func changedWhen(times map[dns.Key]time.Time) lastChanged {
	at := make(map[time.Time][]dns.Key)
	for k, t := range times {
		at[t] = append(at[t], k)
	}
	c := make(lastChanged, 0, len(at))
	for t, keys := range at {
		c = append(c, changedAt{t, limited(keys, len(keys))}) // it is kept, so it has no room to spare
	}
	return c
}

// with is c once these were changed.
func (c lastChanged) with(keys []dns.Key, at time.Time) lastChanged {
	times := c.times()
	for _, k := range keys {
		times[k] = at
	}
	return changedWhen(times)
}

// only is c of the RRsets that are managed.
func (c lastChanged) only(managed map[dns.Key]bool) lastChanged {
	times := c.times()
	for k := range times {
		if !managed[k] {
			delete(times, k)
		}
	}
	return changedWhen(times)
}

// times is c by RRset.
func (c lastChanged) times() map[dns.Key]time.Time {
	times := make(map[dns.Key]time.Time)
	for _, then := range c {
		for _, k := range then.keys {
			times[k] = then.at
		}
	}
	return times
}
