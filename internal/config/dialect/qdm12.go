package dialect

import (
	"errors"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
)

// The config.json of qdm12/ddns-updater has a list settings, each of one host
// and one or several names. Source: docs/*.md there, as of 2026-11-29.
//
//	provider, its credential        accounts.*
//	domain, host (also owner)       records[].name: host has commas between several, @ is the domain
//	ip_version                      records[].types
//	ttl, proxied, zone_identifier   records[].ttl, proxied, zone_id

// isQDM12 says whether a file has settings in it as ddns-updater has them.
func (in *Input) isQDM12(path string) bool {
	data, err := in.read(path)
	if err != nil || len(data) > maxArrival || !strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(string(data), "\ufeff"), " \t\r\n"), "{") {
		return false
	}
	f, err := parseJSON(path, data)
	if err != nil {
		return false
	}
	all := f.root.field("settings")
	return all != nil && all.kind == jsonArray && f.root.field("cloudflare") == nil
}

func readQDM12(a *arrival, path string, data []byte) {
	f, err := parseJSON(path, data)
	if bad, ok := errors.AsType[*jsonError](err); ok {
		a.draft.Wrong("", f.origin("config.json", bad.at), "", bad.reason, bad.hint)
		return
	}
	all := f.root.field("settings")
	if all == nil || all.kind != jsonArray {
		a.draft.Wrong("", f.origin("settings", f.root.start), "", "there is no list of settings in it", "is it the config.json of ddns-updater?")
		return
	}
	for _, n := range all.items {
		(&qdmSetting{a, f, n}).read()
	}
}

// qdmSetting is one of the settings.
type qdmSetting struct {
	a *arrival
	f *jsonFile
	n *node
}

// get is the text of a key; empty where it is not there, or is no value.
func (q *qdmSetting) get(key string) string {
	if v := q.n.field(key); v != nil && v.kind != jsonNull {
		return strings.TrimSpace(v.text)
	}
	return ""
}

func (q *qdmSetting) first(keys ...string) string {
	for _, key := range keys {
		if text := q.get(key); text != "" {
			return text
		}
	}
	return ""
}

func (q *qdmSetting) at(key string) *config.Origin {
	at := q.n.start
	if v := q.n.field(key); v != nil {
		at = v.start
	}
	return q.f.origin(key, at)
}

// names are those it is for, whole. Since 2.6 domain may hold them whole, with
// commas between, and there is no host.
func (q *qdmSetting) names() (names []string) {
	host, domain := q.first("host", "owner"), q.get("domain")
	if host == "" {
		for d := range strings.SplitSeq(domain, ",") {
			names = append(names, wholeName(d, ""))
		}
		return names
	}
	for h := range strings.SplitSeq(host, ",") {
		names = append(names, wholeName(h, domain))
	}
	return names
}

func (q *qdmSetting) types() []dns.Type {
	switch q.get("ip_version") {
	case "ipv4":
		return []dns.Type{dns.A}
	case "ipv6":
		return []dns.Type{dns.AAAA}
	}
	return []dns.Type{dns.A, dns.AAAA}
}

func (q *qdmSetting) read() {
	for _, name := range q.names() {
		if name == "" {
			q.a.leave("an entry for "+q.get("provider"), "it has no name")
			continue
		}
		k := keptName{name: name, at: q.at("domain"), types: q.types()}
		var why string
		if k.host, why = q.host(); why != "" {
			q.a.leave(name, why)
			continue
		}
		if k.host.word != "dyndns2" {
			k.attrs = append(ttlOf(q.get("ttl"), q.at("ttl")), q.ofCloudflare()...)
		}
		if q.get("ipv6_suffix") != "" {
			q.a.leave(name, "ipv6_suffix is not read; records[].ipv6_host says which host it is")
		}
		q.a.keep(k)
	}
}

// ofCloudflare is what only a record at Cloudflare has.
func (q *qdmSetting) ofCloudflare() (attrs []said) {
	if q.get("provider") != "cloudflare" {
		return nil
	}
	if id := strings.ToLower(q.get("zone_identifier")); isID(id) {
		attrs = append(attrs, said{"zone_id", id, q.at("zone_identifier")})
	}
	if p := q.get("proxied"); p == "true" || p == "false" {
		attrs = append(attrs, said{"proxied", p, q.at("proxied")})
	}
	return attrs
}

// host is the account of one of the settings; why says that there is none.
func (q *qdmSetting) host() (h *placeOf, why string) {
	switch p := strings.ToLower(q.get("provider")); p {
	case "cloudflare":
		if q.get("user_service_key") != "" {
			return nil, "a user service key is a credential that homing does not take; make an API token"
		}
		return q.a.host("cloudflare", p, false, cloudflareBy(q.get("token"), q.get("key"), q.get("email"), q.at)...), ""
	case "powerdns":
		if id := q.get("server_id"); id != "" && id != "localhost" {
			return nil, "server_id is " + shortened(id) + ", and homing speaks to localhost alone"
		}
		plain := ""
		if strings.HasPrefix(q.get("server_url"), "http://") {
			plain = "true"
		}
		return q.a.host("powerdns", p, false, said{"token", q.get("api_key"), q.at("api_key")},
			said{config.BaseURL, q.get("server_url"), q.at("server_url")}, said{config.AllowHTTP, plain, q.at("server_url")}), ""
	case "rfc2136":
		return q.a.host("rfc2136", "nameserver", false, said{"server", q.get("server"), q.at("server")}, said{"zone", q.get("zone"), q.at("zone")},
			said{"key_name", q.get("tsig_key_name"), q.at("tsig_key_name")}, said{"algorithm", q.get("tsig_algorithm"), q.at("tsig_algorithm")},
			said{"secret", q.get("tsig_secret"), q.at("tsig_secret")}), ""
	case "custom":
		return q.custom()
	case "ovh":
		if q.get("mode") == "api" {
			return nil, "homing does not know OVH's API; make a DynHost identifier"
		}
	}
	known := elsewhereCalled(q.get("provider"))
	if known == nil {
		return nil, "homing does not know the host " + shortened(q.get("provider"))
	}
	password := q.first("password", "token", "client_key")
	key := "password"
	if q.get("password") == "" {
		key = "token"
	}
	return q.a.service(known, q.first("username", "user"), password, func(setting string) *config.Origin {
		if setting == "username" {
			return q.at("username")
		}
		return q.at(key)
	}), ""
}

// custom is an address of the person's own, to which the addresses are added.
func (q *qdmSetting) custom() (h *placeOf, why string) {
	u, err := url.Parse(q.get("url"))
	if err != nil || u.Host == "" {
		return nil, "its url is none"
	}
	places := ""
	types := q.types()
	if types[0] == dns.A {
		places += "&" + q.get("ipv4key") + "={ipv4}"
	}
	if types[len(types)-1] == dns.AAAA {
		places += "&" + q.get("ipv6key") + "={ipv6}"
	}
	if u.RawQuery == "" {
		places = "?" + strings.TrimPrefix(places, "&")
	}
	h = q.a.host("dyndns2", "custom", true, said{"service", "url", q.at("provider")},
		said{"url", q.get("url") + places, q.at("url")}, said{"good", q.get("success_regex"), q.at("success_regex")})
	h.tell = "what url was, with " + places + " behind it"
	return h, ""
}
