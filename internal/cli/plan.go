package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
)

func planCommand(env *Env) *cobra.Command {
	var asJSON, pending bool
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what would change and why, without changing anything",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := env.settings.Build(c.Context(), config.ForRecords)
			if err != nil {
				return err
			}
			defer a.CloseIdle()
			r := a.Remembering().Engine(app.QuietLog(), nil).Plan(c.Context())
			err = printRound(env, asJSON, &r, func(w io.Writer, p paint) error { return roundWords(w, p, &r) })
			if err == nil && pending && r.Pending() > 0 {
				err = exitCode(exitPending)
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&pending, "exit-code", false, "exit with 3 if something would change")
	return c
}
