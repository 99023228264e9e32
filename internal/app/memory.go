package app

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/provider"
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
		keys = append(keys, account.Spec.KeysKeepingOthers()...)
	}
	past, err := h.Memory(keys)
	if err != nil {
		log.Debug("the history does not tell what homing wrote", "error", err)
	}
	m.Recall(past)
}

// Remind tells the accounts what the history says their hosts confirmed lately. A name
// that stands at several is left out: the history does not say at which it was.
func (a *App) Remind(h *status.History, log *slog.Logger) {
	if h == nil {
		return
	}
	of := make(map[dns.Key][]engine.Account)
	recalls := false
	for _, account := range a.Accounts {
		_, able := account.Provider.(provider.Recaller)
		recalls = recalls || able
		for _, r := range account.Spec.Records {
			for _, t := range r.Types {
				k := dns.Key{Name: r.Name, Type: t}
				of[k] = append(of[k], account)
			}
		}
	}
	if !recalls {
		return
	}
	confirmed, err := h.Confirmed(time.Now(), slices.Collect(maps.Keys(of)))
	if err != nil {
		log.Debug("the history does not tell what was confirmed lately", "error", err)
	}
	for k, c := range confirmed {
		if r, ok := of[k][0].Provider.(provider.Recaller); ok && len(of[k]) == 1 {
			r.Recall(c.Change, c.At)
		}
	}
}

// Remembering is a with what the history says, for commands that keep none.
func (a *App) Remembering() *App {
	folder := a.Folder
	if err := status.Foreign(folder, true); err != nil {
		a.world.log.Warn(err.Error())
		folder = ""
	}
	history := status.ReadHistory(folder)
	a.Recall(new(engine.Memory), history, QuietLog())
	a.Remind(history, QuietLog())
	return a
}
