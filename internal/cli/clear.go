package cli

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/status"
)

// stopTime is how long the end of the daemon may take: Docker kills after 10 s.
const stopTime = 8 * time.Second

// cleanUpTries is how often cleaning up is tried within that time.
const cleanUpTries = 3

func clearCommand(env Env) *cobra.Command {
	var dry, asJSON bool
	c := &cobra.Command{
		Use:   "clear",
		Short: "Delete the managed records and list items, of the families in use",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := build(c.Context(), env, config.ForRecords)
			if err != nil {
				return err
			}
			defer a.CloseIdle()
			eng := a.remembering(env).Engine(app.QuietLog(), nil)
			clear := eng.Clear
			if dry {
				clear = eng.PlanClear
			}
			r := clear(c.Context())
			return printRound(env, asJSON, r, func(w io.Writer, p paint) error { return writeRound(w, p, r, 0, cleared(r)) })
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "show what would be deleted, and delete nothing")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// cleared is the round in one sentence.
func cleared(r status.Round) string {
	switch {
	case r.Dry && r.Pending() > 0:
		return count(r.Pending(), "deletion") + " would be made. \"homing clear\" makes them."
	case r.Dry, r.Pending() == 0 && r.Outcome() != status.Failed:
		return "There is nothing of homing's to delete."
	}
	return made(r) + "."
}

// cleanUp deletes what is ours when the daemon stops, because DELETE_ON_STOP
// says so, until deadline; a schedule that has ended has none yet. What is left
// is in the log. It tells what was deleted, a line each, or what was not.
func (a *session) cleanUp(log *slog.Logger, eng *engine.Engine, deadline time.Time) (lines []string, failed bool) {
	log.Info("deleting what is homing's, because DELETE_ON_STOP is set")
	if deadline.IsZero() {
		deadline = time.Now().Add(stopTime)
	}
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	for range cleanUpTries {
		r := eng.Clear(ctx)
		lines, failed = append(lines, deleted(r)...), r.Outcome() == status.Failed
		if !failed || !passing(r) {
			break
		}
		select {
		case <-ctx.Done():
			return left(r), true
		case <-time.After(time.Second):
		}
	}
	return lines, failed
}

// passing reports whether something that went wrong may pass by itself.
func passing(r status.Round) bool {
	return slices.ContainsFunc(r.Conditions, func(c status.Condition) bool { return c.Code.Failure() && !c.Refused })
}

// deleted is what a cleanup removed, a line each.
func deleted(r status.Round) (lines []string) {
	for _, z := range r.Zones {
		for _, d := range z.Done {
			if d.Err == nil {
				lines = append(lines, "deleted "+d.Key().String()+" "+d.Step())
			}
		}
	}
	for _, l := range r.Lists {
		for _, d := range l.Done {
			if d.Err == nil {
				lines = append(lines, "deleted "+d.Step()+" from the list "+l.Name)
			}
		}
	}
	return lines
}

// left is why a cleanup did not remove all, a line each.
func left(r status.Round) (lines []string) {
	for _, g := range status.ByCause(r.Conditions) {
		if g.Code.Failure() {
			lines = append(lines, g.Describe())
		}
	}
	return lines
}
