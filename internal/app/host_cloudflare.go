package app

import (
	"errors"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/cloudflare"
	"github.com/homing-dns/homing/internal/secret"
)

// cloudflareHost is the row of Cloudflare.
func cloudflareHost() *host {
	limits := new(cloudflare.Limits)
	return &host{
		HostKind: config.HostKind{
			Word: "cloudflare", Also: strings.Fields("cf"), Name: "Cloudflare", Proxies: true,
			Settings: cloudflareSettings(), Check: checkCloudflare,
			MinTTL: cloudflare.MinTTL, MaxTTL: cloudflare.MaxTTL,
			ZoneID:     func(s string) (string, error) { id, err := cloudflare.ParseZoneID(s); return id, hinted(err) },
			WhatZoneID: "the id that the zone's Overview page shows",
			Lists: &config.ListKind{
				Account: func(id string) error { return hinted(cloudflare.CheckAccountID(id)) },
				Name:    func(name string) error { return hinted(cloudflare.CheckListName(name)) },
				Example: "0123456789abcdef0123456789abcdef/home_ips",
				Needs:   "they need the permission Account · Account Filter Lists · Edit",
			},
		},
		Advice: Advice{
			Host:      "Cloudflare",
			NoZones:   "give it the zones of the names, or set {records.zone_id} where it may see only records",
			NotListed: "give it the permission Zone · Zone · Read, unless that is meant",
			Narrower:  "a token for the zones in use alone can do less harm when it is lost",
		},
		traits: traits{
			needs: "token", types: andTexts(), unit: "record", limits: cloudflare.MaxLimits(), page: "docs/token.md",
			asking: asking{get: cloudflareGet, link: cloudflareLink, keys: always("token")},
			bounds: []string{
				"1,200 calls in 5 minutes for all that one user does, the dashboard included.",
				"On the Free plan comments have 100 characters, and there are no tags; TTLs below 60 s are Enterprise's.",
			},
		},
		address: cloudflare.Host,
		route:   cloudflare.Route,
		way:     wayOverHTTP,
		make: func(a config.Account, r reach) (provider.Provider, error) {
			return cloudflare.New(cloudflare.Config{
				Credential: cloudflare.Credential{Token: a.Settings["token"], Key: a.Settings["key"], Email: a.Text("email")},
				BaseURL:    a.Text(config.BaseURL),
				AllowHTTP:  allows(a.Text(config.AllowHTTP)),
				Client:     r.client,
				Timeout:    r.timeout,
				ZoneIDs:    a.ZoneIDs,
				ZoneNames:  a.ZoneNames,
				Limits:     limits,
			})
		},
	}
}

func cloudflareSettings() []config.HostSetting {
	return append([]config.HostSetting{
		{Key: "token", Env: "CLOUDFLARE_API_TOKEN", OldEnv: "CF_API_TOKEN", File: true, Secret: true, Type: "token",
			Doc:   "The Cloudflare API token; it needs the permission Zone · DNS · Edit.",
			Check: func(s string) error { return hinted(cloudflare.CheckToken(secret.New(s))) }},
		{Key: "key", Env: "CLOUDFLARE_API_KEY", File: true, Secret: true, Type: "key",
			Doc: "The Global API Key, for those who have no token; beside a token it is used where the token is refused."},
		{Key: "email", Env: "CLOUDFLARE_API_EMAIL", Type: "email",
			Doc: "The email of the Cloudflare account, beside a Global API Key."},
	}, cloudflareAPI().settings()...)
}

func cloudflareAPI() overHTTP {
	return overHTTP{url: "CLOUDFLARE_BASE_URL", usual: cloudflare.DefaultBase, doc: "Where the Cloudflare API is"}
}

// cloudflareGet is where a token comes from.
const (
	cloudflareGet  = "create a token at " + cloudflareLink + " with the template \"Edit zone DNS\""
	cloudflareLink = "https://dash.cloudflare.com/profile/api-tokens"
)

// checkCloudflare looks at a token, and at a key and its email: one of the two
// is needed.
func checkCloudflare(c config.Credential) {
	cloudflareAPI().check(c)
	switch token, key, email := c.Text("token"), c.Text("key"), c.Text("email"); {
	case key == "" && email == "" && token == "":
		c.Missing("token", "it is not set, and without it no record can be changed",
			cloudflareGet+", then: "+c.ToSet("token", "…"))
	case key == "" && email == "":
	case key == "":
		halfKey(c, "key", "email")
	case email == "":
		halfKey(c, "email", "key")
	default:
		checkKey(c, key, email)
	}
}

// halfKey is a key without its email, or the other way round. Beside a token it
// is left out.
func halfKey(c config.Credential, missing, set string) {
	if c.Text("token") == "" {
		c.Wrong(missing, "it is not set, but "+c.Name(set)+" is", "set both, or better "+c.Name("token")+" alone")
		return
	}
	c.Notice(c.Name(set) + " is ignored, because " + c.Name(missing) + " is not set")
}

// checkKey looks at a key and its email. Whatever is wrong with the token
// beside them, these are wrong as well.
func checkKey(c config.Credential, key, email string) {
	if !strings.Contains(email, "@") || strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		c.Malformed("email", config.Hinted("this is no e-mail address, and a Global API Key needs that of its user", "write the address you log in with at Cloudflare"))
		email = "me@example.org" // the key is looked at all the same
	}
	if err := cloudflare.CheckKey(secret.New(key), email); err != nil {
		c.Malformed("key", hinted(err))
	}
}

// hinted is err with its hint where the configuration looks for it.
func hinted(err error) error {
	if bad, ok := errors.AsType[*cloudflare.Malformed](err); ok {
		return config.Hinted(bad.Reason, bad.Hint)
	}
	return err
}
