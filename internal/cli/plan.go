package cli

import (
	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/status"
)

func planCommand(env Env) *cobra.Command {
	var asJSON, pending bool
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what would change and why, and change nothing",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := build(c.Context(), env, forRecords)
			if err != nil {
				return err
			}
			defer a.closeIdle()
			r := a.engine(quietLog(), nil).Plan(c.Context())
			if asJSON {
				err = roundJSON(env.Stdout, r)
			} else {
				err = roundWords(env.Stdout, painter(env, env.Stdout), r)
			}
			switch {
			case err != nil:
				return err
			case r.Outcome() == status.Failed:
				return exitCode(exitFailed)
			case pending && r.Pending() > 0:
				return exitCode(exitPending)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&pending, "exit-code", false, "exit with 3 when something would change")
	return c
}
