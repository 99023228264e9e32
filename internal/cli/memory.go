package cli

import (
	"log/slog"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/status"
)

// recall has the memory of an app begin with what the history says homing wrote.
// Where it cannot be read nothing is known, and nothing is decided by it.
func recall(m *engine.Memory, a *app, h *status.History, log *slog.Logger) {
	if h == nil {
		return
	}
	var keys []dns.Key
	for _, account := range a.accounts {
		keys = append(keys, account.Spec.Keeps()...)
	}
	past, err := h.Memory(keys)
	if err != nil {
		log.Debug("the history does not tell what homing wrote", "error", err)
	}
	m.Recall(past)
}

// remembering is a with what the history says, for commands that keep none.
func (a *app) remembering(env Env) *app {
	a.memory = new(engine.Memory)
	recall(a.memory, a, status.ReadHistory(stateFolder(env, a.cfg)), quietLog())
	return a
}
