package app

import (
	"fmt"
	"math"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/dyndns2"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

// dyndns2Host is the row of services that have an update address. What they refused
// stays refused over a reload.
func dyndns2Host() host {
	memory := &dyndns2.Memory{}
	return host{
		HostKind: config.HostKind{
			Word: "dyndns2", Name: "a service with an update address",
			Settings: dyndns2Settings(), Check: checkDyndns2,
			MinTTL: dns.AutoTTL, MaxTTL: math.MaxInt32, // which are left out: the TTL is the service's
			ZoneID: zoneByName, WhatZoneID: "the name of the zone",
			Named: true,
		},
		Advice: Advice{
			Host:      "a service with an update address",
			NoZones:   "check that the names are registered",
			NotListed: "check that this machine may ask name servers itself",
		},
		traits: traits{
			what:  "No-IP, Dyn, DuckDNS and all others with an update address",
			needs: "service, and what it asks for: username and password, or token, or url", types: addresses(), unit: "name", limits: dyndns2.Limits(), page: "docs/hosts/dyndns2.md",
			bounds: []string{"A name holds one address of each family; the TTL is the service's.", "Names are neither made nor deleted.",
				"What stands there is asked of the authoritative name servers, on port 53."},
		},
		private: true,
		route:   func(r *http.Request) string { return r.Method + " update" }, // a path may hold a token
		way:     dynWay,
		make:    func(a config.Account, r reach) (provider.Provider, error) { return newDyndns2(a, r, memory) },
	}
}

func dyndns2API() overHTTP {
	return overHTTP{example: "https://dynupdate.no-ip.com", doc: "Where the service is, in the place of its own address"}
}

// dynWay is the way of every account: services want to know who asks.
func dynWay(a config.Account) wayTo {
	base := a.Settings[config.BaseURL]
	if a.Text("service") == dyndns2.ByURL {
		base = a.Settings["url"]
	}
	further := wayOverHTTP(config.Account{Settings: map[string]secret.String{config.BaseURL: base, config.CAFile: a.Settings[config.CAFile]}})
	return func(o *httpx.Options) error {
		o.UserAgent, o.HTTP2 = dynAgent(o.UserAgent), false
		if further == nil {
			return nil
		}
		return further(o)
	}
}

// dynAgent is how No-IP and Dyn want a program to say who it is: company, program,
// system, release, and whom to write to (noip.com/integrate/request, 2026-11-29).
func dynAgent(agent string) string {
	return fmt.Sprintf("homing-dns homing/%s-%s homing-dns@users.noreply.github.com", runtime.GOOS, strings.TrimPrefix(agent, "homing/"))
}

func newDyndns2(a config.Account, r reach, memory *dyndns2.Memory) (provider.Provider, error) {
	c := dyndns2.Config{
		Service: a.Text("service"), User: a.Text("username"), Password: a.Settings["password"], BaseURL: a.Text(config.BaseURL),
		Client: r.client, Timeout: r.timeout, Dial: r.dial, Servers: nameServers(r.names), Zones: make(map[dns.Name]dns.Name), Memory: memory,
	}
	if token := a.Settings["token"]; !token.IsZero() {
		c.Password = token
	}
	for n, zone := range a.ZoneNames {
		c.Zones[n] = zone
	}
	for n, id := range a.ZoneIDs {
		c.Zones[n], _ = dns.ParseName(id) // which was checked
	}
	if c.Service == dyndns2.ByURL {
		c.Custom = customOf(a.Settings)
	}
	return dyndns2.New(c)
}

// customOf is the update address that an account says; its parts were checked.
func customOf(said map[string]secret.String) *dyndns2.Custom {
	c := &dyndns2.Custom{URL: said["url"], Method: said["method"].Reveal(), Headers: said["headers"], Body: said["body"]}
	if c.Method = strings.ToUpper(c.Method); c.Method == "" {
		c.Method = http.MethodGet
	}
	if p := said["good"].Reveal(); p != "" {
		c.Good, _ = regexp.Compile(p)
	}
	if p := said["bad"].Reveal(); p != "" {
		c.Bad, _ = regexp.Compile(p)
	}
	return c
}

func dyndns2Settings() []config.HostSetting {
	pattern := func(s string) error {
		_, err := regexp.Compile(s)
		return advised(err, "write a regular expression of Go's, such as ^ok")
	}
	return slices.Concat([]config.HostSetting{
		{Key: "service", Type: "word", Doc: "The service with the update address: " + strings.Join(dyndns2Words(), ", ") + ", or url for any other.", Check: checkService},
		{Key: "username", Type: "text", Doc: "The user at the service."},
		{Key: "password", File: true, Secret: true, Type: "password", Doc: "The password, or the key that the service has for updates.", Check: oneLine},
		{Key: "token", File: true, Secret: true, Type: "token", Doc: "The token, of a service that has one in the place of a user and a password.", Check: oneLine},
	}, dyndns2API().settings(), []config.HostSetting{
		{Key: "url", File: true, Secret: true, Type: "URL", Doc: "The update address, of the service url, with {name}, {ipv4} and {ipv6} in it; plain http only on this machine.",
			Check: func(s string) error {
				return advised(dyndns2.CheckURL(s, true), text.Advise("write such as %s", dyndns2.ExampleURL))
			}},
		{Key: "method", Type: "GET, POST, PUT or PATCH", Default: http.MethodGet, Doc: "How a request to that address is made.",
			Check: func(s string) error { return advised(dyndns2.CheckMethod(strings.ToUpper(s)), "write GET or POST") }},
		{Key: "headers", File: true, Secret: true, Type: "headers", Doc: "Headers of that request, one a line; the same places may stand in them.",
			Check: func(s string) error {
				return advised(dyndns2.CheckHeaders(s), "write a name, a colon and a value, such as \"Authorization: Bearer …\"")
			}},
		{Key: "body", File: true, Secret: true, Type: "text", Doc: "What that request sends, with the same places."},
		{Key: "good", Type: "regular expression", Doc: "What the answer looks like when it worked; without it good or nochg.", Check: pattern},
		{Key: "bad", Type: "regular expression", Doc: "What the answer looks like when it is refused, so that nothing more is sent until you act.", Check: pattern},
	})
}

func dyndns2Words() (words []string) {
	for _, k := range dyndns2.Kinds() {
		words = append(words, k.Word)
	}
	return words
}

func checkService(s string) error {
	if words := dyndns2Words(); s != dyndns2.ByURL && !slices.Contains(words, s) {
		if near := config.DidYouMean(s, words); near != "" {
			return config.Hinted(fmt.Sprintf("there is no service %q", s), text.Advise("%s", near))
		}
		return config.Hinted(fmt.Sprintf("there is no service %q", s), text.Advise("the services are %s, and url for any other", strings.Join(words, ", ")))
	}
	return nil
}

// oneLine refuses what can be sent in no header.
func oneLine(s string) error {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return config.Hinted("it has a line break or another control character in it", "copy it alone, in one line")
	}
	return nil
}

// checkDyndns2 wants what the service needs, and nothing that it has no use for.
func checkDyndns2(c config.Credential) {
	service := c.Text("service")
	switch {
	case service == "":
		c.Missing("service", "it is not set, and only you know where your names are", text.Advise("the services are %s, and url for any other: %s", strings.Join(dyndns2Words(), ", "), c.ToSet("service", "no-ip")).String())
		return
	case service == dyndns2.ByURL:
		checkByURL(c)
		return
	}
	for _, key := range []string{"url", "method", "headers", "body", "good", "bad"} {
		if c.Text(key) != "" {
			c.Wrong(key, "it is for the service url, and this one is "+service, "take it away, or set "+c.ToSet("service", dyndns2.ByURL))
			return
		}
	}
	dyndns2API().check(c)
	for _, k := range dyndns2.Kinds() {
		if k.Word == service {
			checkKind(c, k)
		}
	}
}

// checkKind looks at the credential of a service.
func checkKind(c config.Credential, k dyndns2.Kind) {
	user, password, token := c.Text("username"), c.Text("password"), c.Text("token")
	switch {
	case password != "" && token != "":
		c.Wrong("token", c.Name("password")+" is set as well", "take one of them away")
	case k.Token && password == "" && token == "":
		c.Missing("token", "it is not set, and without it no record can be changed", "copy it from your page at "+k.Name+", then: "+c.ToSet("token", "…"))
	case k.Token && user != "":
		c.Wrong("username", k.Name+" has none", "take it away")
	case !k.Token && password == "" && token == "":
		c.Missing("password", "it is not set, and without it no record can be changed", "take the password, or the key for updates, that "+k.Name+" has for you, then: "+c.ToSet("password", "…"))
	case !k.Token && !k.Userless && user == "":
		c.Missing("username", "it is not set, and "+k.Name+" asks for one", "write it: "+c.ToSet("username", "…"))
	case k.OneName && c.Names() > 1:
		c.Wrong("service", "an account at "+k.Name+" is for one name, and here are several", "make an account for each of them")
	}
}

// checkByURL looks at an account whose address the person writes.
func checkByURL(c config.Credential) {
	said := make(map[string]secret.String)
	for _, key := range []string{"url", "headers", "body"} {
		said[key] = secret.New(c.Text(key))
	}
	switch {
	case c.Text("url") == "":
		c.Missing("url", "it is not set, and only you know it", "write it: "+c.ToSet("url", dyndns2.ExampleURL))
	case c.Text(config.BaseURL) != "":
		c.Wrong(config.BaseURL, "the service url has its address in "+c.Name("url"), "take it away")
	case dyndns2.CheckURL(c.Text("url"), true) == nil && dyndns2.CheckURL(c.Text("url"), allows(c.Text(config.AllowHTTP))) != nil:
		c.Wrong("url", "it must begin with https://, or everyone on the way can read it; http:// is only for this machine itself",
			"use https; or, at a private address, where you trust everybody on the way: "+c.ToSet(config.AllowHTTP, "true"))
	case customOf(said).OneName() && c.Names() > 1:
		c.Wrong("url", "it does not say of which name it is, and there are several", "put {name} into it, or make an account for each name")
	}
}
