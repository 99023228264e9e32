package app

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/powerdns"
)

const (
	allowHTTP = "allow_http"
	caFile    = "ca_file"
)

// powerdnsHost is the row of a PowerDNS server, whose address each account says.
func powerdnsHost() host {
	return host{
		HostKind: config.HostKind{
			Word: "powerdns", Name: "PowerDNS",
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
		route: powerdns.Route,
		way:   powerdnsWay,
		make: func(a config.Account, r reach) (provider.Provider, error) {
			return powerdns.New(powerdns.Config{
				Key: a.Settings["token"], BaseURL: a.Text(config.BaseURL), Client: r.client, Timeout: r.timeout,
				ZoneIDs: a.ZoneIDs, ZoneNames: a.ZoneNames,
			})
		},
	}
}

func powerdnsSettings() []config.HostSetting {
	return []config.HostSetting{
		{Key: "token", Env: "PDNS_API_KEY", File: true, Secret: true, Type: "token",
			Doc: "The API key of the PowerDNS server (api-key in pdns.conf).", Check: checkPowerDNSKey},
		{Key: config.BaseURL, Env: "PDNS_API_URL", Type: "URL", URL: true,
			Doc:   "Where the PowerDNS API is, such as http://127.0.0.1:8081; plain http on this machine, or to a private address with allow_http.",
			Check: func(s string) error { _, err := powerdns.CheckBase(s); return err }},
		{Key: allowHTTP, Env: "PDNS_ALLOW_HTTP", Form: config.Boolean, Type: "true or false",
			Doc: "Whether the API may be reached over plain http at a private address, where everyone on the way can read the key.",
			Check: func(s string) error {
				if _, err := strconv.ParseBool(s); err != nil {
					return config.Hinted("it is neither true nor false", "write true or false")
				}
				return nil
			}},
		{Key: caFile, Env: "PDNS_CA", Type: "path",
			Doc: "A file with the certificates (PEM) of the CA that vouches for the PowerDNS server, in place of those the system trusts.",
			Check: func(s string) error {
				if !filepath.IsAbs(s) {
					return config.Hinted("the path does not begin at the root", "write the whole path, such as /etc/homing/ca.pem")
				}
				return nil
			}},
	}
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

// checkPowerDNS looks at where the API is, and whether its key may go there.
func checkPowerDNS(c config.Credential) {
	base, err := powerdns.CheckBase(c.Text(config.BaseURL))
	plain := err == nil && powerdns.IsPlain(base)
	allowed, _ := strconv.ParseBool(c.Text(allowHTTP))
	switch {
	case c.Text(config.BaseURL) == "":
		c.Missing(config.BaseURL, "it is not set, and only you know where your PowerDNS server is", "write "+c.ToSet(config.BaseURL, "http://127.0.0.1:8081"))
	case c.Text("token") == "":
		c.Missing("token", "it is not set, and without it no record can be changed", "take what api-key is in pdns.conf, then: "+c.ToSet("token", "…"))
	case plain && !allowed:
		c.Wrong(config.BaseURL, "over http everyone on the way can read the key",
			"use https, perhaps with "+c.Name(caFile)+"; or, where you trust everybody on the way: "+c.ToSet(allowHTTP, "true"))
	case plain:
		c.Notice(c.Name(config.BaseURL) + " is plain http, so everyone on the way to " + base + " can read the API key; " + c.Name(allowHTTP) + " allows it")
	}
}

// powerdnsWay trusts one's own CA. Plain http leads to no proxy, and never to the
// internet.
func powerdnsWay(a config.Account, o *httpx.Options) error {
	if base, err := powerdns.CheckBase(a.Text(config.BaseURL)); err == nil && strings.HasPrefix(base, "http://") {
		if o.Dial == nil {
			o.Dial = httpx.Dialer{}.Dial
		}
		o.Dial, o.Proxy = powerdns.Private(o.Dial), false
	}
	path := a.Text(caFile)
	if path == "" {
		return nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the certificates of the CA: %w", err)
	}
	o.Roots = x509.NewCertPool()
	if !o.Roots.AppendCertsFromPEM(pem) {
		return errors.New("read the certificates of the CA: there is none in " + path)
	}
	return nil
}
