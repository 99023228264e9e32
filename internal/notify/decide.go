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
	patientRounds = 3
	patientTime   = 15 * time.Minute
)

// Rules say what is told at once.
type Rules struct {
	OneShot bool // there will be no other round: every failure is told at once
	// Refused says whether a failure will not pass by itself, and is told at
	// once therefore. Nil: those codes that never pass by themselves.
	Refused func(status.Condition) bool
}

// State is what Decide remembers from round to round: what is wrong, since
// when, and whether it was told. Its zero value remembers nothing. It is never
// changed, so that it may be kept and compared.
type State struct{ troubles map[string]*trouble }

type trouble struct {
	status.Condition
	since  time.Time // the start of the first round that found it
	rounds int       // in a row
	told   bool
}

// Decide is what is worth telling of a round that ended at now, with what
// happened in it, and what to remember for the next one.
func Decide(s State, r status.Round, events []status.Event, now time.Time, rules Rules) ([]Message, State) {
	if r.Dry || r.Outcome() == status.NotDone {
		return nil, s
	}
	var messages []Message
	if m, ok := changed(&r, events, now); ok {
		messages = append(messages, m)
	}
	if cutShort(&r) { // what it did not find may still be so
		return messages, s
	}
	next := s.after(&r, events)
	if fresh := next.due(now, rules); len(fresh) > 0 {
		messages = append(messages, failed(fresh, &r, now))
		next = next.telling(fresh)
	}
	if over := s.over(next); len(over) > 0 {
		messages = append(messages, recovered(over, len(next.told()), &r, now))
	}
	return messages, next
}

// cutShort says whether the round was stopped before its end.
func cutShort(r *status.Round) bool {
	for i := range r.Conditions {
		if r.Conditions[i].Code == status.Stopped {
			return true
		}
	}
	return false
}

// after is s with what r found. A failure that takes the place of another one
// of the same subject goes on with its count. What is not over goes on as it is:
// an address that is in doubt after it was not known is no news.
func (s State) after(r *status.Round, events []status.Event) State {
	next := State{make(map[string]*trouble)}
	for i := range r.Conditions {
		if c := &r.Conditions[i]; c.Code.Failure() {
			next.troubles[c.ID()] = &trouble{Condition: *c, since: r.Started, rounds: 1}
		}
	}
	over := overWith(events)
	gone := make(map[string]*trouble) // by subject
	for id, t := range s.troubles {
		if c := next.troubles[id]; c != nil {
			c.follow(t)
		} else if !over[id] && !over[t.Subject] {
			as := *t
			next.troubles[id] = &as
		} else if g := gone[t.Subject]; g == nil || t.since.Before(g.since) {
			gone[t.Subject] = t
		}
	}
	for _, c := range next.troubles {
		if t := gone[c.Subject]; t != nil && c.rounds == 1 {
			c.follow(t)
		}
	}
	return next
}

// overWith is the conditions that are over, and the families whose addresses are
// known again: only that ends what was wrong with these.
func overWith(events []status.Event) map[string]bool {
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

// follow makes t, which was just found, go on from what was before it.
func (t *trouble) follow(before *trouble) {
	t.since, t.rounds, t.told = before.since, before.rounds+1, before.told
}

// due is what has not been told and now is worth it.
func (s State) due(now time.Time, rules Rules) []*trouble {
	refused := rules.Refused
	if refused == nil {
		refused = stands
	}
	return s.those(func(t *trouble) bool {
		lasts := t.rounds >= patientRounds || t.rounds > 1 && now.Sub(t.since) >= patientTime
		return !t.told && (lasts || rules.OneShot || refused(t.Condition))
	})
}

// stands says whether a condition stands until a person does something.
func stands(c status.Condition) bool {
	return c.Code == status.NameBlocked || c.Code == status.RecordMissing || c.Code == status.RecordAmbiguous || c.Code == status.NameUnplaced
}

// telling is s once these were told.
func (s State) telling(fresh []*trouble) State {
	next := State{maps.Clone(s.troubles)}
	for _, t := range fresh {
		told := *t
		told.told = true
		next.troubles[t.ID()] = &told
	}
	return next
}

// patient says whether r failed, and nothing of it has been told yet.
func (s State) patient(r *status.Round) bool {
	failed := false
	for i := range r.Conditions {
		if c := &r.Conditions[i]; c.Code.Failure() && c.Code != status.Stopped {
			failed = true
			if t := s.troubles[c.ID()]; t != nil && t.told {
				return false
			}
		}
	}
	return failed
}

// over is what was told and is no longer so: nothing is wrong with its subject.
func (s State) over(next State) []*trouble {
	wrong := make(map[string]bool)
	for _, t := range next.troubles {
		wrong[t.Subject] = true
	}
	return s.those(func(t *trouble) bool { return t.told && !wrong[t.Subject] })
}

func (s State) told() []*trouble { return s.those(func(t *trouble) bool { return t.told }) }

// those is the troubles that are so, in order.
func (s State) those(so func(*trouble) bool) []*trouble {
	var ts []*trouble
	for _, t := range s.troubles {
		if so(t) {
			ts = append(ts, t)
		}
	}
	sort.Slice(ts, func(i, j int) bool { return ts[i].Compare(ts[j].Condition) < 0 })
	return ts
}
