package app

import (
	"log/slog"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/status"
)

// Recall has the memory of a begin with what the history says homing wrote.
// Where it cannot be read nothing is known, and nothing is decided by it.
func (a *App) Recall(m *engine.Memory, h *status.History, log *slog.Logger) {
	a.Memory = m
	if h == nil {
		return
	}
	var keys []dns.Key
	for _, account := range a.Accounts {
		keys = append(keys, account.Spec.Keeps()...)
	}
	past, err := h.Memory(keys)
	if err != nil {
		log.Debug("the history does not tell what homing wrote", "error", err)
	}
	m.Recall(past)
}

// Remembering is a with what the history says, for commands that keep none.
func (a *App) Remembering() *App {
	folder := a.Folder
	if err := status.Foreign(folder, true); err != nil {
		a.world.log.Warn(err.Error())
		folder = ""
	}
	a.Recall(new(engine.Memory), status.ReadHistory(folder), QuietLog())
	return a
}
