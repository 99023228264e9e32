package cli

import (
	"context"
	"encoding/json"
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
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

func doctorCommand(env Env) *cobra.Command {
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
	found = append(found, examineMachine(a, r)...)
	for _, f := range addr.Families() {
		found = append(found, examineFamily(ctx, a, f, r)...)
	}
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
		found = append(found, finding{Health: h, Checked: g.About(), Found: g.Why(), Cure: g.Hint.String()})
	}
	return slices.DeleteFunc(found, func(f finding) bool { // a zone or family that has a condition is not well
		return f.Health == well && slices.ContainsFunc(r.Conditions, func(c status.Condition) bool {
			return c.Code.Failure() && c.Subject == f.Checked
		})
	})
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

// inspected is what a provider tells about itself beyond its contract.
type inspected interface {
	Credential() string
	Visible(context.Context) ([]provider.Zone, error)
	ClockSkew() (time.Duration, bool)
}

func examineAccount(ctx context.Context, account engine.Account, advice app.Advice, words text.Words, r status.Round) []finding {
	p, ok := account.Provider.(inspected)
	if !ok {
		return nil
	}
	var found []finding
	visible, err := p.Visible(ctx)
	used := func(z provider.Zone) bool {
		return slices.ContainsFunc(r.Zones, func(u status.Zone) bool { return u.ID == z.ID || u.ID == account.Name+"/"+z.ID })
	}
	unread := slices.ContainsFunc(r.Conditions, func(c status.Condition) bool {
		return c.Code == status.ZonesUnread && c.Subject == ofAccount("zones", account.Name)
	})
	switch idle := slices.DeleteFunc(slices.Clone(visible), used); {
	case unread: // a condition says why, and what to do
	case err == nil && len(visible) == 0:
		found = append(found, finding{frail, p.Credential(), "it is accepted, and sees no zone at all",
			advice.NoZones.In(words)})
	case err != nil:
		found = append(found, finding{frail, p.Credential(), "it may not list zones, so only those of the names can be checked: " + err.Error(),
			advice.NotListed.In(words)})
	case len(idle) > 0:
		found = append(found,
			finding{Health: well, Checked: p.Credential(), Found: "it is accepted and sees " + count(len(visible), "zone")},
			finding{frail, p.Credential(), "it may also see " + named(idle, r) + ", which nothing here uses",
				"a token for the zones in use alone can do less harm when it is lost"})
	default:
		found = append(found, finding{Health: well, Checked: p.Credential(), Found: "it is accepted, and sees the zones in use and no other"})
	}
	if skew, known := p.ClockSkew(); known {
		found = append(found, examineClock(skew, advice.Host))
	}
	return found
}

// named names at most five zones, those of a name that is in use by their ids too.
func named(zones []provider.Zone, r status.Round) string {
	const most = 5
	var names []string
	for _, z := range zones[:min(len(zones), most)] {
		name := z.Name.Describe()
		if slices.ContainsFunc(r.Zones, func(u status.Zone) bool { return u.Name == z.Name }) {
			name = "another " + name + " with the id " + z.ID
		}
		names = append(names, name)
	}
	if more := len(zones) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return list(names)
}

func examineClock(skew time.Duration, host string) finding {
	if skew.Abs() <= skewAllowed {
		return finding{Health: well, Checked: "clock", Found: "it agrees with " + host + "'s"}
	}
	return finding{frail, "clock", fmt.Sprintf("it is %s away from %s's", skew.Abs().Round(time.Second), host),
		"set it, or let NTP do so; certificates and the times in the log depend on it"}
}

func writeFindings(w io.Writer, p paint, found []finding) error {
	var b strings.Builder
	width := 0
	for _, f := range found {
		width = max(width, utf8.RuneCountInString(f.Checked))
	}
	bad := 0
	for _, f := range found {
		mark := p.green("✓")
		switch f.Health {
		case frail:
			mark = p.yellow("!")
		case ill:
			mark = p.red("✗")
			bad++
		}
		fmt.Fprintf(&b, "%s %-*s  %s\n", mark, width, plain(f.Checked), plain(f.Found))
		if f.Cure != "" {
			fmt.Fprintf(&b, "    → %s\n", plain(f.Cure))
		}
	}
	sentence := "Nothing is wrong."
	if slices.ContainsFunc(found, func(f finding) bool { return f.Health == frail }) {
		sentence = "Nothing is broken, and some things could be better."
	}
	if bad > 0 {
		sentence = count(bad, "thing") + " to put right."
	}
	fmt.Fprintf(&b, "\n%s Nothing was changed. Whether the credential may also edit shows only when something is written.\n", sentence)
	_, err := io.WriteString(w, b.String())
	return err
}
