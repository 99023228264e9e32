package status

import "time"

// Who rings.
const (
	BySystem = "system" // the kernel tells of addresses, links, ways and the clock
	ByRouter = "router" // the router announces, or whoever does so in its place
)

// Bell is that something was heard which often goes with another address, so
// that a round was made before its time. It says when to look, never what is so.
type Bell struct {
	At   time.Time `json:"at"` // when it was heard
	By   string    `json:"by"`
	What string    `json:"what"` // what was heard, in words
}

// bellBelongs is how long after one bell another is one of the same event.
const bellBelongs = 10 * time.Second

// Truth is the time from the first bell of an event until the records say what
// it rang for. Its zero value waits for a bell.
type Truth struct {
	since time.Time // of the first bell; zero: none is waited for
	well  bool      // a round since then found all as it should be
}

// After is t after a round, and how long that took where the round brought the
// records to the address that was rung for; else zero.
func (t Truth) After(r Round) (Truth, time.Duration) {
	if (t.well || r.Bell != nil) && r.Started.Sub(t.since) > bellBelongs {
		t = Truth{} // it rang for nothing, or for something else
	}
	if r.Bell != nil && t.since.IsZero() {
		t.since = r.Bell.At
	}
	if t.since.IsZero() {
		return t, 0
	}
	outcome := r.Outcome()
	if outcome == Changed && r.movedRecords() {
		return Truth{}, max(r.end().Sub(t.since), time.Millisecond)
	}
	t.well = t.well || outcome != Failed
	return t, 0
}

// movedRecords reports whether a record says another address than before.
func (r *Round) movedRecords() bool {
	for _, z := range r.Zones {
		for i := range z.Done {
			if d := &z.Done[i]; d.Err == nil && d.New.Addr.IsValid() && d.New.Addr != d.Old.Addr {
				return true
			}
		}
	}
	return false
}
