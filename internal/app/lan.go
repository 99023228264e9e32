package app

import (
	"fmt"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/plan"
)

// addLAN makes the panels of what records need of the network: each has one
// source.
func (a *App) addLAN() error {
	for of, s := range a.lanSources() {
		if s.err != nil {
			return fmt.Errorf("%s: %w", of, s.err)
		}
		a.Panels[of] = detect.NewPanel(detect.PanelConfig{Family: addr.IPv6, Sources: []detect.Source{s.Source},
			Rule: addr.First(), Timeout: a.Config.DetectionTimeout})
	}
	return nil
}

type lanSource struct {
	detect.Source
	err error
}

func (a *App) lanSources() map[plan.Origin]lanSource {
	made := make(map[plan.Origin]lanSource)
	m := making{World: a.world, wanted: detect.Wanted{Family: addr.IPv6}, allow: a.Config.Allow}
	for _, account := range a.Config.Accounts {
		for _, r := range account.Spec.Records {
			if r.Prefix == plan.FromRouter {
				made[plan.PrefixOf(r.Prefix)] = lanSource{Source: detect.RouterPrefix(m.router())}
			} else if r.Prefix != "" {
				s, err := detect.InterfacePrefix(strings.TrimPrefix(r.Prefix, plan.FromInterface), m.allow)
				made[plan.PrefixOf(r.Prefix)] = lanSource{s, err}
			}
			for _, h := range r.Hosts {
				if mac, ok := h.Neighbour(); ok {
					made[plan.NeighbourOf(h)] = lanSource{Source: a.world.beside.Source(mac, m.allow)}
				}
			}
		}
	}
	return made
}
