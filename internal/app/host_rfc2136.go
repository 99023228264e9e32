package app

import (
	"net/http"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rfc2136"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

const tsigKeygen = "make one with: tsig-keygen homing"

// rfc2136Host is the row of servers that take DNS UPDATE.
func rfc2136Host() *host {
	return &host{
		HostKind: config.HostKind{
			Word: "rfc2136", Also: strings.Fields("bind bind9 knot tsig nsupdate dnsupdate named"), Name: "your name server",
			Settings: rfc2136Settings(), Check: checkRFC2136,
			MinTTL: rfc2136.MinTTL, MaxTTL: rfc2136.MaxTTL,
			ZoneID:     zoneByName,
			WhatZoneID: "the name of the zone",
		},
		Advice: Advice{
			Host:      "your name server",
			NoZones:   "check that {accounts.server} has the zones of the names, and answers questions signed with this key",
			NotListed: "check that {accounts.server} answers questions signed with this key",
		},
		traits: traits{
			what:  "BIND, Knot DNS, PowerDNS and other name servers that take DNS UPDATE (RFC 2136)",
			needs: "server, and key_file or key_name with secret", types: andTexts(), unit: "set", guard: provider.GuardsBatch, limits: rfc2136.Limits(),
			page:   "docs/hosts/rfc2136.md",
			asking: asking{get: tsigKeygen, keys: rfc2136Keys},
			bounds: []string{"One message holds about 1,000 names, over TCP.", "The server compares values and not TTLs."},
		},
		route: func(*http.Request) string { return "" }, // nothing goes over HTTP
		make:  newRFC2136,
	}
}

// rfc2136Keys is what is asked for: a key in parts, unless somebody has the file that
// tsig-keygen wrote.
func rfc2136Keys(said map[string]string) []string {
	if said["key"] != "" || said["key_file"] != "" {
		return []string{"server", "key"}
	}
	return []string{"server", "key_name", "secret", "?algorithm"}
}

func newRFC2136(a config.Account, r reach) (provider.Provider, error) {
	c := rfc2136.Config{Key: keyOf(a), Zones: make(map[dns.Name]dns.Name), Dial: r.dial, OnMessage: r.told}
	var err error
	if c.Servers, err = rfc2136.ParseServers(a.Text("server")); err != nil {
		return nil, err
	}
	if zone := a.Text("zone"); zone != "" {
		if c.Zone, err = dns.ParseName(zone); err != nil {
			return nil, err
		}
	}
	for n, zone := range a.ZoneNames {
		c.Zones[n] = zone
	}
	for n, id := range a.ZoneIDs {
		if c.Zones[n], err = dns.ParseName(id); err != nil {
			return nil, err
		}
	}
	return rfc2136.New(c)
}

// keyOf is the key of an account, of its file or of its parts; both were checked.
func keyOf(a config.Account) rfc2136.Key {
	if file := a.Settings["key"]; !file.IsZero() {
		k, _ := rfc2136.ParseKey(file.Reveal())
		return k
	}
	return rfc2136.Key{Name: a.Text("key_name"), Algorithm: a.Text("algorithm"), Secret: a.Settings["secret"]}
}

func rfc2136Settings() []config.HostSetting {
	return []config.HostSetting{
		{Key: "server", Env: "RFC2136_NAMESERVER", Type: "host:port",
			Doc: "The server that takes DNS UPDATE for the zone; several with commas between them, asked in this order.",
			Check: func(s string) error {
				_, err := rfc2136.ParseServers(s)
				return advised(err, "write it as 192.0.2.53 or ns1.example.org:53")
			}},
		{Key: "key", Env: "RFC2136_TSIG", File: true, Secret: true, Type: "key",
			Doc:   "The TSIG key as tsig-keygen writes it; usually it stands in a file.",
			Check: func(s string) error { _, err := rfc2136.ParseKey(s); return advised(err, tsigKeygen) }},
		{Key: "key_name", Env: "RFC2136_TSIG_KEY", Type: "name",
			Doc: "The name of the TSIG key, where it does not stand in a file.", Check: func(s string) error {
				return advised(rfc2136.CheckKeyName(s), "write the name the server has for it, such as homing")
			}},
		{Key: "algorithm", Env: "RFC2136_TSIG_ALGORITHM", Type: "word", Default: rfc2136.DefaultAlgorithm,
			Doc: "The algorithm of the TSIG key: " + strings.Join(rfc2136.Algorithms(), ", ") + ".",
			Check: func(s string) error {
				return advised(rfc2136.CheckAlgorithm(s), text.Advise("there are %s", strings.Join(rfc2136.Algorithms(), ", ")))
			}},
		{Key: "secret", Env: "RFC2136_TSIG_SECRET", File: true, Secret: true, Type: "secret",
			Doc: "The secret of the TSIG key, in base64.", Check: func(s string) error {
				return advised(rfc2136.CheckSecret(secret.New(s)), "copy what stands in quotes behind secret in the file of the key")
			}},
		{Key: "zone", Env: "RFC2136_ZONE", Type: "name",
			Doc: "The zone of all names, where the server is not to be asked for it.", Check: func(s string) error { _, err := zoneByName(s); return err }},
	}
}

// checkRFC2136 wants a server and a key, in one way.
func checkRFC2136(c config.Credential) {
	file, parts := c.Text("key") != "", c.Text("key_name") != "" || c.Text("secret") != ""
	if c.Text("server") == "" {
		c.Missing("server", "it is not set, and without it no record can be changed", "name the primary server of the zone: "+c.ToSet("server", "ns1.example.org:53"))
	}
	switch {
	case file && parts:
		c.Wrong("key_name", "there are two keys: "+c.Name("key")+" is set as well", "take one of them away")
	case !file && !parts:
		c.Missing("key", "it is not set, and without it no record can be changed", tsigKeygen+" > /etc/homing/home.key; then: "+c.ToSet("key_file", "/etc/homing/home.key"))
	case !file && c.Text("key_name") == "":
		c.Wrong("key_name", "it is not set, but "+c.Name("secret")+" is", "set both")
	case !file && c.Text("secret") == "":
		c.Wrong("secret", "it is not set, but "+c.Name("key_name")+" is", "set both")
	}
}

// zoneByName is the id of a zone that has none but its name.
func zoneByName(s string) (string, error) {
	n, err := dns.ParseName(s)
	return n.String(), advised(err, "write the name of the zone, such as example.org")
}

// advised is err, if there is one, with what to do about it.
func advised(err error, hint text.Hint) error {
	if err == nil {
		return nil
	}
	return config.Hinted(err.Error(), hint)
}
