package app

import (
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/desec"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

func desecAPI() overHTTP {
	return overHTTP{url: "DESEC_API_URI", usual: desec.DefaultBase, doc: "Where the API of deSEC is"}
}

// desecGet is where a token comes from.
const desecGet = "make one at desec.io (Token Management)"

// desecHost is the row of deSEC. What was written to a domain today is known over a
// reload.
func desecHost() *host {
	quotas := &rest.Quotas[secret.String]{}
	return &host{
		HostKind: config.HostKind{
			Word: "desec", Also: strings.Fields("desecio dedyn dedynio"), Name: "deSEC", MinTTL: desec.MinTTL, MaxTTL: desec.MaxTTL,
			Settings: append([]config.HostSetting{keyed("token", "DESEC_TOKEN", "The API token of deSEC; it may write the names.")}, desecAPI().settings()...),
			Check: func(c config.Credential) {
				desecAPI().check(c)
				needs(c, "token", desecGet)
			},
			ZoneID: zoneByName, WhatZoneID: "the name of the domain",
		},
		Advice: Advice{
			Host:      "deSEC",
			NoZones:   "add the domains of the names at desec.io, or take a token of the account that has them",
			NotListed: "take a token of the account that has the domains",
		},
		traits: traits{
			needs: "token", types: andTexts(), unit: "set", limits: desec.Limits(desec.MinTTL), page: "docs/hosts/desec.md",
			asking: asking{get: desecGet, link: "https://desec.io", keys: always("token")},
			bounds: []string{"The least TTL is each domain's own: 3,600 s, and 60 s below dedyn.io.", "300 changes of a domain a day, 100 an hour; all names that change together are one.",
				"Everything is read again immediately before it is written."},
		},
		address: desec.Address,
		route:   desec.Route,
		way:     wayOverHTTP,
		make: func(a config.Account, r reach) (provider.Provider, error) {
			token := a.Settings["token"]
			return desec.New(token, overAPI(a, r, quotas.For(token, desec.Quota()...)), func(zone string) *rest.Quota {
				return quotas.For(secret.New(token.Reveal()+" "+zone), desec.Writes(zone)...)
			})
		},
	}
}
