package cli

import (
	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/daemon"
	"github.com/homing-dns/homing/internal/status"
)

func onceCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "once",
		Short: "Run one round and exit: 0 everything is up to date, 1 something failed or is unknown",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			a, err := env.settings.Build(c.Context(), config.ForRecords)
			if err != nil {
				return err
			}
			defer a.CloseIdle()
			log := env.settings.NewLog(a.Config)
			a.Notice(log)
			if r := daemon.Once(c.Context(), env.settings, a, log); r.Outcome() == status.Failed {
				return exitCode(exitFailed)
			}
			return nil
		},
	}
}
