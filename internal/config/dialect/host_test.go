package dialect

import (
	"errors"
	"fmt"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/text"
)

// testHost is a row as Cloudflare's is, as far as these tests look at it.
func testHost() *config.HostKind {
	hexadecimal := func(what, hint string) func(string) error {
		return func(s string) error {
			if len(s) != 32 || strings.Trim(s, "0123456789abcdef") != "" {
				return config.Hinted(fmt.Sprintf("%q is no %s id", s, what), text.Hint(hint))
			}
			return nil
		}
	}
	return &config.HostKind{
		Word: "cloudflare", Name: "Cloudflare", MinTTL: 30, MaxTTL: 86400,
		Settings: []config.HostSetting{
			{Key: "token", Env: "CLOUDFLARE_API_TOKEN", OldEnv: "CF_API_TOKEN", File: true, Secret: true, Type: "token", Doc: "A token.",
				Check: func(s string) error {
					if strings.ContainsAny(s, " @") {
						return config.Hinted("the token has a character in it that no token has", "copy it again")
					}
					return nil
				}},
			{Key: "key", Env: "CLOUDFLARE_API_KEY", File: true, Secret: true, Type: "key", Doc: "A key."},
			{Key: "email", Env: "CLOUDFLARE_API_EMAIL", Type: "email", Doc: "Its email."},
			{Key: config.BaseURL, Env: "CLOUDFLARE_BASE_URL", URL: true, Type: "URL", Default: "https://api.cloudflare.com/client/v4", Doc: "Where the API is."},
		},
		Check: checkTestHost,
		ZoneID: func(s string) (string, error) {
			id := strings.ToLower(s)
			return id, hexadecimal("zone", "a zone id is the 32 characters that the zone's Overview page shows, not its name")(id)
		},
		WhatZoneID: "the id that the zone's Overview page shows",
		Lists: &config.ListKind{
			Account: hexadecimal("account", "an account id has 32 characters"),
			Name: func(s string) error {
				if strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || s == "" || len(s) > 50 {
					return config.Hinted(fmt.Sprintf("%q is no name of a list", s), "names of lists are made of a-z, 0-9 and _, at most 50 of them")
				}
				return nil
			},
			Example: "0123456789abcdef0123456789abcdef/home_ips", Needs: "they need a permission",
		},
	}
}

// checkTestHost wants a token, or a key with its email.
func checkTestHost(c config.Credential) {
	half := func(missing, set string) {
		if c.Text("token") == "" {
			c.Wrong(missing, "it is not set, but "+c.Name(set)+" is", "set both, or better "+c.Name("token")+" alone")
			return
		}
		c.Notice(c.Name(set) + " is ignored, because " + c.Name(missing) + " is not set")
	}
	switch key, email := c.Text("key") != "", c.Text("email"); {
	case !key && email == "" && c.Text("token") == "":
		c.Missing("token", "it is not set, and without it no record can be changed", "create a token at https://dash.cloudflare.com/profile/api-tokens with the template \"Edit zone DNS\", then: "+c.ToSet("token", "…"))
	case key && email == "":
		half("email", "key")
	case !key && email != "":
		half("key", "email")
	case key && !strings.Contains(email, "@"):
		c.Malformed("email", errors.New("this is no e-mail address"))
	}
}
