package status

import (
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// Confirmed is a change that a host confirmed, and when.
type Confirmed struct {
	plan.Change
	At time.Time
}

// confirmedLately is how old a change may be to be told by Confirmed.
const confirmedLately = time.Hour

// Confirmed is the last change of each of these RRsets, where it was made lately.
// The order of the entries is known, and their clock may have been wrong: an entry
// from the future, or one that is older than an entry before it, counts as made just
// now, and none counts as made after the one behind it.
func (h *History) Confirmed(now time.Time, keys []dns.Key) (map[dns.Key]Confirmed, error) {
	at := make(map[string]dns.Key, len(keys))
	for _, k := range keys {
		at[string(k.Type)+" "+k.Name.String()] = k
	}
	last := make(map[dns.Key]Confirmed)
	var newest time.Time
	_, err := h.read(time.Time{}, func(e *entry) {
		made := now
		if !e.At.After(now) && !e.At.Before(newest) {
			made, newest = e.At, e.At
			if now.Sub(made) >= confirmedLately {
				clear(last) // and this one
				return
			}
			for k, c := range last {
				if c.At.After(made) {
					c.At = made
					last[k] = c
				}
			}
		}
		if e.Kind == entryPublished {
			for _, c := range e.changes(at) {
				last[c.Key()] = Confirmed{c, made}
			}
		}
	})
	return last, err
}
