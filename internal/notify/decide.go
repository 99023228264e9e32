package notify

import (
	"maps"
	"sort"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// A failure is told when it was found in so many rounds in a row, or in two
// that lie this far apart. What lasts one round only is not worth a message.
const (
	failuresBeforeMessage   = 3
	failureAgeBeforeMessage = 15 * time.Minute
)

// Rules say what is told at once.
type Rules struct {
	OneShot bool // there will be no other round: every failure is told at once
	// NeedsPerson reports whether a failure will not pass by itself, and is told at
	// once therefore. Nil: those codes that never pass by themselves.
	NeedsPerson func(status.Condition) bool
}

// State is what Decide remembers from round to round: what is wrong, since
// when, and whether it was told. Its zero value remembers nothing. It is never
// changed, so that it may be kept and compared.
type State struct{ problems map[string]*problem }

type problem struct {
	status.Condition
	since    time.Time // the start of the first round that found it
	rounds   int       // in a row
	notified bool
}

// Decide is what is worth telling of a round that ended at now, with what
// happened in it, and what to remember for the next one.
func Decide(s State, r status.Round, events []status.Event, now time.Time, rules Rules) ([]Message, State) {
	if r.Dry || r.Outcome() == status.NotDone {
		return nil, s
	}
	var messages []Message
	if m, ok := changedMessage(&r, events, now); ok {
		messages = append(messages, m)
	}
	if wasInterrupted(&r) { // what it did not find may still be so
		return messages, s
	}
	next := s.update(&r, events)
	if fresh := next.dueForMessage(now, rules); len(fresh) > 0 {
		messages = append(messages, failedMessage(fresh, &r, now))
		next = next.markNotified(fresh)
	}
	if over := s.resolved(next); len(over) > 0 {
		messages = append(messages, recoveredMessage(over, len(next.alreadyNotified()), &r, now))
	}
	return messages, next
}

// wasInterrupted reports whether the round was stopped before its end.
func wasInterrupted(r *status.Round) bool {
	for i := range r.Conditions {
		if r.Conditions[i].Code == status.Stopped {
			return true
		}
	}
	return false
}

// update is s with what r found. A failure that takes the place of another one
// of the same subject goes on with its count. What is not over goes on as it is:
// an address that is in doubt after it was not known is no news.
func (s State) update(r *status.Round, events []status.Event) State {
	next := State{make(map[string]*problem)}
	for i := range r.Conditions {
		if c := &r.Conditions[i]; c.Code.Failure() {
			next.problems[c.ID()] = &problem{Condition: *c, since: r.Started, rounds: 1}
		}
	}
	over := resolvedSubjects(events)
	gone := make(map[string]*problem) // by subject
	for id, t := range s.problems {
		if c := next.problems[id]; c != nil {
			c.inherit(t)
		} else if !over[id] && !over[t.Subject] {
			as := *t
			next.problems[id] = &as
		} else if g := gone[t.Subject]; g == nil || t.since.Before(g.since) {
			gone[t.Subject] = t
		}
	}
	for _, c := range next.problems {
		if t := gone[c.Subject]; t != nil && c.rounds == 1 {
			c.inherit(t)
		}
	}
	return next
}

// resolvedSubjects is the conditions that are over, and the families whose addresses are
// known again: only that ends what was wrong with these.
func resolvedSubjects(events []status.Event) map[string]bool {
	over := make(map[string]bool)
	for i := range events {
		switch e := &events[i]; {
		case e.Kind == status.AddressFound:
			over[e.Of.String()] = true
		case e.Kind == status.ConditionOver && !e.Code.OfAddress():
			for i := range e.Conditions {
				over[e.Conditions[i].ID()] = true
			}
		}
	}
	return over
}

// inherit makes t, which was just found, go on from what was before it.
func (t *problem) inherit(before *problem) {
	t.since, t.rounds, t.notified = before.since, before.rounds+1, before.notified
}

// dueForMessage is what has not been told and now is worth it.
func (s State) dueForMessage(now time.Time, rules Rules) []*problem {
	refused := rules.NeedsPerson
	if refused == nil {
		refused = needsPerson
	}
	return s.filter(func(t *problem) bool {
		lasts := t.rounds >= failuresBeforeMessage || t.rounds > 1 && now.Sub(t.since) >= failureAgeBeforeMessage
		return !t.notified && (lasts || rules.OneShot || refused(t.Condition))
	})
}

// needsPerson reports whether a condition stands until a person does something.
func needsPerson(c status.Condition) bool {
	return c.Code == status.NameBlocked || c.Code == status.RecordMissing || c.Code == status.RecordAmbiguous || c.Code == status.NameUnplaced
}

// markNotified is s once these were told.
func (s State) markNotified(fresh []*problem) State {
	next := State{maps.Clone(s.problems)}
	for _, t := range fresh {
		told := *t
		told.notified = true
		next.problems[t.ID()] = &told
	}
	return next
}

// isWaiting reports whether r failed, and nothing of it has been told yet.
func (s State) isWaiting(r *status.Round) bool {
	failed := false
	for i := range r.Conditions {
		if c := &r.Conditions[i]; c.Code.Failure() && c.Code != status.Stopped {
			failed = true
			if t := s.problems[c.ID()]; t != nil && t.notified {
				return false
			}
		}
	}
	return failed
}

// resolved is what was told and is no longer so: nothing is wrong with its subject.
func (s State) resolved(next State) []*problem {
	wrong := make(map[string]bool)
	for _, t := range next.problems {
		wrong[t.Subject] = true
	}
	return s.filter(func(t *problem) bool { return t.notified && !wrong[t.Subject] })
}

func (s State) alreadyNotified() []*problem {
	return s.filter(func(t *problem) bool { return t.notified })
}

// filter is the troubles that are so, in order.
func (s State) filter(so func(*problem) bool) []*problem {
	var ts []*problem
	for _, t := range s.problems {
		if so(t) {
			ts = append(ts, t)
		}
	}
	sort.Slice(ts, func(i, j int) bool { return ts[i].Compare(ts[j].Condition) < 0 })
	return ts
}
