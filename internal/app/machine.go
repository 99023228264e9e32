package app

import (
	"context"
	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/httpx"
)

// Machine is a simulated machine with lines of its own: it takes the place of what
// the system tells. The line without a name is the one it has by itself.
type Machine struct {
	Over    func(line string) httpx.Dial           // how those are reached who are asked for an address
	Down    func(line string, of addr.Family) bool // it has no link
	Gateway netip.Addr                             // of its network, which tells its events
}

// line is what the machine tells of one of its lines.
func (m *Machine) line(name string) engine.Line {
	return engine.Line{Named: name != "", Down: func(_ context.Context, f addr.Family) bool { return m.Down(name, f) }}
}

// asked is w where those who are asked for an address are reached in this way.
func (w *World) asked(by httpx.Dial) *World {
	asked := *w
	asked.ask = by
	return &asked
}
