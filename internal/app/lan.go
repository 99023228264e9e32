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
	m := making{World: a.world, wanted: detect.Wanted{Family: addr.IPv6}, allow: a.Config.Allow}
	add := func(of plan.Origin, s detect.Source) {
		a.Panels[of] = detect.New(detect.Config{Family: addr.IPv6, Sources: []detect.Source{s}, Rule: addr.First(), Timeout: a.Config.DetectionTimeout})
	}
	for _, account := range a.Config.Accounts {
		for _, r := range account.Spec.Records {
			switch {
			case r.Prefix == plan.FromRouter:
				add(plan.PrefixOf(r.Prefix), detect.RouterPrefix(m.router()))
			case r.Prefix != "":
				s, err := detect.InterfacePrefix(strings.TrimPrefix(r.Prefix, plan.FromInterface), m.allow)
				if err != nil {
					return fmt.Errorf("read the prefix of %s: %w", r.Name, err)
				}
				add(plan.PrefixOf(r.Prefix), s)
			}
			for _, h := range r.Hosts {
				if mac, ok := h.Neighbour(); ok {
					add(plan.NeighbourOf(h), a.world.beside.Source(mac, m.allow))
				}
			}
		}
	}
	return nil
}
