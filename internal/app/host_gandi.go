package app

import (
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/gandi"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

func gandiAPI() overHTTP {
	return overHTTP{usual: gandi.DefaultBase, doc: "Where the LiveDNS API of Gandi is"}
}

// gandiGet is where a token comes from.
const gandiGet = "make a Personal Access Token: admin.gandi.net → Organizations → the organization → Sharing"

// gandiHost is the row of Gandi's LiveDNS.
func gandiHost() *host {
	quotas := &rest.Quotas[secret.String]{}
	return &host{
		HostKind: config.HostKind{
			Word: "gandi", Also: strings.Fields("gandiv5 gandilivedns livedns"), Name: "Gandi", MinTTL: gandi.MinTTL, MaxTTL: gandi.MaxTTL,
			Settings: append([]config.HostSetting{
				keyed("token", "GANDIV5_PERSONAL_ACCESS_TOKEN", "A Personal Access Token of Gandi, which may manage the technical configuration of the domains."),
			}, gandiAPI().settings()...),
			Check: func(c config.Credential) {
				gandiAPI().check(c)
				needs(c, "token", gandiGet)
			},
			ZoneID: zoneByName, WhatZoneID: "the name of the domain",
		},
		Advice: Advice{
			Host:      "Gandi",
			NoZones:   "let the token be for the domains of the names, and these use LiveDNS; some that are registered at Gandi are not listed, and found all the same",
			NotListed: "let the token see the domains",
		},
		traits: traits{
			what:  "Gandi LiveDNS",
			needs: "token", types: andTexts(), unit: "set", limits: gandi.Limits(), page: "docs/hosts/gandi.md",
			asking: asking{get: gandiGet, link: "https://admin.gandi.net", keys: always("token")},
			bounds: []string{"Every set is read again immediately before it is written.", "A token ends after a year at most."},
		},
		address: gandi.Address,
		route:   gandi.Route,
		way:     wayOverHTTP,
		make: func(a config.Account, r reach) (provider.Provider, error) {
			token := a.Settings["token"]
			return gandi.New(token, overAPI(a, r, quotas.For(token, gandi.Quota())))
		},
	}
}
