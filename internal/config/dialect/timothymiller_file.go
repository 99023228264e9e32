package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
)

// The config.json of timothymiller/cloudflare-ddns stands in the folder
// CONFIG_PATH, or here:
//
//	cloudflare[].authentication                accounts.*: one for each credential
//	            .zone_id                       records[].zone_id
//	            .subdomains[]                  records[]: relative to the zone, "" and "@" are the apex
//	            .proxied                       records[].proxied, enforced where it is set
//	a, aaaa              true                  records[].types
//	purgeUnknownRecords  false                 record_defaults.leftovers
//	ttl                  300                   record_defaults.ttl, enforced where it is set; schedule.every with --repeat
//	ip4_provider         cloudflare.trace      detect.ipv4.sources
//
// Without --repeat it makes one round. In texts $CF_DDNS_NAME and
// ${CF_DDNS_NAME} stand for variables; there they are put into the file before
// it is read, here into texts after it was, so that no value can change what
// the file says.

// substitutes are the variables that can stand in the file.
func (in *Input) substitutes() (names []string) {
	for _, e := range in.Environ {
		if name, text, _ := strings.Cut(e, "="); strings.HasPrefix(name, "CF_DDNS_") && text != "" {
			names = append(names, name)
		}
	}
	return names
}

// legacy reads a config.json.
type legacy struct {
	*reader
	file     *jsonFile
	accounts []credential
	records  []legacyRecord
	ttl      bool // it is set
}

// credential is what an account is told by.
type credential struct{ name, token, key, email string }

// legacyRecord is one of the subdomains.
type legacyRecord struct {
	name, zone, account string
	proxied             *node // nil: not set
	at                  *config.Origin
}

func (r *reader) legacy(path string, repeat bool) {
	r.Once = !repeat
	r.Draft.Names = map[string]string{"accounts.default.token": "authentication.api_token", "accounts.default.key": "authentication.api_key", "accounts.default.email": "authentication.api_key.account_email",
		"records": "subdomains", "schedule.every": "ttl"}
	if f := r.jsonAt(path, "config.json", "JSON has no comments and no comma behind its last line; $CF_DDNS_… stands in double quotes"); f != nil {
		l := &legacy{reader: r, file: f}
		l.read(repeat)
	}
	r.tellUnread("config.json is", "PROXIED", "TTL", "RECORD_COMMENT")
	r.takeOwn("TZ", "SHOUTRRR", "SHOUTRRR_FILE", "HEALTHCHECKS", "UPTIMEKUMA")
}

func (l *legacy) read(repeat bool) {
	root := l.file.root
	zones := root.field("cloudflare")
	l.file.showOnly("cloudflare", "authentication", "account_email", "zone_id", "subdomains", "name", "proxied",
		"a", "aaaa", "purgeUnknownRecords", "ttl", "ip4_provider", "ip6_provider")
	l.substitute(root, "")
	l.tellUnknown(root, "", "cloudflare", "a", "aaaa", "purgeUnknownRecords", "ttl", "ip4_provider", "ip6_provider")
	l.schedule(root.field("ttl"), repeat)
	l.provider(root, "ip4_provider", "detect.ipv4.sources")
	l.provider(root, "ip6_provider", "detect.ipv6.sources")
	l.purge(l.boolean(root, "", "purgeUnknownRecords"))
	if zones == nil || zones.kind != jsonArray || len(zones.items) == 0 {
		l.wrong("", "cloudflare", orElse(zones, root), "there are no zones in the file", "write a list of zones, each with authentication, zone_id and subdomains")
		return
	}
	for i, z := range zones.items {
		l.zone(z, fmt.Sprintf("cloudflare[%d]", i))
	}
	l.write()
}

// wrong reports what stands at n, or is missing in it.
func (l *legacy) wrong(path, name string, n *node, reason, hint string) {
	l.Draft.Wrong(path, l.file.origin(name, n.start), "", reason, hint)
}

// schedule reads the TTL, which is the interval too.
func (l *legacy) schedule(n *node, repeat bool) {
	ttl, o := 300, l.implied()
	if n != nil && n.kind != jsonNull {
		o = l.file.origin("ttl", n.start)
		t, err := strconv.Atoi(n.text)
		if err != nil || t > mostSeconds || n.kind != jsonNumber && n.kind != jsonText {
			l.wrong("record_defaults.ttl", "ttl", n, "it is not a whole number, or too large a one", "write a number of seconds, such as 300")
			return
		}
		ttl, l.ttl = t, true
	}
	every := ttl
	if ttl < 30 {
		ttl, every = 1, 300
		if repeat {
			l.notice("ttl is less than 30: the TTL is left to Cloudflare and the interval is 5 minutes, not a second")
		}
	}
	l.set("record_defaults.ttl", strconv.Itoa(ttl), o)
	if repeat {
		l.set("schedule.every", fmt.Sprintf("@every %ds", every), o)
	} else {
		l.oneShot()
	}
}

// zone reads one of the zones.
func (l *legacy) zone(z *node, name string) {
	if z.kind != jsonObject {
		l.wrong("records", name, z, "this is no zone", "write an object with authentication, zone_id and subdomains")
		return
	}
	l.tellUnknown(z, name+".", "authentication", "zone_id", "subdomains", "proxied")
	account := l.account(z, name)
	id, subs := z.field("zone_id"), z.field("subdomains")
	switch {
	case id != nil && id.unset: // which is told
		return
	case id == nil || id.kind != jsonText:
		l.wrong("records", name+".zone_id", orElse(id, z), "it is not there", "write the id that the zone's Overview page shows, in double quotes")
		return
	case !isID(id.text):
		l.Draft.Wrong("records", l.file.origin(name+".zone_id", id.start), id.text, "this is no zone id",
			"a zone id is the 32 characters that the zone's Overview page shows, not its name")
		return
	case subs == nil || subs.kind != jsonArray:
		l.wrong("records", name+".subdomains", orElse(subs, z), "it is not there", "write a list such as [\"\", \"home\"]; \"\" is the zone itself")
		return
	}
	for i, s := range subs.items {
		l.subdomain(s, fmt.Sprintf("%s.subdomains[%d]", name, i), legacyRecord{zone: strings.ToLower(id.text), account: account, proxied: l.boolean(z, name+".", "proxied")})
	}
}

// subdomain reads one of the subdomains: a text, or a name and proxied.
func (l *legacy) subdomain(s *node, name string, rec legacyRecord) {
	text := s
	if s.kind == jsonObject {
		l.tellUnknown(s, name+".", "name", "proxied")
		text = s.field("name")
		if p := l.boolean(s, name+".", "proxied"); p != nil {
			rec.proxied = p
		}
	}
	if text == nil || text.kind != jsonText {
		l.wrong("records", name, orElse(text, s), "it has no name", "write a name such as \"home\", or \"\" for the zone itself")
		return
	}
	rec.name = strings.ToLower(strings.TrimSpace(text.text))
	if rec.name == "" {
		rec.name = "@"
	}
	rec.at = l.file.origin(name, text.start)
	l.records = append(l.records, rec)
}

// write makes records of the subdomains.
func (l *legacy) write() {
	a, aaaa := l.boolean(l.file.root, "", "a"), l.boolean(l.file.root, "", "aaaa")
	var types []dns.Type
	if a == nil || a.text == "true" {
		types = append(types, dns.A)
	}
	if aaaa == nil || aaaa.text == "true" {
		types = append(types, dns.AAAA)
	}
	if len(types) == 0 {
		l.wrong("records", "a", a, "with aaaa it is false, so there is nothing to do", "set one of the two to true")
		return
	}
	var paths []string
	for _, rec := range l.records {
		p := l.Draft.Record(rec.name, rec.at, types...)
		l.set(p+".relative", "true", rec.at)
		l.set(p+".zone_id", rec.zone, rec.at)
		if len(l.accounts) > 1 {
			l.set(p+".account", rec.account, rec.at)
		}
		if rec.proxied != nil {
			l.set(p+".proxied", rec.proxied.text, rec.at)
		}
		paths = append(paths, p)
	}
	l.enforce(paths)
	if len(l.records) == 0 && len(l.Draft.Problems) == 0 {
		l.wrong("records", "subdomains", l.file.root, "there is none in the file, so there is nothing to keep pointing home", "write a list such as [\"\", \"home\"]")
	}
}

// enforce has existing records brought to what is set for them. What is the
// same for all stands in the policy.
func (l *legacy) enforce(paths []string) {
	attributes := func(rec legacyRecord) (names []string) {
		if rec.proxied != nil {
			names = append(names, "proxied")
		}
		if l.ttl {
			names = append(names, "ttl")
		}
		return names
	}
	said := func(rec legacyRecord) bool { return rec.proxied != nil }
	silent := func(rec legacyRecord) bool { return rec.proxied == nil }
	if slices.ContainsFunc(l.records, said) && slices.ContainsFunc(l.records, silent) {
		for i, rec := range l.records {
			l.Draft.SetList(paths[i]+".enforce", attributes(rec), rec.at)
		}
	} else if len(l.records) > 0 && len(attributes(l.records[0])) > 0 {
		l.Draft.SetList("policy.enforce", attributes(l.records[0]), l.implied())
	}
}

func (l *legacy) provider(root *node, key, path string) {
	n := root.field(key)
	if n == nil || n.kind == jsonNull || n.text == "" {
		return
	}
	o := l.file.origin(key, n.start)
	text := l.reader.provider(key, n.text, key == "ip4_provider")
	first, _, several := strings.Cut(text, ",")
	switch {
	case strings.HasPrefix(text, "literal:") && several:
		l.notice("%s: only the first address counts, as it ever did in a config.json", key)
		text = first
	case strings.HasPrefix(text, "local.iface:"):
		text = strings.Replace(text, "local.iface:", "local.iface.first:", 1) // one address, as it ever was in a config.json
	}
	l.set(path, text, o)
}

// purge reads whether more than is wanted is removed. homing does that at the
// names it keeps, and nowhere else.
func (l *legacy) purge(n *node) {
	if n == nil || n.text != "true" {
		l.set("record_defaults.leftovers", "keep", l.implied())
		return
	}
	l.set("record_defaults.leftovers", "remove", l.file.origin("purgeUnknownRecords", n.start))
	l.notice("purgeUnknownRecords: further A and AAAA records at the names of this file are removed")
	l.notice("purgeUnknownRecords: those at other names are not homing's and stay; no setting would delete them")
}

func orElse(n, other *node) *node {
	if n == nil {
		return other
	}
	return n
}
