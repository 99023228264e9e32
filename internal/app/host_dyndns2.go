package app

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strconv"
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
func dyndns2Host() *host {
	memory := &dyndns2.Memory{}
	return &host{
		HostKind: config.HostKind{
			Word: "dyndns2", Name: "a service with an update address",
			Settings: dyndns2Settings(), Check: checkDyndns2,
			MinTTL: dns.AutoTTL, MaxTTL: math.MaxInt32, // which are left out: the TTL is the service's
			ZoneID: zoneByName, WhatZoneID: "the name of the zone",
			Named: true, Services: dyndns2Words(),
		},
		Advice: Advice{
			Host:      "a service with an update address",
			NoZones:   "check that the names are registered",
			NotListed: "check that this machine may ask name servers itself",
		},
		traits: traits{
			what:  "No-IP, Dyn, DuckDNS and all others with an update address",
			needs: "service, and what it asks for: username and password, or token, or url", types: addresses(), unit: "name", limits: dyndns2.Limits(), page: "docs/hosts/dyndns2.md",
			asking: asking{get: "use the password, update key or token that the service gave you", keys: dyndns2Keys},
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
		{Key: "url", File: true, Secret: true, Type: "URL", Doc: "The update address, of the service url, with {name}, {ipv4} and {ipv6} in it; plain http only on this machine, or with allow_http in a private network.",
			Check: func(s string) error {
				return advised(dyndns2.CheckURL(s, true), text.Advise("write such as %s", dyndns2.ExampleURL))
			}},
		{Key: "method", Type: "GET, POST, PUT or PATCH", Default: http.MethodGet, Doc: "How a request to that address is made.",
			Check: func(s string) error { return advised(dyndns2.CheckMethod(strings.ToUpper(s)), "write GET or POST") }},
		{Key: "headers", File: true, Secret: true, Type: "headers", Doc: "Headers of that request, one a line; the same places may stand in them.",
			Check: config.CheckHeaders},
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
	words := append(dyndns2Words(), dyndns2.ByURL)
	if slices.Contains(words, s) {
		return nil
	}
	hint := config.DidYouMean(strings.ToLower(s), words)
	if hint == "" {
		hint = theServices()
	}
	return config.Hinted("there is no service "+strconv.Quote(s), text.Advise("%s", hint))
}

func theServices() string {
	return "the services are " + strings.Join(dyndns2Words(), ", ") + ", and url for any other"
}

// oneLine refuses what can be sent in no header.
func oneLine(s string) error {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return config.Hinted("it has a line break or another control character in it", "copy it alone, in one line")
	}
	return nil
}

// complaint is what is wrong with an account: with a setting, or with the lack of it.
type complaint struct {
	key, reason, hint string
	missing           bool
}

// checkDyndns2 wants what the service needs, and nothing that it has no use for.
func checkDyndns2(c config.Credential) {
	dyndns2API().check(c)
	var wrong *complaint
	switch service := c.Text("service"); service {
	case "":
		wrong = &complaint{"service", "it is not set, and only you know where your names are", theServices() + ": " + c.ToSet("service", "no-ip"), true}
	case dyndns2.ByURL:
		if wrong = wrongByURL(c); wrong == nil {
			tellPlain(c)
		}
	default:
		wrong = wrongByName(c, service)
	}
	switch {
	case wrong == nil:
	case wrong.missing:
		c.Missing(wrong.key, wrong.reason, wrong.hint)
	default:
		c.Wrong(wrong.key, wrong.reason, wrong.hint)
	}
}

// wrongByName looks at the credential of a service.
func wrongByName(c config.Credential, service string) *complaint {
	for _, key := range []string{"url", "method", "headers", "body", "good", "bad"} {
		if c.Text(key) != "" {
			return &complaint{key, "it is for the service url, and this one is " + service, "take it away, or set " + c.ToSet("service", dyndns2.ByURL), false}
		}
	}
	all := dyndns2.Kinds()
	i := slices.IndexFunc(all, func(k dyndns2.Kind) bool { return k.Word == service })
	if i < 0 {
		return nil
	}
	k, user, password, token := &all[i], c.Text("username"), c.Text("password"), c.Text("token")
	none := password == "" && token == ""
	const unset = "it is not set, and without it no record can be changed"
	switch {
	case password != "" && token != "":
		return &complaint{"token", c.Name("password") + " is set as well", "take one of them away", false}
	case k.Token && none:
		return &complaint{"token", unset, "copy it from your page at " + k.Name + ", then: " + c.ToSet("token", "…"), true}
	case k.Token && user != "":
		return &complaint{"username", k.Name + " has none", "take it away", false}
	case none:
		return &complaint{"password", unset, "take the password, or the key for updates, that " + k.Name + " has for you, then: " + c.ToSet("password", "…"), true}
	case !k.Token && !k.Userless && user == "":
		return &complaint{"username", "it is not set, and " + k.Name + " asks for one", "write it: " + c.ToSet("username", "…"), true}
	case k.OneName && c.Names() > 1:
		return &complaint{"service", "an account at " + k.Name + " is for one name, and here are several", "make an account for each of them", false}
	}
	return nil
}

// tellPlain tells of an address that everyone on the way can read. Only its host is
// no secret.
func tellPlain(c config.Credential) {
	u, err := url.Parse(c.Text("url"))
	if err != nil || dyndns2.CheckURL(c.Text("url"), true) != nil || dyndns2.CheckURL(c.Text("url"), false) == nil {
		return // which was told of, or it is https or of this machine
	}
	c.Notice(c.Name("url") + " is plain http, so everyone on the way to " + u.Host + " can read it; " + c.Name(config.AllowHTTP) + " allows it")
}

// wrongByURL looks at an account whose address the person writes.
func wrongByURL(c config.Credential) *complaint {
	address := c.Text("url")
	all := address + c.Text("headers") + c.Text("body")
	switch {
	case address == "":
		return &complaint{"url", "it is not set, and only you know it", "write it: " + c.ToSet("url", dyndns2.ExampleURL), true}
	case c.Text(config.BaseURL) != "":
		return &complaint{config.BaseURL, "the service url has its address in " + c.Name("url"), "take it away", false}
	case dyndns2.CheckURL(address, true) == nil && dyndns2.CheckURL(address, allows(c.Text(config.AllowHTTP))) != nil:
		return &complaint{"url", "it must begin with https://, or everyone on the way can read it; http:// is only for this machine itself",
			"use https; or, at a private address, where you trust everybody on the way: " + c.ToSet(config.AllowHTTP, "true"), false}
	case !strings.Contains(all, "{ipv4}") && !strings.Contains(all, "{ipv6}"):
		return &complaint{"url", "it says no address, so that the service would take that of the connection", "put {ipv4} into it, and {ipv6} where there is one", false}
	case !strings.Contains(all, "{name}") && c.Names() > 1:
		return &complaint{"url", "it does not say of which name it is, and there are several", "put {name} into it, or make an account for each name", false}
	}
	return nil
}
