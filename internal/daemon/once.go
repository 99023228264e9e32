package daemon

import (
	"context"
	"log/slog"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/status"
)

// Once makes one round of a, which is remembered and told as a daemon's are.
func Once(ctx context.Context, s *app.Settings, a *app.App, log *slog.Logger) status.Round {
	w := newObservers(s)
	w.watch(a, log, true)
	eng := a.Engine(log, nil)
	r := eng.Once(ctx)
	w.roundDone(r, eng)
	w.flush(ctx, FlushTimeout)
	return r
}
