package dialect

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
)

// The .ddns_go_config.yaml of ddns-go has a list dnsconf, before version 5 one
// such entry alone. Source: config/config.go, config/domains.go and the README of
// jeessy2/ddns-go, as of 2026-11-29.
//
//	dns.name, dns.secret (dns.id)     accounts.*: cloudflare, namecheap, callback
//	ipv4.domains, ipv6.domains        records[].name: www:example.org, or www.example.org
//	ipv4.gettype, ipv4.netinterface   detect.ipv4.sources
//	ttl                               records[].ttl

func readDDNSGo(a *arrival, _ string, data []byte) {
	texts, err := config.YAMLTexts(string(data))
	if err != nil {
		a.draft.Wrong("", originOf(a.path), "", err.Error(), "is it the file of ddns-go?")
		return
	}
	y := goFile{a: a, at: make(map[string]config.YAMLText)}
	for _, t := range texts {
		y.at[t.Path] = t
	}
	if y.get("dns.name") != "" {
		y.entry("")
	}
	for i := 0; ; i++ {
		entry := fmt.Sprintf("dnsconf[%d].", i)
		if _, there := y.at[entry+"dns.name"]; !there {
			return
		}
		y.entry(entry)
	}
}

// goFile is the file, by paths.
type goFile struct {
	a    *arrival
	at   map[string]config.YAMLText
	from [2]string // where the addresses of a family come from; empty: no entry was read
}

func (y *goFile) get(path string) string { return strings.TrimSpace(y.at[path].Text) }

func (y *goFile) origin(path string) *config.Origin {
	return y.a.at(path, max(y.at[path].Line, 1))
}

// entry reads one of the entries, whose paths begin so.
func (y *goFile) entry(of string) {
	for i, t := range []dns.Type{dns.A, dns.AAAA} {
		family := of + []string{"ipv4.", "ipv6."}[i]
		if y.get(family+"enable") != "true" {
			continue
		}
		y.source(i, family)
		if y.get(family+"ipv6reg") != "" {
			y.a.leave(family+"ipv6reg", "homing takes the addresses that may be published; see docs/settings.md")
		}
		for n := 0; ; n++ {
			path := fmt.Sprintf("%sdomains[%d]", family, n)
			if _, there := y.at[path]; !there {
				break
			}
			y.name(of, path, t)
		}
	}
}

// name reads one of the domains.
func (y *goFile) name(of, path string, t dns.Type) {
	whole, query, _ := strings.Cut(y.get(path), "?")
	label, zone, apart := strings.Cut(whole, ":")
	name := wholeName(whole, "")
	if apart {
		name = wholeName(label, zone)
	}
	if name == "" {
		return
	}
	host, why := y.host(of, t)
	if why != "" {
		y.a.leave(name, why)
		return
	}
	k := keptName{name: name, at: y.origin(path), types: []dns.Type{t}, host: host}
	if host.word == "cloudflare" {
		k.attrs = ttlOf(y.get(of+"ttl"), y.origin(of+"ttl"))
		if said, err := url.ParseQuery(query); err == nil && (said.Get("proxied") == "true" || said.Get("proxied") == "false") {
			k.attrs = append(k.attrs, saidOf("proxied", said.Get("proxied"), k.at))
		}
	}
	y.a.keep(k)
}

func saidOf(key, text string, at *config.Origin) said { return said{key, text, at} }

// host is the account of an entry, for records of this type.
func (y *goFile) host(of string, t dns.Type) (h *placeOf, why string) {
	name, id, secret := strings.ToLower(y.get(of+"dns.name")), y.get(of+"dns.id"), y.get(of+"dns.secret")
	at := y.origin(of + "dns.secret")
	switch name {
	case "cloudflare":
		return y.a.host(name, name, false, said{"token", secret, at}), ""
	case "namecheap":
		if t == dns.AAAA {
			return nil, "Namecheap takes no IPv6 addresses"
		}
		return y.a.service(elsewhereCalled(name), "", secret, func(string) *config.Origin { return at }), ""
	case "callback":
		place := "{ipv4}"
		if t == dns.AAAA {
			place = "{ipv6}"
		}
		ttl := y.get(of + "ttl")
		if ttl == "" {
			ttl = "600"
		}
		fill := strings.NewReplacer("#{ip}", place, "#{domain}", "{name}", "#{recordType}", string(t), "#{ttl}", ttl)
		method := ""
		if secret != "" {
			method = "POST"
		}
		if !strings.Contains(id+secret, "#{ip}") {
			return nil, "its callback says no address, and homing says one"
		}
		h = y.a.host("dyndns2", "callback", !strings.Contains(id+secret, "#{domain}"), said{"service", "url", at}, said{"url", fill.Replace(id), y.origin(of + "dns.id")},
			said{"method", method, at}, said{"body", fill.Replace(secret), at}, said{"good", "^", originOf(y.a.title)})
		h.tell = "what dns.id was, and body what dns.secret was, with {name} for #{domain}, " + place + " for #{ip}, " + string(t) + " for #{recordType} and " + shortened(ttl) + " for #{ttl}"
		return h, ""
	case "dynv6", "desec":
		return nil, "homing knows this host by its update address: write its account by hand (docs/hosts/dyndns2.md)"
	}
	return nil, "homing does not know the host " + shortened(name)
}

// source sets where the addresses of a family come from: what the first entry says.
func (y *goFile) source(i int, family string) {
	path := []string{"detect.ipv4.sources", "detect.ipv6.sources"}[i]
	iface, kind := "", y.get(family+"gettype")
	if strings.EqualFold(kind, "netInterface") {
		iface = y.get(family + "netinterface")
	}
	from := strings.ToLower(kind) + " " + iface
	if y.from[i] == "" {
		y.from[i] = from
	} else {
		if y.from[i] != from && kind != "" {
			y.a.leave(family+"gettype="+kind, "the names of all entries get the addresses that the first one says; for others see docs/sites.md")
		}
		return
	}
	switch {
	case iface != "":
		y.a.draft.Set(path, "local.iface:"+iface, y.origin(family+"netinterface"))
	case kind != "":
		y.a.leave(family+"gettype="+kind, "homing asks its own sources, of which more than half must agree ("+path+")")
	}
}
