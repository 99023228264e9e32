package year

import (
	"net/netip"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// The rule of damping, as docs/addresses.md has it.
const (
	dampedWindow = 10 * time.Minute // the third change within it has to hold
	dampedHold   = 30 * time.Second // so long, at least
)

// damped is what was published of a line that flaps while nothing else is wrong.
type damped struct {
	line    *place // nil: none does, or something else is wrong as well
	says    netip.Addr
	changed [2]time.Time // when the rounds began that published the latest two changes
}

// held holds a write against the damping of its line: the third change within ten
// minutes comes no sooner than 30 s after the second. w.mu is held.
func (w *world) held(rec *plan.Record, r dns.Record) {
	d := &w.damped
	if d.line == nil || r.Type != dns.A || r.Addr == d.says {
		return
	}
	if needs := rec.Needs(r.Type); len(needs) != 1 || needs[0] != d.line.of {
		return
	}
	now := time.Now()
	third := !d.changed[0].IsZero() && now.Sub(d.changed[0]) <= dampedWindow
	if third && now.Sub(d.changed[1]) < dampedHold {
		w.fail("published is %s, %v after another change, though the line flaps", show(r), now.Sub(d.changed[1]))
	}
	d.says, d.changed = r.Addr, [2]time.Time{d.changed[1], w.round.began}
}
