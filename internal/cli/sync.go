package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/status"
)

func syncCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "sync",
		Short: "Have the running daemon sync now, and wait for the result",
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
			var r daemonRound
			if err := json.Unmarshal(body, &r); err != nil {
				return failed(env, fmt.Errorf("read the daemon's answer: %w", err))
			}
			if _, err := io.WriteString(env.Stdout, r.words(painter(env, env.Stdout))); err != nil {
				return err
			}
			if r.Outcome == status.Failed.String() {
				return exitCode(exitFailed)
			}
			return nil
		},
	}
}

// daemonRound is what of a round a person sees who asked for it.
type daemonRound struct {
	Outcome    string             `json:"outcome"`
	Calls      int                `json:"calls"`
	Conditions []status.Condition `json:"conditions"`
}

// words is how the round went, and what is not as it should be.
func (r daemonRound) words(p paint) string {
	var b strings.Builder
	writeCauses(&b, p, r.Conditions)
	fmt.Fprintf(&b, "%s; %s.\n", r.summary(), count(r.Calls, "API call"))
	return b.String()
}

func (r daemonRound) summary() string {
	switch r.Outcome {
	case status.Failed.String():
		failures := 0
		for i := range r.Conditions {
			if r.Conditions[i].Code.Failure() {
				failures++
			}
		}
		return "Sync failed: " + count(failures, "problem") + " (above)"
	case status.Changed.String():
		return "Synced: changes made"
	case status.Unchanged.String():
		return "Synced: everything was up to date"
	}
	return "Sync ended: " + plain(r.Outcome)
}
