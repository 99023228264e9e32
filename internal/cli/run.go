package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/daemon"
)

// toRun is how the command ends: Main then has the daemon run, or first be set up.
type toRun struct{ first app.FirstStart }

func (toRun) Error() string { return "the daemon is to run" }

func runCommand(env *Env) *cobra.Command {
	run := &cobra.Command{
		Use:   "run",
		Short: "Keep the records up to date (the default command)",
		Long: `Keep the records up to date (the default command).

Started without any settings, in its image or in a terminal, homing serves a page
to set it up in a browser; the log shows the one-time code for it. As a systemd
service, in Kubernetes, where nothing can be written, or with --no-setup it says
what is missing and exits with 2 instead.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return toRun{env.firstStart(c)}
		},
	}
	withSetup(run)
	return run
}

// withSetup adds the flag of what becomes of a first start.
func withSetup(c *cobra.Command) {
	c.Flags().Bool(noSetup, false, "exit with 2 instead of serving the set-up page when nothing is set")
}

const noSetup = "no-setup"

// firstStart reports whether homing is started without any setting, where it can be
// set up in a browser.
func (env *Env) firstStart(c *cobra.Command) app.FirstStart {
	unwanted, others := false, false
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Name == noSetup {
			unwanted = f.Value.String() == "true"
		} else {
			others = true
		}
	})
	in := env.foreign(grammarOf(c.Root()))
	in.Args = env.Args
	return env.settings.FirstStart(in, isPerson(env.Stderr), unwanted, others)
}

// adviseStart tells somebody who has set no name at all how homing is set up, and
// why it serves no page for that.
func (env *Env) adviseStart(err error, first app.FirstStart) {
	problems, _ := errors.AsType[config.Problems](err)
	if !slices.ContainsFunc(problems, func(p *config.Problem) bool { return p.Path() == "records" && p.Value == "" }) {
		return
	}
	if why := first.Why(); why != "" {
		fmt.Fprintf(env.Stderr, "\n%s\n", wrapped(plain(why), 0, 0))
	}
	if env.settings.Reading == nil && config.FromFile(env.settings.Input()).Files == nil { // else there is a file to mend
		fmt.Fprintln(env.Stderr, "\n\"homing init\" asks for what is missing, checks each answer and writes a homing.yaml.")
	}
}

// setUp has a person set homing up in a browser, and then runs the daemon.
func setUp(ctx context.Context, env *Env) error {
	heir, err := daemon.ServeSetup(ctx, env.settings)
	switch {
	case ctx.Err() != nil && err != nil: // it was told to end
		return nil
	case err != nil:
		return err
	}
	return keepRunning(ctx, env, heir)
}

func keepRunning(ctx context.Context, env *Env, heir *daemon.Listener) error {
	err := daemon.Run(ctx, env.settings, heir)
	if errors.Is(err, daemon.ErrFailed) { // it was logged
		return exitCode(exitFailed)
	}
	return err
}
