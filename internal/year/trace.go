package year

import (
	"fmt"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/status"
)

// show is a record in a few words.
func show(r dns.Record) string {
	s := fmt.Sprintf("%s %s", r.Key(), r.Content())
	if r.Proxied {
		s += " proxied"
	}
	if r.Comment != "" {
		s += fmt.Sprintf(" (%s)", r.Comment)
	}
	return s
}

func (d delta) describe() string {
	var parts []string
	for _, r := range d.gone {
		parts = append(parts, "− "+show(r))
	}
	for _, r := range d.new {
		parts = append(parts, "+ "+show(r))
	}
	return strings.Join(parts, "   ")
}

// sum is a round in one line.
func sum(r status.Round) string {
	done, failed := r.Count()
	s := fmt.Sprintf("round %d: %v, %d done, %d failed, %d calls", r.Number, r.Outcome(), done, failed, r.Calls)
	if !r.Next.IsZero() {
		s += fmt.Sprintf(", next in %v", time.Until(r.Next).Round(time.Millisecond))
	}
	for _, c := range r.Conditions {
		s += "; " + c.Subject + ": " + string(c.Code)
		if c.Code.Failure() && c.Code != status.AddressUnknown { // that lists who failed at the same moment in any order
			s += " (" + c.Text + ")"
		}
	}
	return s
}

func (w *world) traceRound(r status.Round) {
	if w.trace != nil {
		w.tell("  %s", sum(r))
	}
}
