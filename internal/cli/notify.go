package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/daemon"
	"github.com/homing-dns/homing/internal/notify"
	"github.com/homing-dns/homing/internal/text"
)

func notifyCommand(env *Env) *cobra.Command {
	c := &cobra.Command{Use: "notify", Short: "Send a test message to the notification services", Args: subcommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(&cobra.Command{
		Use:   "test",
		Short: "Send each service a message and show the result; exits with 0 if all accepted it, else 1",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return notifyTest(c.Context(), env) },
	})
	return c
}

// notifyTest asks every sink at the same time, as a daemon would.
func notifyTest(ctx context.Context, env *Env) error {
	a, err := env.settings.Build(ctx, config.ForDetection)
	if err != nil {
		return err
	}
	defer a.CloseIdle()
	log := env.settings.NewLog(a.Config)
	a.Notice(log)
	sinks, lost := a.Sinks(log, true)
	d := notify.NewDispatcher(sinks, nil)
	d.Send(notify.TestEvent(time.Now(), "homing "+version()))
	ctx, cancel := context.WithTimeout(ctx, daemon.FlushTimeout)
	defer cancel()
	d.Close(ctx)
	p, bad := painter(env, env.Stdout), lost > 0 || len(sinks) == 0
	for _, h := range d.Health() {
		switch {
		case h.Failing():
			bad = true
			fmt.Fprintf(env.Stdout, "%s %s\n", p.red("✗"), plain(h.Describe()))
		case h.Sent > 0:
			fmt.Fprintf(env.Stdout, "%s %s: delivered\n", p.green("✓"), plain(h.Sink))
		default:
			fmt.Fprintf(env.Stdout, "! %s: not tested, because it only receives real events\n", plain(h.Sink))
		}
	}
	if len(sinks)+lost == 0 {
		const nobody text.Hint = "No notification service is set up ({notify.shoutrrr}, {notify.webhook}, {notify.healthchecks})."
		fmt.Fprintln(env.Stdout, nobody.In(a.Words()))
	}
	if bad {
		return exitCode(exitFailed)
	}
	return nil
}
