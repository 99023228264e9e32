package engine

import (
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// view is what a zone holds at the managed names. It is never changed: what
// was done to the zone makes a new one, so that others may go on reading.
type view struct{ records []dns.Record }

// after is the view once these changes were done; of those that failed, only
// what the host says it stored all the same.
func (v *view) after(done []status.Done) *view {
	stored := make(map[string]dns.Record)
	records := slices.Clone(v.records)
	for _, d := range done {
		switch {
		case d.Err != nil && d.Stored.ID == "":
		case d.Action == plan.ToCreate:
			records = append(records, d.Stored)
		default:
			stored[d.Old.ID] = d.Stored
		}
	}
	kept := records[:0]
	for _, r := range records {
		s, touched := stored[r.ID]
		switch {
		case !touched:
			kept = append(kept, r)
		case s.ID != "":
			kept = append(kept, s)
		}
	}
	return &view{kept}
}
