package app

import (
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/hetzner"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

func hetznerAPI() overHTTP {
	return overHTTP{url: "HCLOUD_ENDPOINT", usual: hetzner.DefaultBase, doc: "Where the API of Hetzner Cloud is"}
}

// hetznerGet is where a token comes from.
const hetznerGet = "make one with Read & Write in the project of the zone: console.hetzner.com → the project → Security → API tokens"

// hetznerHost is the row of the DNS of Hetzner Cloud.
func hetznerHost() *host {
	quotas := &rest.Quotas[secret.String]{}
	token := keyed("token", "HCLOUD_TOKEN", "The API token of a project at Hetzner Cloud, with Read & Write.")
	token.OldEnv, token.Check = "HETZNER_DNS_TOKEN", checkHetznerToken
	return &host{
		HostKind: config.HostKind{
			Word: "hetzner", Also: strings.Fields("hcloud hetznercloud hetznerdns"), Name: "Hetzner", MinTTL: hetzner.MinTTL, MaxTTL: hetzner.MaxTTL,
			Settings: append([]config.HostSetting{token}, hetznerAPI().settings()...),
			Check: func(c config.Credential) {
				hetznerAPI().check(c)
				needs(c, "token", hetznerGet)
			},
			ZoneID: checkHetznerZone, WhatZoneID: "its number in the API, or its name",
		},
		Advice: Advice{
			Host:      "Hetzner",
			NoZones:   "make the zones of the names in the project of this token, or take a token of the project that has them",
			NotListed: "take a token of the project that has the zones",
		},
		traits: traits{
			what:  "Hetzner Cloud DNS",
			needs: "token", types: andTexts(), unit: "set", limits: hetzner.Limits(), page: "docs/hosts/hetzner.md",
			asking: asking{get: hetznerGet, link: "https://console.hetzner.com", keys: always("token")},
			bounds: []string{"3,600 calls an hour for all that is done in the project.", "Every set is read again immediately before it is written."},
		},
		address: hetzner.Address,
		route:   hetzner.Route,
		way:     wayOverHTTP,
		make: func(a config.Account, r reach) (provider.Provider, error) {
			token := a.Settings["token"]
			return hetzner.New(token, overAPI(a, r, quotas.For(token, hetzner.Quota())))
		},
	}
}

// checkHetznerToken knows a token of the API that is shut.
func checkHetznerToken(s string) error {
	if hetzner.IsOldToken(s) {
		return config.Hinted("it looks like a token of the old DNS Console (dns.hetzner.com), which Hetzner shut down in May 2026",
			"move the zones to Hetzner Cloud if they are not there yet, then make a token with Read & Write: console.hetzner.com → the project → Security → API tokens")
	}
	return oneWord(s)
}

// checkHetznerZone is the number or the name of a zone.
func checkHetznerZone(s string) (string, error) {
	if s != "" && strings.Trim(s, "0123456789") == "" {
		return s, nil
	}
	return zoneByName(s)
}
