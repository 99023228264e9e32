package dialect

import (
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
)

// oznu/cloudflare-ddns (shell, archived 2021) is a container that keeps one
// record and is set by its environment. Of API_KEY, ZONE and SUBDOMAIN the
// _FILE wins where the file is there.
//
//	variable           default      here
//	API_KEY, EMAIL                  accounts.default.token; with EMAIL it is a key
//	ZONE, SUBDOMAIN                 records[0].name, .zone
//	RRTYPE             A            records[0].types
//	PROXIED                         record_defaults.proxied, enforced
//	DELETE_ON_STOP     false        policy.delete_on_stop
//	CUSTOM_LOOKUP_CMD               detect.ipv4.sources: exec:sh -c …
//	INTERFACE                       detect.ipv4.sources: local.iface.first:…, private ones too
//	DNS_SERVER         1.1.1.1      nothing: homing asks over HTTPS
//	CRON               */5 * * * *  schedule.every
//	CF_API                          accounts.default.base_url
//	TZ                              schedule.time_zone
//	PUID, PGID                      nothing
//
// It creates the record where it is missing, with an automatic TTL.

func ofOznu(in *Input) string {
	for _, key := range []string{"API_KEY", "API_KEY_FILE"} {
		for _, zone := range []string{"ZONE", "ZONE_FILE"} {
			if in.Env(key) != "" && in.Env(zone) != "" {
				return key + " and " + zone + " are set"
			}
		}
	}
	return ""
}

func readOznu(r *reader) {
	r.Draft.Names = map[string]string{
		"accounts.default.token": "API_KEY", "accounts.default.key": "API_KEY", "accounts.default.email": "EMAIL",
		"records": "ZONE", "detect.ipv4.sources": "INTERFACE", "detect.ipv6.sources": "INTERFACE",
		"schedule.every": "CRON", "policy.delete_on_stop": "DELETE_ON_STOP", "record_defaults.proxied": "PROXIED",
	}
	r.oznuCredential()
	r.oznuRecord()
	r.oznuProxied()
	if on, set := r.exactly("policy.delete_on_stop", "DELETE_ON_STOP"); set {
		r.set("policy.delete_on_stop", on, config.Variable("DELETE_ON_STOP"))
	}
	r.oznuSources()
	if !r.take("schedule.every", "CRON") {
		r.set("schedule.every", "*/5 * * * *", r.implied())
	}
	r.take("accounts.default.base_url", "CF_API")
	r.set("record_defaults.leftovers", "keep", r.implied())
	for _, name := range []string{"PUID", "PGID"} {
		if r.in.Env(name) != "" {
			r.notice("%s has no effect", name)
		}
	}
	r.tellUnread(r.Why)
	r.takeOwn("CLOUDFLARE_BASE_URL", "TZ")
}

// oznuCredential takes API_KEY for a token, or beside EMAIL for a key, unless it
// shows that it is a token all the same.
func (r *reader) oznuCredential() {
	path := "accounts.default.token"
	file, wins := r.fileWins("API_KEY")
	text := r.in.Env("API_KEY")
	if wins {
		data, _ := r.in.read(file) // what is wrong with it is told where it is used
		text, _ = config.CutComment(strings.TrimSpace(string(data)))
	}
	switch email := r.in.Env("EMAIL") != ""; {
	case email && isToken(text):
		r.tokenForKey("API_KEY", "EMAIL")
	case email:
		r.take("accounts.default.email", "EMAIL")
		path = "accounts.default.key"
	}
	if wins {
		r.set(path+"_file", file, config.Variable("API_KEY_FILE"))
	} else if !r.take(path, "API_KEY") {
		r.Draft.Wrong("accounts.default.token", config.Variable("API_KEY"), "", "it is not set, and without it no record can be changed",
			"create a token at https://dash.cloudflare.com/profile/api-tokens with the template \"Edit zone DNS\", and set API_KEY to it")
	}
}

// oznuRecord puts SUBDOMAIN before ZONE; without it the record is the zone's
// own.
func (r *reader) oznuRecord() {
	t := dns.A
	switch text := r.in.Env("RRTYPE"); {
	case strings.EqualFold(text, string(dns.AAAA)):
		t = dns.AAAA
	case text != "" && !strings.EqualFold(text, string(dns.A)):
		r.Draft.Wrong("records", config.Variable("RRTYPE"), text, "homing keeps no records of this type", "the types are A and AAAA")
	}
	zone, o, readable := r.oneOf("ZONE", "records")
	sub, at, known := r.oneOf("SUBDOMAIN", "records")
	if !readable || !known {
		return
	}
	named := r.isZone(zone, o)
	if !named {
		zone = "example.org" // what stands before it is looked at all the same
	}
	var record string
	switch {
	case sub == "" || sub == "@":
		record = r.Draft.Record(zone, o, t)
	case below(sub, zone):
		record = r.Draft.Record(strings.TrimSuffix(sub, "."), at, t)
	case strings.HasSuffix(sub, ".") && strings.Contains(strings.TrimSuffix(sub, "."), "."):
		r.Draft.Wrong("records", at, sub, "with a dot at its end it is a whole name, and not in the zone "+zone, "leave that dot out if it is meant to stand before the zone")
		return
	default:
		record = r.Draft.Record(strings.TrimSuffix(sub, ".")+"."+zone, at, t)
		r.Draft.Said(record+".name", sub, "write what stands before the zone, such as home")
	}
	if named {
		r.set(record+".zone", zone, o)
	}
}

// below reports whether a name is whole already: the zone's own, or one that
// ends in it.
func below(text, zone string) bool {
	name, bad := dns.ParseName(text)
	z, err := dns.ParseName(zone)
	return bad == nil && err == nil && name.IsWithin(z)
}

// isZone reports whether a zone can be one; where not that is a problem of ZONE.
func (r *reader) isZone(zone string, o *config.Origin) bool {
	_, err := dns.ParseName(zone)
	switch inFile := o.Name == "ZONE_FILE"; {
	case err == nil:
		return true
	case zone == "" && inFile:
		r.Draft.Wrong("records", o, "", "the file is empty", "write the zone into it, such as example.org")
	case zone == "":
		r.Draft.Wrong("records", o, "", "there is no zone", "set ZONE to it, such as ZONE=example.org")
	case inFile:
		r.Draft.Wrong("records", o, zone, err.Error(), "write the name of the zone into the file, and nothing else")
	default:
		r.Draft.Wrong("records", o, zone, err.Error(), "write the name of the zone, such as example.org")
	}
	return false
}

func (r *reader) oznuProxied() {
	on, set := r.exactly("record_defaults.proxied", "PROXIED")
	if !set {
		r.notice("PROXIED is not set, so an existing record keeps its proxy; oznu/cloudflare-ddns turns it off")
		return
	}
	r.set("record_defaults.proxied", on, config.Variable("PROXIED"))
	r.set("policy.enforce", "proxied", config.Variable("PROXIED"))
}

// exactly reads a variable that is the word true or the word false. The
// predecessor takes every other word for false; homing asks what is meant.
func (r *reader) exactly(path, variable string) (word string, set bool) {
	word = r.in.Env(variable)
	if word != "" && word != "true" && word != "false" {
		r.Draft.Wrong(path, config.Variable(variable), word, r.Title+" takes only the word true for yes, and this for no", "write true or false")
		return "", true
	}
	return word, word != ""
}

// oznuSources reads how the address is found: by a command, else on an
// interface, else as homing does it.
func (r *reader) oznuSources() {
	sources := "detect.ipv4.sources"
	if strings.EqualFold(r.in.Env("RRTYPE"), string(dns.AAAA)) {
		sources = "detect.ipv6.sources"
	}
	command, name := r.in.Env("CUSTOM_LOOKUP_CMD"), r.in.Env("INTERFACE")
	switch {
	case command != "":
		r.Draft.SetList(sources, []string{"exec:sh -c " + quoted(command)}, config.Variable("CUSTOM_LOOKUP_CMD"))
	case name != "":
		r.Draft.SetList(sources, []string{"local.iface.first:" + name}, config.Variable("INTERFACE"))
		r.Draft.Said(sources+"[0]", name, "set it to an interface of this machine that is up")
		r.Draft.SetList("detect.allow", []string{"private", "cgnat", "ula"}, config.Variable("INTERFACE"))
	}
	if command != "" && name != "" {
		r.notice("INTERFACE is not read, because CUSTOM_LOOKUP_CMD goes before it")
	}
	if r.in.Env("DNS_SERVER") != "" {
		r.notice("DNS_SERVER is not read: homing asks over HTTPS, whose answers nobody on the way can forge")
	}
}

// quoted is s as one word for a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
