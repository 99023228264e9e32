package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

func detectCommand(env *Env) *cobra.Command {
	var asJSON, all bool
	c := &cobra.Command{
		Use:   "detect",
		Short: "Show what each source answers, and the result",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := env.settings.Build(c.Context(), config.ForDetection)
			if err != nil {
				return err
			}
			defer a.CloseIdle()
			started := time.Now()
			r := status.Round{Number: 1, Started: started, Dry: true}
			var decided plan.Seen
			if r.Seen, decided, err = a.Survey(c.Context(), all); err != nil {
				return err
			}
			r.Took = time.Since(started)
			for _, of := range decided.Origins() {
				if o := decided[of]; !o.Certain() {
					r.Conditions = append(r.Conditions, a.Line(of.Site).Notes(c.Context(), of, o)...)
				}
			}
			for i := range r.Conditions {
				r.Conditions[i].Hint = r.Conditions[i].Hint.Fixed(a.Words())
			}
			if asJSON {
				err = roundJSON(env.Stdout, &r)
			} else {
				err = writeLook(env.Stdout, painter(env, env.Stdout), a, &r, decided)
			}
			for of, o := range decided {
				if err == nil && !o.Known() && !of.IsNeighbour() { // many a machine is off
					err = exitCode(exitFailed)
				}
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&all, "all", false, "ask every source homing knows; only those in the settings decide the result")
	return c
}

func writeLook(w io.Writer, p paint, a *app.App, r *status.Round, decided plan.Seen) error {
	var b strings.Builder
	writeVotes(&b, p, r.Seen)
	for _, of := range looked(decided) {
		o, inScope := decided[of]
		if !inScope {
			b.WriteString(p.bold(of.String()) + "  disabled (" + a.Words()(of.Setting("sources").To("none")) + ")\n")
			continue
		}
		said := p.green(o.Describe())
		if !o.Known() {
			said = p.yellow(plain(o.Describe()))
		}
		b.WriteString(p.bold(of.String()) + "  result: " + said + p.dim(because(a, of, o)) + "\n")
		for _, cure := range curesOf(a, of, o, r.Seen[of]) {
			b.WriteString("    → " + plain(cure) + "\n")
		}
	}
	writeLAN(&b, p, a, decided)
	for _, c := range r.Conditions {
		b.WriteString(p.yellow("!") + " " + plain(c.Describe()) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// looked are both families of this machine, and what is in scope of the sites with
// names; where those are all that is in scope, they alone.
func looked(decided plan.Seen) (all []plan.Origin) {
	here := false
	for _, of := range decided.Origins() {
		here = here || of.Site == ""
		if of.Site != "" && !of.IsLAN() {
			all = append(all, of)
		}
	}
	if !here && len(all) > 0 {
		return all
	}
	var both []plan.Origin
	for _, f := range addr.Families() {
		both = append(both, plan.Here(f))
	}
	return append(both, all...)
}

// curesOf is what to do where nothing is known: about each source, each thing once.
func curesOf(a *app.App, of plan.Origin, decided, seen addr.Observation) (cures []string) {
	if decided.Known() {
		return nil
	}
	for _, v := range seen.Votes() {
		cure := engine.OfSite(detect.CureOf(v.Said.Why()), of.Site).In(a.Words())
		if cure != "" && !slices.Contains(cures, cure) {
			cures = append(cures, cure)
		}
	}
	return cures
}

// because is what a decision rests on.
func because(a *app.App, of plan.Origin, o addr.Observation) string {
	if !o.Known() {
		return ""
	}
	var ways []string
	operators := map[string]bool{}
	for _, v := range o.Votes() {
		if v.Said.Same(o) {
			ways = append(ways, v.Route)
			operators[v.Operator] = true
		}
	}
	site := a.Config.Site(of.Site)
	rule := site.Detect[of.Family].Agree
	switch {
	case o.Certain():
		return " (from " + text.List(ways, 0) + ")"
	case !rule.IsFirst():
		return fmt.Sprintf(" (%d of %d operators agree, %s needed)", len(operators), a.Panels[of].Operators(), rule)
	case !site.Confirm:
		return " (first answer, from " + text.List(ways, 0) + "; " + engine.OfSite(text.Advise("%s", text.The("detect.confirm").To("false")), of.Site).In(a.Words()) + ")"
	}
	return " (two sources agree: " + text.List(ways, 0) + ")"
}

// writeVotes is a line a vote: the family, the source, who runs it, by which
// way it was asked, how long that took and what it said.
func writeVotes(b *strings.Builder, p paint, seen plan.Seen) {
	rows := [][]string{{"FAMILY", "SOURCE", "OPERATOR", "ASKED", "TOOK", "ANSWER"}}
	for _, of := range seen.Origins() {
		for _, v := range seen[of].Votes() {
			answer := plain(v.Said.Describe())
			if !v.Authenticated {
				answer += " (not authenticated, can be forged)"
			}
			rows = append(rows, []string{of.String(), v.Source, v.Operator, v.Route, v.Took.Round(time.Millisecond).String(), answer})
		}
	}
	widths := make([]int, len(rows[0])-1)
	for _, row := range rows {
		for i := range widths {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	for n, row := range rows {
		line := ""
		for i, width := range widths {
			line += row[i] + strings.Repeat(" ", width-utf8.RuneCountInString(row[i])+2)
		}
		line += row[len(widths)]
		if n == 0 {
			line = p.dim(line)
		}
		b.WriteString(line + "\n")
	}
	b.WriteString("\n")
}
