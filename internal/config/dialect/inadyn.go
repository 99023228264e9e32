package dialect

import (
	"regexp"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
)

// An inadyn.conf has settings, and sections: provider NAME { … } of a service
// that inadyn knows, and custom NAME { … } of any other. Source: the README, the
// examples and the manual page inadyn.conf(5), as of 2026-11-29.
//
//	username, password         accounts.*; for Cloudflare the zone and a token
//	hostname                   records[].name
//	ttl, proxied               the same of the record
//	allow-ipv6, iface, period  records[].types, detect.*.sources, schedule.every

func readInadyn(a *arrival, _ string, data []byte) {
	p := inadynParser{text: strings.TrimPrefix(string(data), "\ufeff"), line: 1}
	sections := p.sections()
	global := sections[0]
	global.a = a
	for i := range sections[1:] {
		s := &sections[i+1]
		s.a, s.six = a, global.get("allow-ipv6") == "true"
		s.read()
	}
	for _, file := range global.values["include"].texts {
		a.leave(shortened(file), "other files are not read; have each migrated, too")
	}
	a.every(global.get("period"), global.at("period"))
	if iface := global.get("iface"); iface != "" {
		a.draft.Set("detect.ipv4.sources", "local.iface:"+iface, global.at("iface"))
		if global.get("allow-ipv6") == "true" {
			a.draft.Set("detect.ipv6.sources", "local.iface:"+iface, global.at("iface"))
		}
	}
}

// inadynSection is a section, or what stands outside of all.
type inadynSection struct {
	a          *arrival
	kind, name string
	values     map[string]inadynValue
	six        bool // IPv6 is allowed
}

type inadynValue struct {
	texts []string
	line  int
}

func (s *inadynSection) get(key string) string {
	if v := s.values[key]; len(v.texts) > 0 {
		return v.texts[0]
	}
	return ""
}

func (s *inadynSection) at(key string) *config.Origin {
	return s.a.at(key, max(s.values[key].line, 1))
}

// read takes the names of a section over, or says why not.
func (s *inadynSection) read() {
	provider, _, _ := strings.Cut(strings.ToLower(s.name), ":")
	family, service, marked := strings.Cut(provider, "@")
	if !marked {
		service = provider
	}
	types := []dns.Type{dns.A}
	switch {
	case marked && family == "ipv6":
		types = []dns.Type{dns.AAAA}
	case s.six && !(marked && family == "ipv4"):
		types = append(types, dns.AAAA)
	}
	for _, key := range []string{"checkip-server", "checkip-command"} {
		if s.get(key) != "" {
			s.a.leave(key+" of "+s.name, "homing asks its own sources, of which more than half must agree (detect.ipv4.sources)")
		}
	}
	for _, name := range s.values["hostname"].texts {
		host, whole, why := s.host(service, name, types)
		if why != "" {
			s.a.leave(whole, why)
			continue
		}
		k := keptName{name: whole, at: s.at("hostname"), types: types, host: host}
		if host.word == "cloudflare" {
			k.attrs = ttlOf(s.get("ttl"), s.at("ttl"))
			if p := s.get("proxied"); p == "true" || p == "false" {
				k.attrs = append(k.attrs, said{"proxied", p, s.at("proxied")})
			}
		}
		s.a.keep(k)
	}
}

// host is the account of a name, and the name whole; why says that there is none.
func (s *inadynSection) host(service, name string, types []dns.Type) (h *placeOf, whole, why string) {
	user, password := s.get("username"), s.get("password")
	whole = wholeName(name, "")
	if rest, apex := strings.CutPrefix(whole, "@."); apex {
		whole = rest
	}
	under := func(key string) *config.Origin {
		if key == "username" {
			return s.at("username")
		}
		return s.at("password")
	}
	known := elsewhereCalled(service)
	switch {
	case s.kind == "custom":
		h, why = s.custom(types)
	case service == "cloudflare.com":
		h = s.a.host("cloudflare", "cloudflare", false, said{"token", password, s.at("password")})
	case known == nil:
		why = "homing does not know the host " + shortened(s.name)
	case known.word == "freedns":
		why = "at FreeDNS homing takes the token in the update URL of the name, and this is a user and a password (docs/hosts/dyndns2.md)"
	case known.word == "namecheap":
		whole = wholeName(name, user)
		h = s.a.service(known, "", password, under)
	case known.token: // which is the user here
		h = s.a.service(known, "", user, func(string) *config.Origin { return s.at("username") })
	default:
		h = s.a.service(known, user, password, under)
	}
	return h, whole, why
}

// custom is the account at an address of the person's own, in which %h is the
// name, %i the address, %u and %p the credential. Without any of them the name
// stands behind it.
func (s *inadynSection) custom(types []dns.Type) (h *placeOf, why string) {
	path := s.get("ddns-path")
	place := "{ipv4}"
	if types[0] == dns.AAAA {
		place = "{ipv6}"
	} else if len(types) == 2 {
		place = "{ipv4},{ipv6}"
	}
	if !strings.Contains(path, "%") {
		path += "%h"
		if s.get("append-myip") == "true" {
			path = strings.TrimSuffix(path, "%h") + "%i"
		}
	}
	if !strings.Contains(path, "%i") || s.get("ddns-server") == "" {
		return nil, "its update address says no IP address (%i), and homing says one"
	}
	user, password := s.get("username"), s.get("password")
	address := "https://" + s.get("ddns-server") + "/" + strings.TrimPrefix(path, "/")
	address = strings.NewReplacer("%h", "{name}", "%i", place, "%u", user, "%p", password, "%%", "%").Replace(address)
	good := "good|OK|true|updated" // which is what inadyn takes for it
	if answers := s.values["ddns-response"].texts; len(answers) > 0 {
		good = ""
		for _, text := range answers {
			good += "|" + regexp.QuoteMeta(text)
		}
		good = strings.TrimPrefix(good, "|")
	}
	h = s.a.host("dyndns2", "custom", !strings.Contains(path, "%h"), said{"service", "url", s.at("ddns-server")}, said{"url", address, s.at("ddns-path")},
		said{"username", user, s.at("username")}, said{"password", password, s.at("password")}, said{"good", good, s.at("ddns-response")})
	h.tell = "https:// with ddns-server and ddns-path of " + shortened(s.name) + ", {name} for %h, " + place + " for %i, and the user and the password for %u and %p"
	return h, ""
}
