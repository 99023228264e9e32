package engine

import (
	"log/slog"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// announce writes the round into the log: a line for each change that was made, a
// line for each cause of conditions that began or ended, and one for the round.
// A change that failed shows as a condition.
func (e *Engine) announce(r status.Round) {
	var events []status.Event
	events, e.standing = status.Since(e.standing, r)
	turned := false
	for _, ev := range events {
		turned = e.logEvent(ev) || turned
	}
	if done, failed := r.Count(); done+failed > 0 || turned || !e.cfg.Quiet {
		logRound(e.cfg.Log, r)
	}
}

// logEvent writes what happened; turned says that conditions began or ended.
func (e *Engine) logEvent(ev status.Event) (turned bool) {
	log := e.cfg.Log
	switch ev.Kind {
	case status.RecordChanged:
		for _, k := range ev.Keys {
			log.Info(ev.Action.String()+"d", "record", k.String(), "step", ev.Step, "why", ev.Text)
		}
	case status.ItemChanged:
		log.Info(ev.Action.String()+"d", "list", ev.List, "item", ev.Step, "why", ev.Text)
	case status.ConditionBegan:
		log.Warn(ev.Describe())
		return true
	case status.ConditionOver:
		log.Info("resolved: " + ev.Text)
		return true
	}
	return false
}

func logRound(log *slog.Logger, r status.Round) {
	_, failed := r.Count()
	outcome := r.Outcome().String()
	found := func(code status.Code) bool {
		return slices.ContainsFunc(r.Conditions, func(c status.Condition) bool { return c.Code == code })
	}
	attrs := []any{"outcome", outcome, "right", r.Right()}
	switch {
	case found(status.Stopped):
		attrs[1] = string(status.Stopped)
	case found(status.AddressDamped) && r.Outcome() == status.Unchanged: // nobody looked whether that is so
		attrs[1] = "held back"
		if r.Right() == 0 {
			attrs = attrs[:2]
		}
	}
	attrs = append(attrs, "calls", r.Calls, "took", r.Took.Round(time.Millisecond))
	if failed > 0 {
		attrs = append(attrs, "failed", failed)
	}
	if !r.Next.IsZero() {
		attrs = append(attrs, "next", r.Next)
	}
	if reason := failureReason(r); reason != "" {
		attrs = append(attrs, "reason", reason)
	}
	log.Info("round", attrs...)
}

// reasonMost is what of a reason is in a line that there may be each minute; the
// line of its condition has all of it, once.
const reasonMost = 200

// failureReason returns why a round failed: its first failure, and how many others there
// are. It is empty when nothing failed.
func failureReason(r status.Round) string {
	failures := status.ByCause(slices.DeleteFunc(slices.Clone(r.Conditions), func(c status.Condition) bool {
		return !c.Code.Failure() || c.Code == status.Stopped
	}))
	if len(failures) == 0 {
		return ""
	}
	reason := text.Cut(failures[0].About()+": "+failures[0].Why(), reasonMost)
	if more := len(failures) - 1; more > 0 {
		reason += "; and " + text.Count(more, "other failure")
	}
	return reason
}
