package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// printRound prints r as JSON or in words; the exit code is 1 when it failed.
func printRound(env *Env, asJSON bool, r *status.Round, words func(io.Writer, paint) error) (err error) {
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

func roundJSON(w io.Writer, r *status.Round) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// roundWords prints a round for a person: what is known, what changes in each
// zone and list and why, what stands in the way, and a sentence that sums it up.
func roundWords(w io.Writer, p paint, r *status.Round) error {
	return writeRound(w, p, r, 0, summary(r))
}

// writeRound shows at most so many changes of a zone; all of them when most is zero.
func writeRound(w io.Writer, p paint, r *status.Round, most int, sum string) error {
	var b strings.Builder
	for _, of := range r.Seen.Origins() {
		b.WriteString(familyLine(p, of, r.Seen[of]) + "\n")
	}
	for i := range r.Zones {
		z := &r.Zones[i]
		writeSteps(&b, p, z.Name.Describe(), zoneSteps(r, z), most)
	}
	for i := range r.Lists {
		l := &r.Lists[i]
		writeSteps(&b, p, "list "+l.Name, listSteps(r, l), most)
	}
	if len(r.Conditions) > 0 {
		b.WriteString("\n")
	}
	writeCauses(&b, p, r.Conditions)
	b.WriteString("\n" + wrapped(sum, 0, 0) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// writeCauses writes what a person should know of, a cause at a time, and what to
// do about it.
func writeCauses(b *strings.Builder, p paint, cs []status.Condition) {
	for _, g := range status.ByCause(cs) {
		mark := p.yellow("!")
		if g.Code.Failure() {
			mark = p.red("✗")
		}
		b.WriteString(mark + " " + wrapped(plain(g.About()+": "+g.Why()), 2, 4) + "\n")
		if g.Hint != "" {
			b.WriteString("    → " + wrapped(plain(g.Hint.String()), 6, 6) + "\n")
		}
	}
}

// familyLine is what is known of a family of a site and who said it.
func familyLine(p paint, of plan.Origin, o addr.Observation) string {
	name := plain(of.String())
	if !o.Known() {
		return p.bold(name) + "  " + p.yellow("not known")
	}
	indent := utf8.RuneCountInString(name) + 2
	var agree, differ []string
	for _, v := range o.Votes() {
		switch {
		case v.Said.Same(o):
			agree = append(agree, v.Route)
		case v.Said.Known():
			differ = append(differ, v.Route+" says "+v.Said.Describe())
		}
	}
	head, seen := o.Describe(), "seen by "+strings.Join(agree, " and ")
	line := p.bold(name) + "  " + head + p.dim(beside(indent+utf8.RuneCountInString(head), plain(seen), indent))
	if len(differ) > 0 {
		line += "\n" + strings.Repeat(" ", indent) + p.yellow(wrapped(plain("but "+strings.Join(differ, " and ")), indent, indent))
	}
	return line
}

// step is one change of a record or an item, for people.
type step struct {
	action               plan.Action
	what, change, reason string
	err                  error
}

// steps are those of a zone or of an IP list.
type steps []*step

func (s *steps) add(a plan.Action, what, change, reason string, err error) {
	*s = append(*s, &step{a, what, change, reason, err})
}

// zoneSteps is what was done in a zone, or what would be.
func zoneSteps(r *status.Round, z *status.Zone) (all steps) {
	for i := range z.Done {
		d := &z.Done[i]
		all.add(d.Action, d.Key().String(), d.Step(), d.Reason, d.Err)
	}
	if r.Dry {
		for _, c := range z.Plan.Changes() {
			all.add(c.Action, c.Key().String(), c.Step(), c.Reason, nil)
		}
	}
	return all
}

// listSteps is the same of an IP list.
func listSteps(r *status.Round, l *status.List) (all steps) {
	for i := range l.Done {
		d := &l.Done[i]
		all.add(d.Action, "item", d.Step(), d.Reason, d.Err)
	}
	if r.Dry {
		for _, c := range l.Plan.Changes {
			all.add(c.Action, "item", c.Step(), c.Reason, nil)
		}
	}
	return all
}

// writeSteps shows at most so many steps, those of one reason together.
func writeSteps(b *strings.Builder, p paint, where string, all steps, most int) {
	if len(all) == 0 {
		return
	}
	b.WriteString("\n" + p.bold(where) + "\n")
	shown := byReason(all)
	if most > 0 && len(all) > most {
		shown = shown[:most]
	}
	width := 0
	for _, s := range shown {
		width = max(width, utf8.RuneCountInString(s.what))
	}
	for i, s := range shown {
		if i == 0 || s.reason != shown[i-1].reason {
			b.WriteString("  " + p.dim(wrapped(plain(s.reason)+":", 2, 4)) + "\n")
		}
		s.write(b, p, width)
	}
	if more := len(all) - len(shown); more > 0 {
		b.WriteString("    " + p.dim(fmt.Sprintf("… and %d more", more)) + "\n")
	}
}

// byReason is the steps with those of one reason together, in the order in which
// the reasons come first.
func byReason(all steps) steps {
	first := make(map[string]int)
	for i, s := range all {
		if _, known := first[s.reason]; !known {
			first[s.reason] = i
		}
	}
	sorted := slices.Clone(all)
	sort.SliceStable(sorted, func(i, j int) bool { return first[sorted[i].reason] < first[sorted[j].reason] })
	return sorted
}

// write writes a step in a line, or what it changes below it.
func (s *step) write(b *strings.Builder, p paint, width int) {
	change := plain(s.change)
	line := fmt.Sprintf("%-*s  %s", width, s.what, change)
	if 6+utf8.RuneCountInString(line) > columns {
		line = s.what + "\n        " + wrapped(change, 8, 10)
	}
	b.WriteString("    " + p.action(s.action) + " " + line + "\n")
	if s.err != nil {
		word := failedWord(s.err)
		b.WriteString("      " + p.red(word+":") + " " + wrapped(plain(s.err.Error()), 7+len(word), 8) + "\n")
	}
}

// action is the sign of what is done, in its colour.
func (p paint) action(a plan.Action) string {
	switch sign := a.Sign(); a {
	case plan.ToCreate:
		return p.green(sign)
	case plan.ToUpdate:
		return p.yellow(sign)
	default:
		return p.red(sign)
	}
}

// summary is the round in one sentence.
func summary(r *status.Round) string {
	right := right(r)
	switch {
	case r.Dry && r.Pending() > 0:
		return fmt.Sprintf("%s would be made; %s already. \"homing once\" makes them.", count(r.Pending(), "change"), right)
	case r.Dry && r.Outcome() == status.Failed:
		return fmt.Sprintf("Nothing would be changed, but there are problems (above); %s already.", right)
	case r.Dry:
		return fmt.Sprintf("Nothing to change: %s.", right)
	}
	return fmt.Sprintf("%s, %s; %s, %s.", made(r), right, count(int(r.Calls), "API call"), r.Took.Round(time.Millisecond))
}

// made is how many changes were, and how many were not.
func made(r *status.Round) string {
	done, failed := r.Count()
	s := count(done, "change") + " made"
	if lost := unconfirmed(r); lost > 0 {
		failed -= lost
		s += fmt.Sprintf(", %d not confirmed", lost)
	}
	if failed > 0 {
		s += fmt.Sprintf(", %d failed", failed)
	}
	return s
}

// unconfirmed is how many changes may have been made or not.
func unconfirmed(r *status.Round) (n int) {
	for _, z := range r.Zones {
		for _, d := range z.Done {
			if d.Err != nil && failedWord(d.Err) != "failed" {
				n++
			}
		}
	}
	return n
}

// failedWord is what became of a change that was not made, as far as is known.
func failedWord(err error) string {
	if e, ok := errors.AsType[*provider.Error](err); ok && e.Kind == provider.Unconfirmed {
		return "not confirmed"
	}
	return "failed"
}

// right is how many records are; where not everything is known, others may be too.
func right(r *status.Round) string {
	if slices.ContainsFunc(r.Conditions, unknown) {
		return records(r.Right()) + " known to be right"
	}
	return records(r.Right()) + " right"
}

func records(n int) string {
	if n == 1 {
		return "1 record is"
	}
	return fmt.Sprintf("%d records are", n)
}

// unknown reports whether something is not known while a condition lasts.
func unknown(c status.Condition) bool {
	switch c.Code {
	case status.AddressUnknown, status.AddressDoubted, status.ZonesUnread, status.ZoneFailed, status.Stopped:
		return true
	}
	return false
}

//go:noinline // many callers: see dependencies.md
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
