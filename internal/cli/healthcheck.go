package cli

import (
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func healthcheckCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "healthcheck",
		Short: "Exit 0 when the running daemon makes its rounds in time, else 1",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			daemon, err := callForHealth(c.Context(), env)
			if err == nil {
				_, err = daemon.ask(c.Context(), http.MethodGet, "/healthz", 5*time.Second)
			}
			if err == nil {
				return nil
			}
			_ = failed(env, err)
			return exitCode(exitFailed) // 2 means nothing to whoever asks
		},
	}
}
