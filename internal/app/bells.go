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
	if a.world.Machine == nil {
		all = append(all, Watcher{detect.System{Uplink: a.Uplink, Line: a.Config.Bind, NoticeLoss: a.inTurn("")}, status.BySystem})
	}
	all = append(all, a.lineWatchers()...)
	if a.Config.Events == config.EventsRouter || a.asksRouter() || a.Panels[plan.PrefixOf(plan.FromRouter)] != nil {
		m := making{World: a.world}
		all = append(all, Watcher{m.router(), status.ByRouter})
	}
	return all
}

// lineWatchers hear of what happens to the lines of sites, which the way that this
// machine takes by itself tells nothing of.
func (a *App) lineWatchers() (all []Watcher) {
	known := map[string]bool{a.Config.Bind: true}
	for _, site := range a.Config.SiteNames() {
		line := a.Config.Site(site).Bind
		if known[line] || a.Line(site).Uplink == nil {
			continue
		}
		known[line] = true
		all = append(all, Watcher{detect.System{Uplink: a.Line(site).Uplink, Line: line, NoticeLoss: a.inTurn(site)}, status.BySystem})
	}
	return all
}

// inTurn reports whether another site takes the place of this one where it has no
// address.
func (a *App) inTurn(site string) bool {
	for _, account := range a.Accounts {
		for _, o := range account.Spec.FailoverOrigins() {
			if slices.ContainsFunc(o.Among(), func(m plan.Origin) bool { return m.Site == site }) {
				return true
			}
		}
	}
	return false
}

func (a *App) asksRouter() bool {
	for o := range a.Panels {
		if slices.ContainsFunc(a.Config.Site(o.Site).Detect[o.Family].Sources, func(s config.Source) bool { return s.Word == detect.RouterWord }) {
			return true
		}
	}
	return false
}
