package daemon

import (
	"context"
	"log/slog"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/status"
)

// Once makes one round of a, which is remembered and told as a daemon's are.
func Once(ctx context.Context, s *app.Settings, a *app.App, log *slog.Logger) status.Round {
	w := newWitness(s)
	w.attend(a, log, true)
	eng := a.Engine(log, nil)
	r := eng.Once(ctx)
	w.round(r, eng)
	w.leave(ctx, Patience)
	return r
}
