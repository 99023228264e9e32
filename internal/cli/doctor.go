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
	"github.com/homing-dns/homing/internal/text"
)

func doctorCommand(env *Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check everything without changing anything, and say what to do",
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

// checkup is what is looked at, and what was found so far.
type checkup struct {
	*app.App
	round *status.Round // that changes nothing
	found []finding
}

func (c *checkup) tell(h health, checked, found, cure string) {
	c.found = append(c.found, finding{h, checked, found, cure})
}

func (c *checkup) well(checked, found string) { c.tell(well, checked, found, "") }

// frail tells of what could be better, and how.
func (c *checkup) frail(checked, found string, cure text.Hint) {
	c.tell(frail, checked, found, cure.In(c.Words()))
}

// examine makes one round that changes nothing, and looks at what it says and
// at what no round would.
func examine(ctx context.Context, a *app.App) []finding {
	c := &checkup{App: a}
	c.settings()
	r := a.Engine(app.QuietLog(), nil).Plan(ctx)
	c.round = &r
	a.Each(func(account engine.Account, advice app.Advice) { c.account(ctx, &account, &advice) })
	for i := range a.Accounts {
		c.marks(ctx, &a.Accounts[i])
	}
	c.machine()
	c.listening(ctx)
	for _, of := range looked(r.Seen) {
		c.family(ctx, of)
	}
	c.lan()
	for i := range r.Zones {
		if z := &r.Zones[i]; !z.Name.IsZero() {
			c.kept(ofAccount(z.Name.Describe(), z.Account), "its records can be read", z.Plan.Kept, plan.CountChanges(z.Plan.Sets))
		}
	}
	for i := range r.Lists {
		l := &r.Lists[i]
		c.kept(ofAccount("list "+l.Plan.List.Account+"/"+l.Name, l.Account), "it can be read", l.Plan.Kept, len(l.Plan.Changes))
	}
	for _, g := range status.ByCause(r.Conditions) {
		h := frail
		if g.Code.Failure() {
			h = ill
		}
		c.tell(h, about(a, &g), g.Why(), g.Hint.String())
	}
	return slices.DeleteFunc(c.found, func(f finding) bool { return f.Health == well && c.failing(f.Checked) })
}

// kept tells of a zone or a list that could be read.
func (c *checkup) kept(checked, read string, right, changes int) {
	c.well(checked, fmt.Sprintf("%s; %d right, %s needed", read, right, count(changes, "change")))
}

// failing reports whether a condition says that this is not well.
func (c *checkup) failing(subject string) bool {
	return slices.ContainsFunc(c.round.Conditions, func(o status.Condition) bool { return o.Code.Failure() && o.Subject == subject })
}

// about is what conditions are about: the credential where that was refused before
// any zone could be seen.
func about(a *app.App, g *status.Group) string {
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
	return text.List(names, 0)
}

// settings tells what may not be meant, and is as strict as homing config check.
func (c *checkup) settings() {
	doubts := c.Config.Doubts
	for _, d := range doubts {
		c.tell(ill, "settings", d.Name+": "+d.Reason, d.Hint)
	}
	if len(doubts) == 0 {
		c.well("settings", "valid")
	}
	for _, n := range c.Notices() {
		if !slices.ContainsFunc(doubts, func(d config.Doubt) bool { return d.Notice == n }) {
			c.tell(frail, "settings", n, "")
		}
	}
}

// ofAccount names something as the conditions of a round do, so that what is
// well and what is not can be told to be the same.
func ofAccount(what, account string) string {
	if account == "" {
		return what
	}
	return what + " of " + account
}
