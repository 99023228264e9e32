package app

import (
	"slices"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// Watcher is one who rings when an address may be another one.
type Watcher struct {
	detect.Watcher
	By string // who rings, as status.Bell has it
}

// Watchers are those that the settings want listened to. The router is when it
// is a source too: it is asked anyway.
func (a *App) Watchers() (all []Watcher) {
	if a.Config.Events == config.Off {
		return nil
	}
	all = append(all, Watcher{detect.System{Uplink: a.Uplink, Line: a.Config.Bind}, status.BySystem})
	if a.Config.Events == config.EventsRouter || a.asksRouter() || a.Panels[plan.PrefixOf(plan.FromRouter)] != nil {
		all = append(all, Watcher{making{World: a.world}.router(), status.ByRouter})
	}
	return all
}

func (a *App) asksRouter() bool {
	for o := range a.Panels {
		if slices.ContainsFunc(a.Config.Site(o.Site).Detect[o.Family].Sources, func(s config.Source) bool { return s.Word == detect.RouterWord }) {
			return true
		}
	}
	return false
}
