package app

import (
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/porkbun"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

func porkbunAPI() overHTTP {
	return overHTTP{usual: porkbun.DefaultBase, doc: "Where the API of Porkbun is"}
}

// porkbunGet is where keys come from.
const porkbunGet = "make a pair of keys at porkbun.com/account/api"

// porkbunHost is the row of Porkbun.
func porkbunHost() *host {
	quotas := &rest.Quotas[secret.String]{}
	return &host{
		HostKind: config.HostKind{
			Word: "porkbun", Name: "Porkbun", MinTTL: porkbun.MinTTL, MaxTTL: porkbun.MaxTTL,
			Settings: append([]config.HostSetting{
				keyed("key", "PORKBUN_API_KEY", "The API key of Porkbun, which begins with pk1_."),
				keyed("secret", "PORKBUN_SECRET_API_KEY", "The secret API key of Porkbun, which begins with sk1_."),
			}, porkbunAPI().settings()...),
			Check: func(c config.Credential) {
				porkbunAPI().check(c)
				needs(c, "key", porkbunGet)
				needs(c, "secret", "it is shown once when the pair of keys is made at porkbun.com/account/api")
			},
			ZoneID: zoneByName, WhatZoneID: "the name of the domain",
		},
		Advice: Advice{
			Host:      "Porkbun",
			NoZones:   "take keys of the account that has the domains of the names",
			NotListed: "take keys of the account that has the domains",
		},
		traits: traits{
			needs: "key, secret", types: andTexts(), unit: "record", limits: porkbun.Limits(), page: "docs/hosts/porkbun.md",
			asking: asking{get: porkbunGet, link: "https://porkbun.com/account/api", keys: always("key", "secret")},
			bounds: []string{"Ten calls in ten seconds, and one call for each record.", "API Access has to be turned on for each domain."},
		},
		address: porkbun.Address,
		route:   porkbun.Route,
		way:     wayOverHTTP,
		make: func(a config.Account, r reach) (provider.Provider, error) {
			key := a.Settings["key"]
			return porkbun.New(key, a.Settings["secret"], overAPI(a, r, quotas.For(key, porkbun.Quota())))
		},
	}
}
