package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

func doctorCommand(env *Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check everything, change nothing, and say what to do",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := env.settings.Build(c.Context(), config.ForRecords)
			if err != nil {
				return err
			}
			defer a.CloseIdle()
			found := examine(c.Context(), a)
			if asJSON {
				e := json.NewEncoder(env.Stdout)
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				err = e.Encode(map[string]any{"schema": status.Schema, "findings": found})
			} else {
				err = writeFindings(env.Stdout, painter(env, env.Stdout), found)
			}
			if err == nil && slices.ContainsFunc(found, func(f finding) bool { return f.Health == ill }) {
				err = exitCode(exitFailed)
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// health is how a finding is to be taken.
type health string

const (
	well  health = "ok"
	frail health = "note" // it works, and could be better
	ill   health = "bad"
)

// finding is one thing that was checked.
type finding struct {
	Health  health `json:"health"`
	Checked string `json:"checked"`
	Found   string `json:"found"`
	Cure    string `json:"cure,omitempty"`
}

// skewAllowed is a clock nobody needs to mind.
const skewAllowed = time.Minute

// examine makes one round that changes nothing, and looks at what it says and
// at what no round would.
func examine(ctx context.Context, a *app.App) []finding {
	var found []finding
	found = append(found, examineSettings(a)...)
	r := a.Engine(app.QuietLog(), nil).Plan(ctx)
	a.Each(func(account engine.Account, advice app.Advice) {
		found = append(found, examineAccount(ctx, account, advice, a.Words(), r)...)
	})
	for _, account := range a.Accounts {
		found = append(found, examineMarks(ctx, account, a.Words(), r)...)
	}
	found = append(found, examineMachine(a, r)...)
	found = append(found, examineListening(ctx, a)...)
	for _, of := range looked(r.Seen) {
		found = append(found, examineFamily(ctx, a, of, r)...)
	}
	found = append(found, examineLAN(a, r)...)
	for _, z := range r.Zones {
		if !z.Name.IsZero() {
			found = append(found, finding{Health: well, Checked: ofAccount(z.Name.Describe(), z.Account),
				Found: fmt.Sprintf("its records can be read; %d right, %s to make", z.Plan.Kept, count(plan.Size(z.Plan.Sets), "change"))})
		}
	}
	for _, l := range r.Lists {
		found = append(found, finding{Health: well, Checked: ofAccount("list "+l.Plan.List.Account+"/"+l.Name, l.Account),
			Found: fmt.Sprintf("it can be read; %d right, %s to make", l.Plan.Kept, count(len(l.Plan.Changes), "change"))})
	}
	for _, g := range status.ByCause(r.Conditions) {
		h := frail
		if g.Code.Failure() {
			h = ill
		}
		found = append(found, finding{Health: h, Checked: about(a, g), Found: g.Why(), Cure: g.Hint.String()})
	}
	return slices.DeleteFunc(found, func(f finding) bool { // a zone or family that has a condition is not well
		return f.Health == well && slices.ContainsFunc(r.Conditions, func(c status.Condition) bool {
			return c.Code.Failure() && c.Subject == f.Checked
		})
	})
}

// about is what conditions are about: the credential where that was refused before
// any zone could be seen.
func about(a *app.App, g status.Group) string {
	if g.Code != status.ZonesUnread || g.Cause != "auth" {
		return g.About()
	}
	var names []string
	a.Each(func(account engine.Account, _ app.Advice) {
		p, ok := account.Provider.(inspected)
		if ok && slices.Contains(g.Subjects, ofAccount("zones", account.Name)) {
			names = append(names, ofAccount(p.Credential(), account.Name))
		}
	})
	if len(names) == 0 {
		return g.About()
	}
	return list(names)
}

// examineSettings tells what may not be meant, and is as strict as homing config
// check.
func examineSettings(a *app.App) []finding {
	var found []finding
	for _, d := range a.Config.Doubts {
		found = append(found, finding{ill, "settings", d.Name + ": " + d.Reason, d.Hint})
	}
	if found == nil {
		found = append(found, finding{Health: well, Checked: "settings", Found: "they are valid"})
	}
	for _, n := range a.Notices() {
		if !slices.ContainsFunc(a.Config.Doubts, func(d config.Doubt) bool { return d.Notice == n }) {
			found = append(found, finding{Health: frail, Checked: "settings", Found: n})
		}
	}
	return found
}

// ofAccount names something as the conditions of a round do, so that what is
// well and what is not can be told to be the same.
func ofAccount(what, account string) string {
	if account == "" {
		return what
	}
	return what + " of " + account
}
