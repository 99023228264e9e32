package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/status"
)

func clearCommand(env Env) *cobra.Command {
	var dry, asJSON bool
	c := &cobra.Command{
		Use:   "clear",
		Short: "Delete the managed records and list items, of the families in use",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := env.settings.Build(c.Context(), config.ForRecords)
			if err != nil {
				return err
			}
			defer a.CloseIdle()
			eng := a.Remembering().Engine(app.QuietLog(), nil)
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
