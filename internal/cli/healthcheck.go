package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

func healthcheckCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "healthcheck",
		Short: "Exit with 0 if the running daemon completes its rounds on time, else 1",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			daemon, err := callForHealth(c.Context(), env)
			if err == nil {
				err = daemon.health(c.Context())
			}
			if err == nil {
				return nil
			}
			_ = failed(env, err)
			return exitCode(exitFailed) // 2 means nothing to whoever asks
		},
	}
}

// health asks how the daemon is. A connection that is cut off without an answer
// says nothing of it: others hold all it takes. So it is asked again for a while.
func (c *caller) health(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for {
		_, err := c.ask(ctx, http.MethodGet, "/healthz", 5*time.Second)
		if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}
