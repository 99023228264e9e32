package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/daemon"
)

func runCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Keep the records true (what homing does without a command)",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			err := daemon.Run(c.Context(), env.settings)
			if errors.Is(err, daemon.ErrFailed) { // it was logged
				return exitCode(exitFailed)
			}
			return err
		},
	}
}
