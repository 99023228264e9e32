package cli

import (
	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/status"
)

func onceCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "once",
		Short: "Make one round and exit: 0 all is true, 1 something failed or is not known",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := build(c.Context(), env, config.ForRecords)
			if err != nil {
				return err
			}
			defer a.CloseIdle()
			log := env.settings.NewLog(a.Config)
			a.notice(log)
			w := newWitness()
			w.attend(env, a, log, true)
			eng := a.Engine(log, nil)
			r := eng.Once(c.Context())
			w.round(r, eng)
			w.leave(c.Context(), patience)
			if r.Outcome() == status.Failed {
				return exitCode(exitFailed)
			}
			return nil
		},
	}
}
