package app

import (
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/digitalocean"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

func digitaloceanAPI() overHTTP {
	return overHTTP{url: "DIGITALOCEAN_API_URL", usual: digitalocean.DefaultBase, doc: "Where the API of DigitalOcean is"}
}

// digitaloceanGet is where a token comes from.
const digitaloceanGet = "make one at cloud.digitalocean.com/account/api/tokens as docs/hosts/digitalocean.md says"

// digitaloceanHost is the row of DigitalOcean. Its token has a variable in each of
// its tools: Terraform's, lego's and doctl's.
func digitaloceanHost() *host {
	quotas := &rest.Quotas[secret.String]{}
	token := keyed("token", "DIGITALOCEAN_TOKEN", "The API token of DigitalOcean; it needs the scopes domain:read, domain:create, domain:update and domain:delete.")
	token.Also = []string{"DO_AUTH_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"}
	return &host{
		HostKind: config.HostKind{
			Word: "digitalocean", Also: strings.Fields("do"), Name: "DigitalOcean", MinTTL: digitalocean.MinTTL, MaxTTL: digitalocean.MaxTTL,
			Settings: append([]config.HostSetting{token}, digitaloceanAPI().settings()...),
			Check: func(c config.Credential) {
				digitaloceanAPI().check(c)
				needs(c, "token", digitaloceanGet)
			},
			ZoneID: zoneByName, WhatZoneID: "the name of the domain",
		},
		Advice: Advice{
			Host:      "DigitalOcean",
			NoZones:   "add the domains of the names in the team of this token, or take a token of the team that has them",
			NotListed: "give the token the scope domain:read",
		},
		traits: traits{
			needs: "token", types: andTexts(), unit: "record", limits: digitalocean.Limits(), page: "docs/hosts/digitalocean.md",
			asking: asking{get: digitaloceanGet, link: "https://cloud.digitalocean.com/account/api/tokens", keys: always("token")},
			bounds: []string{"250 calls a minute and 5,000 an hour; each change of a record is one.", "The names are read again immediately before they are written."},
		},
		address: digitalocean.Address,
		route:   digitalocean.Route,
		way:     wayOverHTTP,
		make: func(a config.Account, r reach) (provider.Provider, error) {
			token := a.Settings["token"]
			return digitalocean.New(token, overAPI(a, r, quotas.For(token, digitalocean.Quota()...)))
		},
	}
}
