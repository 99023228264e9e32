package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

func syncCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "sync",
		Short: "Have the running daemon make a round now, and wait for it",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			daemon, err := call(c.Context(), env)
			if err != nil {
				return failed(env, err)
			}
			body, err := daemon.ask(c.Context(), http.MethodPost, "/api/v1/sync?wait=true", 3*time.Minute)
			if err != nil {
				return failed(env, err)
			}
			var r struct {
				Outcome string `json:"outcome"`
				Calls   int    `json:"calls"`
			}
			if err := json.Unmarshal(body, &r); err != nil {
				return failed(env, fmt.Errorf("read the daemon's answer: %w", err))
			}
			fmt.Fprintf(env.Stdout, "The round is done: %s, %s.\n", plain(r.Outcome), count(r.Calls, "API call"))
			if r.Outcome == "failed" {
				return exitCode(exitFailed)
			}
			return nil
		},
	}
}
