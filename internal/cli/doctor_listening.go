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
	const off = "homing still checks as often as {schedule.every} says; if that is enough, set {detect.listen=off}"
	for _, w := range c.Watchers() {
		err := w.Check(ctx)
		switch up, _ := c.Uplink(ctx, addr.IPv4); {
		case err != nil && w.By == status.ByRouter:
			c.frail("listening", "cannot listen to the router: "+err.Error(), off)
		case err != nil:
			c.frail("listening", "cannot listen for address changes on this machine: "+err.Error(), off)
		case inContainer() && up.IsValid() && detect.OwnOf(up).Pair:
			c.frail("listening", "homing runs in a container on a bridge network and hears only of changes there, not of the line or the router",
				"use the host's network (network_mode: host), or set {detect.listen=off}")
			return
		}
	}
}
