package app

import (
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/status"
)

// Watcher is one who rings when an address may be another one.
type Watcher struct {
	detect.Watcher
	By string // who rings, as status.Bell has it
}

// Watchers are those that the settings want listened to.
func (a *App) Watchers() []Watcher {
	if a.Config.Events == config.Off {
		return nil
	}
	return []Watcher{{detect.System{Uplink: a.Uplink, Line: a.Config.Bind}, status.BySystem}}
}
