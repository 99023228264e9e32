package engine

import (
	"log/slog"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// tell writes the round into the log: a line for each change, a line for each
// condition that began or ended, and one for the round. Of a round in which
// nothing happened there is that one line only.
func (e *Engine) tell(r status.Round) {
	log := e.cfg.Log
	for _, z := range r.Zones {
		for _, d := range z.Done {
			tellChange(log, d)
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

func tellChange(log *slog.Logger, d status.Done) {
	if d.Err != nil {
		log.Error(d.Action.String()+" failed", "record", d.Key().String(), "step", d.Step(), "error", d.Err, "hint", d.Hint)
		return
	}
	log.Info(d.Action.String()+"d", "record", d.Key().String(), "step", d.Step(), "why", d.Reason)
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
