package cli

import (
	"context"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/status"
)

// listening says where changes of the address are not heard of. The daemon says
// nothing of it: it looks as often as its schedule has it.
func (c *checkup) listening(ctx context.Context) {
	const off = "it looks as often as {schedule.every} says; where that is well, {detect.listen=off}"
	for _, w := range c.Watchers() {
		err := w.Check(ctx)
		switch up, _ := c.Uplink(ctx, addr.IPv4); {
		case err != nil && w.By == status.ByRouter:
			c.frail("listening", "the router is not heard: "+err.Error(), off)
		case err != nil:
			c.frail("listening", "changes of this machine's addresses are not heard: "+err.Error(), off)
		case inContainer() && up.IsValid() && detect.OwnOf(up).Pair:
			c.frail("listening", "homing runs in a container on a bridge network, and there it hears of that alone: not of the line, nor of the router",
				"use the host's network (network_mode: host), or set {detect.listen=off}")
			return
		}
	}
}
