package app

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
)

// worldOf is the world as it is seen over the line of a site: questions and the
// lookups of their names leave by it. Accounts are reached as the whole of homing is.
func (a *App) worldOf(site string) (*World, error) {
	line := a.Config.Site(site).Bind
	if site == "" || line == a.Config.Bind {
		return a.world, nil
	}
	if w, made := a.sites[site]; made {
		return w, nil
	}
	bind, err := httpx.ParseBind(line)
	if err != nil {
		return nil, fmt.Errorf("bind to %s: %w", line, err)
	}
	if a.sites == nil {
		a.sites = make(map[string]*World)
	}
	if m := a.world.Machine; m != nil {
		a.sites[site] = a.world.asked(m.Over(line))
	} else {
		a.sites[site] = a.world.over(bind)
	}
	return a.sites[site], nil
}

// elsewhere reports whether all that there is says the addresses of sites with names,
// so that nobody wants to know those of this machine itself.
func (a *App) elsewhere() bool {
	for _, f := range addr.Families() {
		if a.Config.Uses(plan.Here(f)) {
			return false
		}
	}
	for name, s := range a.Config.Sites {
		for f := range s.Detect {
			if a.Config.Uses(plan.Origin{Site: name, Family: f}) {
				return true
			}
		}
	}
	return false
}

// sitesOf is how the sites with names are looked at.
func (a *App) sitesOf() map[string]engine.Site {
	var sites map[string]engine.Site
	for name, s := range a.Config.Sites {
		if sites == nil {
			sites = make(map[string]engine.Site)
		}
		sites[name] = engine.Site{Confirm: s.Confirm, Line: a.Line(name)}
	}
	for _, o := range a.Config.LAN() {
		if sites == nil {
			sites = make(map[string]engine.Site)
		}
		sites[o.Site] = engine.Site{Confirm: a.Config.Confirm}
	}
	return sites
}

// Line is what this machine tells of the way to the network of a site; of one that
// has no line of its own here, nothing.
func (a *App) Line(site string) engine.Line {
	w, err := a.worldOf(site)
	s := a.Config.Site(site)
	if err != nil || site != "" && s.Bind == a.Config.Bind {
		return engine.Line{}
	}
	if w.Machine != nil {
		return w.Machine.line(s.Bind)
	}
	l := engine.Line{Own: detect.OwnOf, Named: s.Bind != "", Uplink: func(ctx context.Context, f addr.Family) (netip.Addr, error) { return detect.Uplink(ctx, f, w.asking()) }}
	l.Down = func(ctx context.Context, f addr.Family) bool { return detect.IsLineDown(ctx, f, w.asking(), s.Bind) }
	if site == "" {
		l.Here = a.here
	}
	return l
}
