package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/homing-dns/homing/internal/daemon"
)

// How the command ends: Main then has the daemon run, or first be set up.
var (
	errKeepRunning = errors.New("the daemon is to run")
	errSetUp       = errors.New("the daemon is to be set up, and to run")
)

func runCommand(env Env) *cobra.Command {
	run := &cobra.Command{
		Use:   "run",
		Short: "Keep the records true (what homing does without a command)",
		Long: `Keep the records true (what homing does without a command).

Started without any setting, in its image or in a terminal, homing serves a page on
which it is set up in a browser, with a one-time code that its log shows. It does not
do so as a service of systemd, in Kubernetes, where nothing can be written, or with
--no-setup: then it says what is missing and ends with 2.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if env.isFirstStart(c) {
				return errSetUp
			}
			return errKeepRunning
		},
	}
	withSetup(run)
	return run
}

// withSetup adds the flag of what becomes of a first start.
func withSetup(c *cobra.Command) {
	c.Flags().Bool(noSetup, false, "end with 2 instead of serving the set-up page where nothing is set")
}

const noSetup = "no-setup"

// isFirstStart reports whether homing is started without any setting, where it can
// be set up in a browser.
func (env Env) isFirstStart(c *cobra.Command) bool {
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
	return env.settings.FirstStart(in, isPerson(env.Stderr), unwanted, others).Applies()
}

// setUp has a person set homing up in a browser, and then runs the daemon.
func setUp(ctx context.Context, env Env) error {
	heir, err := daemon.SetUp(ctx, env.settings)
	switch {
	case ctx.Err() != nil && err != nil: // it was told to end
		return nil
	case err != nil:
		return err
	}
	return keepRunning(ctx, env, heir)
}

func keepRunning(ctx context.Context, env Env, heir *daemon.Heir) error {
	err := daemon.Run(ctx, env.settings, heir)
	if errors.Is(err, daemon.ErrFailed) { // it was logged
		return exitCode(exitFailed)
	}
	return err
}
