package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// printRound prints r as JSON or in words; the exit code is 1 when it failed.
func printRound(env Env, asJSON bool, r status.Round, words func(io.Writer, paint) error) (err error) {
	if asJSON {
		err = roundJSON(env.Stdout, r)
	} else {
		err = words(env.Stdout, painter(env, env.Stdout))
	}
	if err == nil && r.Outcome() == status.Failed {
		err = exitCode(exitFailed)
	}
	return err
}

func roundJSON(w io.Writer, r status.Round) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// roundWords prints a round for a person: what is known, what changes in each
// zone and list and why, what stands in the way, and a sentence that sums it up.
func roundWords(w io.Writer, p paint, r status.Round) error {
	return writeRound(w, p, r, 0, summary(r))
}

// writeRound shows at most so many changes of a zone; all of them when most is zero.
func writeRound(w io.Writer, p paint, r status.Round, most int, sum string) error {
	var b strings.Builder
	for _, f := range addr.Families() {
		if o, ok := r.Seen[plan.Here(f)]; ok {
			fmt.Fprintln(&b, familyLine(p, f, o))
		}
	}
	for _, z := range r.Zones {
		writeSteps(&b, p, z.Name.Describe(), zoneSteps(r, z), most)
	}
	for _, l := range r.Lists {
		writeSteps(&b, p, "list "+l.Name, listSteps(r, l), most)
	}
	if len(r.Conditions) > 0 {
		fmt.Fprintln(&b)
	}
	for _, g := range status.ByCause(r.Conditions) {
		mark := p.yellow("!")
		if g.Code.Failure() {
			mark = p.red("✗")
		}
		fmt.Fprintf(&b, "%s %s\n", mark, plain(g.Describe()))
	}
	fmt.Fprintf(&b, "\n%s\n", sum)
	_, err := io.WriteString(w, b.String())
	return err
}

// familyLine is what is known of a family and who said it.
func familyLine(p paint, f addr.Family, o addr.Observation) string {
	if !o.Known() {
		return p.bold(f.String()) + "  " + p.yellow("not known")
	}
	var agree, differ []string
	for _, v := range o.Votes() {
		switch {
		case v.Said.Same(o):
			agree = append(agree, v.Way)
		case v.Said.Known():
			differ = append(differ, fmt.Sprintf("%s says %s", v.Way, v.Said.Describe()))
		}
	}
	line := fmt.Sprintf("%s  %s  %s", p.bold(f.String()), o.Describe(), p.dim("seen by "+strings.Join(agree, " and ")))
	if len(differ) > 0 {
		line += p.yellow(", but " + strings.Join(differ, " and "))
	}
	return line
}

// step is one change of a record or an item, for people.
type step struct {
	action               plan.Action
	what, change, reason string
	err                  error
}

// zoneSteps is what was done in a zone, or what would be.
func zoneSteps(r status.Round, z status.Zone) []step {
	done := z.Done
	if r.Dry {
		for _, c := range z.Plan.Changes() {
			done = append(done, status.Done{Change: c})
		}
	}
	steps := make([]step, len(done))
	for i, d := range done {
		steps[i] = step{d.Action, d.Key().String(), d.Step(), d.Reason, d.Err}
	}
	return steps
}

// listSteps is the same of an IP list.
func listSteps(r status.Round, l status.List) []step {
	done := l.Done
	if r.Dry {
		for _, c := range l.Plan.Changes {
			done = append(done, status.ListDone{ListChange: c})
		}
	}
	steps := make([]step, len(done))
	for i, d := range done {
		steps[i] = step{d.Action, "item", d.Step(), d.Reason, d.Err}
	}
	return steps
}

func writeSteps(b *strings.Builder, p paint, where string, steps []step, most int) {
	if len(steps) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", p.bold(where))
	shown := steps
	if most > 0 && len(steps) > most {
		shown = steps[:most]
	}
	width := 0
	for _, s := range shown {
		width = max(width, utf8.RuneCountInString(s.what))
	}
	for _, s := range shown {
		colour := map[plan.Action]func(string) string{plan.ToCreate: p.green, plan.ToUpdate: p.yellow, plan.ToDelete: p.red}[s.action]
		fmt.Fprintf(b, "  %s %-*s  %s  %s\n", colour(s.action.Sign()), width, s.what, plain(s.change), p.dim(plain(s.reason)))
		if s.err != nil {
			fmt.Fprintf(b, "    %s %s\n", p.red("failed:"), plain(s.err.Error()))
		}
	}
	if more := len(steps) - len(shown); more > 0 {
		fmt.Fprintf(b, "    %s\n", p.dim(fmt.Sprintf("… and %d more", more)))
	}
}

// summary is the round in one sentence.
func summary(r status.Round) string {
	right := r.Right()
	switch {
	case r.Dry && r.Pending() > 0:
		return fmt.Sprintf("%s would be made; %s right already. \"homing once\" makes them.", count(r.Pending(), "change"), records(right))
	case r.Dry && r.Outcome() == status.Failed:
		return fmt.Sprintf("Nothing would be changed, but not everything is known or right; %s right already.", records(right))
	case r.Dry:
		return fmt.Sprintf("Nothing to change: %s right.", records(right))
	}
	return fmt.Sprintf("%s, %s right; %s, %s.", made(r), records(right), count(int(r.Calls), "API call"), r.Took.Round(time.Millisecond))
}

// made is how many changes were, and how many failed.
func made(r status.Round) string {
	done, failed := r.Count()
	s := count(done, "change") + " made"
	if failed > 0 {
		s += fmt.Sprintf(", %d failed", failed)
	}
	return s
}

func records(n int) string {
	if n == 1 {
		return "1 record is"
	}
	return fmt.Sprintf("%d records are", n)
}

//go:noinline // many callers: see dependencies.md
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
