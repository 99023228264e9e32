package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/daemon"
)

// errKeepRunning is how the command ends: Main then has the daemon run.
var errKeepRunning = errors.New("the daemon is to run")

func runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Keep the records true (what homing does without a command)",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return errKeepRunning },
	}
}

func keepRunning(ctx context.Context, env Env) error {
	err := daemon.Run(ctx, env.settings)
	if errors.Is(err, daemon.ErrFailed) { // it was logged
		return exitCode(exitFailed)
	}
	return err
}
