package app

import (
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/powerdns"
)

func powerdnsAPI() overHTTP {
	return overHTTP{url: "PDNS_API_URL", example: powerdns.ExampleBase, doc: "Where the PowerDNS API is, such as " + powerdns.ExampleBase}
}

// powerdnsHost is the row of a PowerDNS server, whose address each account says.
func powerdnsHost() *host {
	return &host{
		HostKind: config.HostKind{
			Word: "powerdns", Also: strings.Fields("pdns"), Name: "PowerDNS",
			Settings: powerdnsSettings(), Check: checkPowerDNS,
			MinTTL: powerdns.MinTTL, MaxTTL: powerdns.MaxTTL,
			ZoneID:     checkPowerDNSZone,
			WhatZoneID: "its name with the dot at the end, as the API writes it",
		},
		Advice: Advice{
			Host:      "PowerDNS",
			NoZones:   "make the zones of the names at the server, or set {accounts.base_url} to the server that has them",
			NotListed: "let this key list the zones, or set {records.zone_id}",
		},
		traits: traits{
			what:  "PowerDNS, by its API",
			needs: "base_url, token", types: andTexts(), unit: "set", limits: powerdns.Limits(), page: "docs/hosts/powerdns.md",
			asking: asking{get: powerdnsGet, keys: always(config.BaseURL, "token")},
			bounds: []string{"Every set is read again immediately before the PATCH of its zone.", "Comments need an SQL backend."},
		},
		route: powerdns.Route,
		way:   wayOverHTTP,
		make: func(a config.Account, r reach) (provider.Provider, error) {
			return powerdns.New(powerdns.Config{
				Key: a.Settings["token"], BaseURL: a.Text(config.BaseURL), Client: r.client, Timeout: r.timeout,
				ZoneIDs: a.ZoneIDs, ZoneNames: a.ZoneNames,
			})
		},
	}
}

func powerdnsSettings() []config.HostSetting {
	return append([]config.HostSetting{
		{Key: "token", Env: "PDNS_API_KEY", File: true, Secret: true, Type: "token",
			Doc: "The API key of the PowerDNS server (api-key in pdns.conf).", Check: checkPowerDNSKey},
	}, powerdnsAPI().settings()...)
}

// checkPowerDNSKey refuses what can be sent in no header.
func checkPowerDNSKey(s string) error {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return config.Hinted("a key has no line breaks and no characters beyond ASCII", "copy api-key of pdns.conf again, or set {accounts.token_file} to the path of a file with it")
	}
	return nil
}

// checkPowerDNSZone is the id of a zone: its name with the dot.
func checkPowerDNSZone(s string) (string, error) {
	if s == "" || strings.ContainsAny(s, "/ ?#%\\") {
		return "", config.Hinted("this is no id of a zone at PowerDNS", "write the name of the zone with the dot at the end, such as example.org.")
	}
	return strings.TrimSuffix(strings.ToLower(s), ".") + ".", nil
}

// powerdnsGet is where a key comes from.
const powerdnsGet = "use the value of api-key in pdns.conf"

// checkPowerDNS looks at where the API is, and whether its key may go there.
func checkPowerDNS(c config.Credential) {
	powerdnsAPI().check(c)
	if c.Text(config.BaseURL) == "" {
		c.Missing(config.BaseURL, "it is not set, and only you know where your PowerDNS server is", "write "+c.ToSet(config.BaseURL, powerdns.ExampleBase))
	}
	if c.Text("token") == "" {
		c.Missing("token", "it is not set, and without it no record can be changed", powerdnsGet+", then: "+c.ToSet("token", "…"))
	}
}
