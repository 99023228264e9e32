package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/text"
)

// NeedZones is the error of Build when nothing is wrong but the names of zones
// have to be asked for, because records are relative to them. Whoever has them
// puts them into Input.ZoneNames and builds again.
type NeedZones struct {
	Zones   []UnnamedZone // in the order of the records, none twice
	Notices []string      // those of the configuration, as far as it is read
	Words   text.Words    // of whose settings these are
}

// UnnamedZone is a zone whose id alone is known.
type UnnamedZone struct {
	ID      string
	Account Account // whose credential is good for it; its Spec is empty
}

func (n *NeedZones) Error() string {
	var ids []string
	for _, z := range n.Zones {
		ids = append(ids, z.ID)
	}
	return "the names of zones have to be asked for: " + strings.Join(ids, ", ")
}

// apex is the relative name of the zone itself.
const apex = "@"

func (p *place) setRelative(s string) error {
	p.record.below = strings.ToLower(s)
	if _, err := dns.ParseName(strings.TrimSuffix(s, ".") + ".example.org"); err != nil && s != apex {
		return hinted(err.Error(), "write a name without that of its zone, such as home, or @ for the zone itself")
	}
	return nil
}

// in is the name of a relative record in a zone. One that ends in that of the
// zone is whole already, and so is one of several labels with a dot at its end.
func (r *record) in(zone string) (dns.Name, error) {
	z, err := dns.ParseName(zone)
	if err != nil || r.below == apex {
		return z, err
	}
	bare := strings.TrimSuffix(r.below, ".")
	if whole, err := dns.ParseName(bare); err == nil && whole.IsWithin(z) {
		return whole, nil
	}
	if bare != r.below && strings.Contains(bare, ".") {
		return dns.Name{}, fmt.Errorf("%q is a whole name, for it has a dot at its end, and is not in it", r.below)
	}
	return dns.ParseName(bare + "." + zone)
}

// complete gives a relative record its whole name, or notes that the name of
// its zone has to be asked for.
func (l *loader) complete(a *account, r *record) {
	ids := r.zoneIDs
	if !r.own["zone_id"] {
		ids = l.defaults.zoneIDs
	}
	if r.below == "" {
		return // it has no name, or a bad one
	}
	if len(ids) != 1 || !ids[0].zone.IsZero() {
		l.wrong(r.path+".name", "it is relative to a zone, and zone_id is not set", "write "+cmp.Or(l.in.Catalogue.host(a.Provider).WhatZoneID, "the id of the zone")+", or the whole name without relative")
		return
	}
	id := ids[0].id
	zone, known := l.in.ZoneNames[id]
	if !known {
		if !slices.ContainsFunc(l.unnamed, func(z UnnamedZone) bool { return z.ID == id && z.Account.Name == a.Name }) {
			bare := a.Account
			bare.Spec, bare.ZoneIDs = plan.Spec{}, nil
			l.unnamed = append(l.unnamed, UnnamedZone{id, bare})
		}
		return
	}
	name, err := r.in(zone)
	if err != nil {
		l.wrong(r.path+".name", fmt.Sprintf("in the zone %s: %v", clean(zone), err), "")
		return
	}
	r.Name = name
}
