package status

import (
	"fmt"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// Level is how much a person has to worry. Its zero value claims nothing.
type Level uint8

const (
	Waiting  Level = iota // nothing is known yet
	Good                  // everything is as it should be
	Doubtful              // something is not known, and nothing is known to be wrong
	Bad                   // something is wrong
)

func (l Level) String() string {
	switch l {
	case Good:
		return "good"
	case Doubtful:
		return "doubtful"
	case Bad:
		return "bad"
	}
	return "waiting"
}

// Verdict is the state of everything, in a sentence.
type Verdict struct {
	Level    Level
	Sentence string
}

// Verdict says whether everything is true.
func (s *Snapshot) Verdict() Verdict {
	t := s.Tally()
	switch {
	case s.Empty():
		return Verdict{Waiting, "There are no names to manage yet."}
	case s.Round.Started.IsZero():
		return Verdict{Waiting, "The first check is running."}
	case t.Wrong > 0 && t.All() == 1:
		return Verdict{Bad, "The record is not right."}
	case t.Wrong > 0 && t.Wrong == t.All():
		return Verdict{Bad, fmt.Sprintf("None of the %d records is right.", t.Wrong)}
	case t.Wrong > 0:
		return Verdict{Bad, fmt.Sprintf("%d of %d records %s not right.", t.Wrong, t.All(), isAre(t.Wrong))}
	case t.NotKnown > 0 || s.Round.Outcome() == Failed:
		return Verdict{Doubtful, s.describeUnknown(t)}
	case t.All() == 0 && len(s.Round.Seen) > 0 && s.listCount() == 1:
		return Verdict{Good, "The IP list holds this network's addresses."}
	case t.All() == 0 && len(s.Round.Seen) > 0 && s.listCount() > 1:
		return Verdict{Good, fmt.Sprintf("All %d IP lists hold this network's addresses.", s.listCount())}
	case t.All() == 0:
		return Verdict{Good, "Nothing to do: IPv4 and IPv6 are both disabled."}
	case t.Right == 1:
		return Verdict{Good, "The record points home."}
	case t.Right == 2:
		return Verdict{Good, "Both records point home."}
	}
	return Verdict{Good, fmt.Sprintf("All %d records point home.", t.Right)}
}

// Has reports whether there is a condition with this code.
func (s *Snapshot) Has(code Code) bool {
	return has(s.Round.Conditions, code)
}

// Empty says whether the settings name nothing.
func (s *Snapshot) Empty() bool {
	for i := range s.Wanted {
		if spec := &s.Wanted[i].Spec; len(spec.Records)+len(spec.Lists) > 0 {
			return false
		}
	}
	return true
}

// listCount is how many IP lists the settings name.
func (s *Snapshot) listCount() (n int) {
	for i := range s.Wanted {
		n += len(s.Wanted[i].Spec.Lists)
	}
	return n
}

// describeUnknown is what is not known.
func (s *Snapshot) describeUnknown(t Tally) string {
	var unknown []addr.Family
	for _, f := range addr.Families() {
		if o, ok := s.Round.Seen[plan.Here(f)]; ok && !o.Known() {
			unknown = append(unknown, f)
		}
	}
	switch {
	case len(unknown) == 2:
		return "This network's addresses are not known; their records stay unchanged."
	case len(unknown) == 1:
		return fmt.Sprintf("The %s address of this network is not known; its records stay unchanged.", unknown[0])
	case t.NotKnown == 1:
		return "The state of one record is not known."
	case t.NotKnown == t.All() && t.NotKnown > 0:
		return fmt.Sprintf("The state of the %d records is not known.", t.NotKnown)
	case t.NotKnown > 0:
		return fmt.Sprintf("The state of %d of %d records is not known.", t.NotKnown, t.All())
	}
	return "The last round failed."
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// Names are the managed names, in the order of the settings, no two alike.
func (s *Snapshot) Names() []dns.Name {
	if len(s.Wanted) == 1 {
		return s.Wanted[0].Spec.Names()
	}
	seen := make(map[dns.Name]bool)
	var names []dns.Name
	for _, w := range s.Wanted {
		for _, n := range w.Spec.Names() {
			if !seen[n] {
				seen[n] = true
				names = append(names, n)
			}
		}
	}
	return names
}

// Overdue says whether the latest round is older than it may be: the next one
// should have ended by now. interval is how far apart rounds may be, jitter
// and all; slack is allowed beyond what was announced. Pauses after a failure
// and schedules of a day do not make it so: Round.Next says when the next is
// due. Before the first round it is counted from when the Board was made.
//
// Where the system has a clock that stands still in sleep it is that which
// counts, so a machine that wakes up is not late.
func (s *Snapshot) Overdue(now time.Time, interval, slack time.Duration) bool {
	if s.Round.Started.IsZero() {
		return now.Sub(s.Began) > interval+slack
	}
	if s.Round.Next.IsZero() {
		return false // there is to be none
	}
	return now.Sub(s.Finished) > max(s.Round.Next.Sub(s.Round.Started), interval)+slack
}
