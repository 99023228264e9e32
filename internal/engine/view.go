package engine

import (
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// view is what a zone holds at the managed names. It is never changed: what
// was done to the zone makes a new one, so that others may go on reading.
type view struct{ records []dns.Record }

// after returns the view once these sets came to these results: what a host says a
// set is now takes the place of what was believed of it.
func (v *view) after(sets []plan.Set, results []provider.SetResult) *view {
	changed, n := make(map[dns.Key]bool, len(sets)), len(v.records)
	for i, s := range sets {
		n += len(results[i].Records) - len(s.Records)
	}
	records := make([]dns.Record, 0, max(n, 0)) // it is kept, so it has no room to spare
	for i, s := range sets {
		changed[s.Key] = true
		records = append(records, results[i].Records...)
	}
	for _, r := range v.records {
		if !changed[r.Key()] {
			records = append(records, r)
		}
	}
	return &view{records}
}
