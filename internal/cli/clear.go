package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/status"
)

func clearCommand(env *Env) *cobra.Command {
	var dry, asJSON, sure bool
	c := &cobra.Command{
		Use:   "clear",
		Short: "Delete the managed records and list items (of the address families in use)",
		Long: `Delete the managed records and list items (of the address families in use).

In a terminal it shows what would be deleted and asks first; --yes answers that.
It warns if a daemon is running with these settings, which would create them again.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := env.settings.Build(c.Context(), config.ForRecords)
			if err != nil {
				return err
			}
			defer a.CloseIdle()
			show := func(r *status.Round) error {
				return printRound(env, asJSON, r, func(w io.Writer, p paint) error { return writeRound(w, p, r, 0, cleared(r)) })
			}
			planned := func() *status.Round {
				r := a.Remembering().Engine(app.QuietLog(), nil).PlanClear(c.Context())
				return &r
			}
			if dry {
				return show(planned())
			}
			if env.daemonRuns(c.Context()) {
				fmt.Fprintln(env.Stderr, "! a daemon is running with these settings and will create them again in its next round; stop it first")
			}
			if !sure && isPerson(env.Stdin) && isPerson(env.Stdout) {
				if r := planned(); r.Pending() > 0 && !env.mayDelete(r) {
					fmt.Fprintln(env.Stderr, "Nothing was deleted.")
					return exitCode(exitFailed)
				}
			}
			r := a.Remembering().Engine(app.QuietLog(), nil).Clear(c.Context())
			return show(&r)
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "show what would be deleted without deleting it")
	c.Flags().BoolVar(&sure, "yes", false, "delete without asking")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// mayDelete shows what would be deleted, beside the output proper, and asks.
func (env *Env) mayDelete(r *status.Round) bool {
	if err := writeRound(env.Stderr, painter(env, env.Stderr), r, 0, count(r.Pending(), "deletion")+" would be made."); err != nil {
		return false
	}
	return agreed(env.Stdin, env.Stderr, "Delete that?")
}

// daemonRuns reports whether a daemon answers where these settings have theirs.
func (env *Env) daemonRuns(ctx context.Context) bool {
	daemon, err := callForHealth(ctx, env)
	if err != nil {
		return false
	}
	_, err = daemon.ask(ctx, http.MethodGet, "/healthz", 2*time.Second)
	no, refused := errors.AsType[*refusedBy](err)
	return err == nil || refused && no.status == http.StatusServiceUnavailable && no.detail != ""
}

// cleared is the round in one sentence.
func cleared(r *status.Round) string {
	switch {
	case r.Dry && r.Pending() > 0:
		return count(r.Pending(), "deletion") + " would be made. \"homing clear\" makes them."
	case r.Dry, r.Pending() == 0 && r.Outcome() != status.Failed:
		return "There is nothing of homing's to delete."
	}
	return made(r) + "."
}
