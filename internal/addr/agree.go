package addr

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Rule says how many operators must say the same before it is believed. Its
// zero value is First.
type Rule struct{ n int }

const majority = -1

// First believes the earliest source in the list that knows.
func First() Rule { return Rule{} }

// Majority believes what more than half of the configured operators say; one
// that is silent counts against everything.
func Majority() Rule { return Rule{majority} }

// AtLeast believes what n or more operators say, if no other answer has as many.
func AtLeast(n int) Rule { return Rule{n} }

// ParseRule reads "first", "majority" or a number from 1.
func ParseRule(s string) (Rule, error) {
	switch s {
	case "first":
		return First(), nil
	case "majority":
		return Majority(), nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return Rule{}, fmt.Errorf("%q is not an agreement: write first, majority, or how many operators must agree", s)
	}
	return AtLeast(n), nil
}

func (r Rule) String() string {
	switch r.n {
	case 0:
		return "first"
	case majority:
		return "majority"
	}
	return strconv.Itoa(r.n)
}

// IsFirst reports whether the sources are asked one after another.
func (r Rule) IsFirst() bool { return r.n == 0 }

// Needs returns how many of so many configured operators must say the same.
func (r Rule) Needs(operators int) int {
	switch r.n {
	case 0:
		return 1
	case majority:
		return operators/2 + 1
	}
	return r.n
}

// Doubt is why answers were not believed although there were some: they
// contradict each other, or too few said the same.
type Doubt struct {
	Needed int // votes for one answer, out of Of
	Of     int
	Votes  []Vote
	Silent []string // operators that gave no answer
	Reason string
}

func (d *Doubt) Error() string {
	var b strings.Builder
	b.WriteString(d.Reason)
	for i, v := range d.Votes {
		b.WriteString(map[bool]string{true: ": ", false: "; "}[i == 0])
		fmt.Fprintf(&b, "%s says %s", v.Route, v.Said.Describe())
	}
	if len(d.Silent) > 0 {
		b.WriteString("; no answer from " + strings.Join(d.Silent, ", "))
	}
	return b.String()
}

// Agree makes one Observation out of the votes of a family. operators is how
// many different ones are configured, whether or not they voted.
//
// Under First the votes come in the order of the list and the earliest that
// knows is taken. Otherwise each operator has one vote; one whose sources
// contradict each other has none; an answer needs r.Needs(operators) votes,
// more than any other answer has, and one of them authenticated: plain DNS
// alone can be forged by whoever sits on the path.
func Agree(r Rule, operators int, votes []Vote) Observation {
	if r.IsFirst() {
		for _, v := range votes {
			if v.Said.Known() {
				return v.Said.With(votes...)
			}
		}
		return Unknown(noAnswerReason(votes)).With(votes...)
	}

	needed := r.Needs(operators)
	best, second := tally(votesByOperator(votes))
	doubt := func(reason string) Observation {
		return Unknown(&Doubt{Needed: needed, Of: operators, Votes: knownVotes(votes), Silent: silentOperators(votes), Reason: reason}).With(votes...)
	}
	switch {
	case best.votes == 0:
		return Unknown(noAnswerReason(votes)).With(votes...)
	case best.votes < needed:
		return doubt(fmt.Sprintf("%d of %d must agree, but %d did", needed, operators, best.votes))
	case best.votes == second.votes:
		return doubt(fmt.Sprintf("%d sources say one thing and %d another", best.votes, second.votes))
	case !best.authenticated:
		return doubt("only sources whose answers can be forged agree; add a source that answers over HTTPS or DoH")
	}
	return best.said.With(votes...)
}

// A candidate is one answer and who stands behind it.
type candidate struct {
	said          Observation
	votes         int
	authenticated bool
}

// tally counts one vote for each operator and returns the two answers with the most.
func tally(byOperator []candidate) (best, second candidate) {
	var tally []candidate
	for _, b := range byOperator {
		i := slices.IndexFunc(tally, func(c candidate) bool { return c.said.Same(b.said) })
		if i < 0 {
			tally = append(tally, candidate{said: b.said})
			i = len(tally) - 1
		}
		tally[i].votes++
		tally[i].authenticated = tally[i].authenticated || b.authenticated
	}
	for _, c := range tally {
		if c.votes > best.votes {
			best, second = c, best
		} else if c.votes > second.votes {
			second = c
		}
	}
	return best, second
}

// votesByOperator returns one vote for each operator, without those that contradict themselves.
func votesByOperator(votes []Vote) []candidate {
	var operators []string
	said := map[string]candidate{}
	void := map[string]bool{}
	for _, v := range votes {
		if !v.Said.Known() {
			continue
		}
		b, voted := said[v.Operator]
		switch {
		case !voted:
			operators = append(operators, v.Operator)
			said[v.Operator] = candidate{said: v.Said, authenticated: v.Authenticated}
		case b.said.Same(v.Said):
			b.authenticated = b.authenticated || v.Authenticated
			said[v.Operator] = b
		default:
			void[v.Operator] = true
		}
	}
	var out []candidate
	for _, o := range operators {
		if !void[o] {
			out = append(out, said[o])
		}
	}
	return out
}

func knownVotes(votes []Vote) []Vote {
	return slices.DeleteFunc(slices.Clone(votes), func(v Vote) bool { return !v.Said.Known() })
}

// silentOperators returns the operators none of whose sources knew, in the order of the votes.
func silentOperators(votes []Vote) []string {
	var names []string
	heard := knownVotes(votes)
	for _, v := range votes {
		of := func(w Vote) bool { return w.Operator == v.Operator }
		if !slices.ContainsFunc(heard, of) && !slices.Contains(names, v.Operator) {
			names = append(names, v.Operator)
		}
	}
	return names
}

// NoAnswer is why nothing is known when no source knew.
type NoAnswer struct{ Votes []Vote }

// Error names who was asked, and one of their reasons; the votes hold them all.
func (n *NoAnswer) Error() string {
	ways := make([]string, 0, len(n.Votes))
	for _, v := range n.Votes {
		ways = append(ways, cmp.Or(v.Route, v.Source))
	}
	return fmt.Sprintf("no answer from %s (%v)", strings.Join(ways, ", "), n.Votes[0].Said.Why())
}

func noAnswerReason(votes []Vote) error {
	if len(votes) == 0 {
		return ErrNotAsked
	}
	return &NoAnswer{votes}
}
