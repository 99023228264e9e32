package engine

import (
	"log/slog"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// tell writes the round into the log: a line for each change that was made, a
// line for each condition that began or ended, and one for the round. A change
// that failed shows as a condition: two hundred that failed for one reason are
// one line.
func (e *Engine) tell(r status.Round) {
	log := e.cfg.Log
	for _, z := range r.Zones {
		for _, d := range z.Done {
			if d.Err == nil {
				log.Info(d.Action.String()+"d", "record", d.Key().String(), "step", d.Step(), "why", d.Reason)
			}
		}
	}
	now := make(map[string]status.Condition, len(r.Conditions))
	for _, c := range r.Conditions {
		now[c.ID()] = c
		if _, known := e.conditions[c.ID()]; !known {
			log.Warn(c.Describe())
		}
	}
	for id, c := range e.conditions {
		if _, still := now[id]; !still {
			log.Info("over: " + c.Subject + ": " + string(c.Code))
		}
	}
	news := r.Outcome() != status.Unchanged || len(now) != len(e.conditions)
	e.conditions = now
	if news || !e.cfg.Quiet {
		tellRound(log, r)
	}
}

func tellRound(log *slog.Logger, r status.Round) {
	_, failed := r.Count()
	attrs := []any{"outcome", r.Outcome().String(), "right", r.Right(), "calls", r.Calls, "took", r.Took.Round(time.Millisecond)}
	if failed > 0 {
		attrs = append(attrs, "failed", failed)
	}
	if !r.Next.IsZero() {
		attrs = append(attrs, "next", r.Next)
	}
	log.Info("round", attrs...)
}
