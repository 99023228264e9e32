package cli

import (
	"context"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// examineListening says where changes of the address are not heard of. The daemon
// says nothing of it: it looks as often as its schedule has it.
func examineListening(ctx context.Context, a *app.App) (found []finding) {
	off := text.Hint("it looks as often as {schedule.every} says; where that is well, {detect.listen=off}").In(a.Words())
	for _, w := range a.Watchers() {
		err := w.Check(ctx)
		switch up, _ := a.Uplink(ctx, addr.IPv4); {
		case err != nil && w.By == status.ByRouter:
			found = append(found, finding{frail, "listening", "the router is not heard: " + err.Error(), off})
		case err != nil:
			found = append(found, finding{frail, "listening", "changes of this machine's addresses are not heard: " + err.Error(), off})
		case inContainer() && up.IsValid() && detect.OwnOf(up).Pair:
			found = append(found, finding{frail, "listening", "homing runs in a container on a bridge network, and there it hears of that alone: not of the line, nor of the router",
				text.Hint("use the host's network (network_mode: host), or set {detect.listen=off}").In(a.Words())})
			return found
		}
	}
	return found
}
