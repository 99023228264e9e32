package engine

import (
	"sync/atomic"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// Memory is what homing knows of its own writing, from round to round and from
// one Engine to the next. It says which of several records is changed, never
// whether. Its zero value knows nothing. One Engine at a time may make changes
// with it; others may plan.
type Memory struct{ known atomic.Pointer[plan.Memory] }

// current returns what is known.
func (m *Memory) current() plan.Memory {
	if known := m.known.Load(); known != nil {
		return *known
	}
	return plan.Memory{}
}

// Recall adds what is known from elsewhere, as from the history, of what m knows
// nothing about. It is for times when no round runs.
func (m *Memory) Recall(past plan.Memory) {
	all := m.current().Recall(past)
	m.known.Store(&all)
}

// learn takes in what a round published or saw right, and what it wrote where
// leftovers are kept.
func (m *Memory) learn(looks lookSet, r status.Round, kept map[dns.Key]bool, shares bool) {
	now := m.current()
	for o, s := range looks {
		if !s.publishable {
			continue
		}
		now = now.Published(o, s.seen, r.Started)
		if shares {
			now = now.Observed(o, s.seen)
		}
	}
	var written []plan.Change
	for _, z := range r.Zones {
		for _, d := range z.Done {
			if d.Err == nil && kept[d.Key()] {
				written = append(written, d.Change)
			}
		}
	}
	now = now.Written(written...)
	m.known.Store(&now)
}
