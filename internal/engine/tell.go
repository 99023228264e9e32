package engine

import (
	"log/slog"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
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
	for _, l := range r.Lists {
		for _, d := range l.Done {
			if d.Err == nil {
				log.Info(d.Action.String()+"d", "list", l.Name, "item", d.Step(), "why", d.Reason)
			}
		}
	}
	turned := e.tellConditions(r.Conditions)
	if done, failed := r.Count(); done+failed > 0 || turned || !e.cfg.Quiet {
		tellRound(log, r)
	}
}

// tellConditions tells what began and what is over since the round before. An
// address that is held back is told anew when it is another one.
func (e *Engine) tellConditions(now []status.Condition) (turned bool) {
	before, after := ids(e.conditions), ids(now)
	said := func(c status.Condition) bool {
		return before[c.ID()] && (c.Code != status.AddressDamped || slices.Contains(e.conditions, c))
	}
	begun := slices.DeleteFunc(slices.Clone(now), said)
	over := slices.DeleteFunc(slices.Clone(e.conditions), func(c status.Condition) bool { return after[c.ID()] })
	for _, g := range status.ByCause(begun) {
		e.cfg.Log.Warn(g.Describe())
	}
	for _, g := range status.ByCause(over) {
		e.cfg.Log.Info("over: " + g.About() + ": " + g.Why())
	}
	e.conditions = now
	return len(begun)+len(over) > 0
}

func ids(cs []status.Condition) map[string]bool {
	set := make(map[string]bool, len(cs))
	for _, c := range cs {
		set[c.ID()] = true
	}
	return set
}

func tellRound(log *slog.Logger, r status.Round) {
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
	if reason := reasonOf(r); reason != "" {
		attrs = append(attrs, "reason", reason)
	}
	log.Info("round", attrs...)
}

// reasonMost is what of a reason is in a line that there may be each minute; the
// line of its condition has all of it, once.
const reasonMost = 200

// reasonOf is why a round failed: its first failure, and how many others there
// are. It is empty when nothing failed.
func reasonOf(r status.Round) string {
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
