package dialect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/text"
)

// Dynflare (Go, 2019) changes the records it is told of and ends:
//
//	-r provider:zone:type:name  RECORDS             records: several -r, or commas in RECORDS; both add up; the
//	                                                provider is the word of any DNS host there is
//	-cloudflare-email           CLOUDFLARE_EMAIL    accounts.default.email
//	-cloudflare-api-key         CLOUDFLARE_API_KEY  accounts.default.key
//	                            CLOUDFLARE_API_SECRET, of its author's article: see dynflareCredential
//	-dry                                            Reading.DryRun
//	-p                                              the same
//
// It takes the answer most of its sources give, so several are asked here and
// more than half must agree. A TXT record says the IPv4 address and nothing
// else. It leaves out the records behind one that is right
// already, and gives AAAA records IPv4 addresses.

func ofDynflare(in *Input) string {
	_, args := in.split()
	for _, flag := range []string{"r", "p"} {
		if hasFlag(args, flag) {
			return "-" + flag + " is given"
		}
	}
	return in.isSet("RECORDS")
}

func readDynflare(r *reader) {
	r.Draft.Names = map[string]string{
		"accounts.default.token": "CLOUDFLARE_API_TOKEN", "accounts.default.key": "CLOUDFLARE_API_KEY", "accounts.default.email": "CLOUDFLARE_EMAIL",
		"records": "-r",
	}
	hosts := r.dynflareRecords()
	if len(hosts) == 0 || slices.Contains(hosts, r.firstHost()) {
		r.dynflareCredential()
	}
	r.dynflareHosts(hosts)
	r.dynflareSources()
	r.DryRun = r.flag("dry")
	if r.flag("p") {
		r.DryRun = true
		r.notice("-p: the plan for these records is printed, not all records of their zones; nothing is changed")
	}
	if r.flag("h") || r.flag("help") {
		r.args = append(r.args, "--help")
	}
	r.misspelt()
	r.oneShot()
	r.onlyChange()
	r.tellUnread(r.Why)
	r.takeOwn("CLOUDFLARE_BASE_URL", "TZ")
	if said, ok := r.Draft.Get("accounts.default.provider"); ok {
		r.Draft.Remove("accounts.default.provider")
		r.notice("%s is not read, because each record says its host", said.Origin.Name)
	}
}

// misspelt takes flags of a credential out that are none, with what stands
// behind them: homing's command line would show that, and it may be a secret.
func (r *reader) misspelt() {
	for i := 0; i < len(r.args); {
		name, _, joined := cutFlag(r.args[i])
		if !strings.HasPrefix(name, "cloudflare") {
			i++
			continue
		}
		r.Draft.Wrong("accounts.default.key", originOf("-"+name), "", "there is no such flag", "the flags are -cloudflare-email and -cloudflare-api-key")
		end := i + 1
		if !joined && end < len(r.args) && !strings.HasPrefix(r.args[end], "-") {
			end++
		}
		r.args = slices.Delete(slices.Clone(r.args), i, end)
	}
}

// dynflareRecords takes those of RECORDS, and then those of -r. It gives the words
// of their hosts, no two alike.
func (r *reader) dynflareRecords() (hosts []string) {
	n, before := 0, len(r.Draft.Problems)
	ofFirst := make(map[string]*config.Origin)
	add := func(text string, o *config.Origin) {
		n++
		host, zone, name, t, err := parseRecord(r.in.Catalogue, text)
		if err != nil {
			r.Draft.Refuse("records", o, text, err)
			return
		}
		if !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
		record := r.Draft.Record(name.Describe(), o, t)
		r.set(record+".zone", zone.Describe(), o)
		if host != r.firstHost() {
			r.set(record+".account", host, o)
		} else {
			ofFirst[record] = o
		}
		if t == dns.TXT {
			r.set(record+".content", "{ipv4}", r.implied())
		}
	}
	for text := range strings.SplitSeq(r.in.Env("RECORDS"), ",") {
		if text = strings.TrimSpace(text); text != "" {
			add(text, config.Variable("RECORDS"))
		}
	}
	for _, text := range r.values("r", "records") {
		add(text, originOf("-r"))
	}
	if len(hosts) > 1 {
		for _, record := range slices.Sorted(maps.Keys(ofFirst)) {
			r.set(record+".account", config.DefaultAccount, ofFirst[record])
		}
	}
	if n == 0 && len(r.Draft.Problems) == before {
		by, text := originOf("-r"), r.in.Env("RECORDS")
		if text != "" {
			by = config.Variable("RECORDS")
		}
		r.Draft.Wrong("records", by, text, "no record is given, so there is nothing to keep pointing home",
			"write one such as -r cloudflare:example.org:A:home, or set RECORDS to some with commas between")
	}
	return hosts
}

// firstHost is the word of the host whose account is called default.
func (r *reader) firstHost() string { return r.in.Catalogue.Hosts[0].Word }

// dynflareHosts makes an account of each further host, of its customary variables.
// The settings by which an API is reached are of homing's own, and for all.
func (r *reader) dynflareHosts(words []string) {
	for _, h := range r.in.Catalogue.Hosts {
		if h.Word == r.firstHost() || !slices.Contains(words, h.Word) {
			continue
		}
		account := "accounts." + h.Word
		r.set(account+".provider", h.Word, r.implied())
		for _, s := range h.Settings {
			if s.Env == "" {
				continue
			}
			path := account + "." + s.Key
			r.Draft.Names[path] = s.Env
			if !r.take(path, s.Env) && s.File {
				r.take(path+"_file", s.Env+"_FILE")
			}
		}
	}
}

// parseRecord reads a record of Dynflare's:
//
//	record = provider ":" zone ":" type ":" name
//
// The name is relative to the zone, or the whole name in it; "@", nothing and
// the zone's own name are the apex.
func parseRecord(c *config.Catalogue, s string) (host string, zone, name dns.Name, t dns.Type, err error) {
	parts := strings.Split(s, ":")
	if len(parts) != 4 {
		return "", dns.Name{}, dns.Name{}, "", config.Hinted(fmt.Sprintf("a record has four parts with colons between, and this has %d", len(parts)),
			"write provider:zone:type:name, such as cloudflare:example.org:A:home")
	}
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	if err := c.CheckHostOutside(parts[0]); err != nil {
		return "", dns.Name{}, dns.Name{}, "", err
	}
	t = dns.Type(strings.ToUpper(parts[2]))
	if t != dns.A && t != dns.AAAA && t != dns.TXT {
		return "", dns.Name{}, dns.Name{}, "", config.Hinted(fmt.Sprintf("homing keeps no records of the type %.40q", parts[2]), "the types are A, AAAA and TXT")
	}
	zone, err = dns.ParseName(parts[1])
	if err != nil {
		return "", dns.Name{}, dns.Name{}, "", config.Hinted("the zone "+err.Error(), "write the zone as a name such as example.org")
	}
	name, err = nameIn(zone, parts[3])
	return parts[0], zone, name, t, err
}

// nameIn is a name that is written whole or relative to its zone. One that
// ends in a dot is whole.
func nameIn(zone dns.Name, s string) (dns.Name, error) {
	if s == "" || s == "@" {
		return zone, nil
	}
	if whole, err := dns.ParseName(s); err == nil && whole.IsWithin(zone) {
		return whole, nil
	}
	bare := strings.TrimSuffix(s, ".")
	if bare != s && strings.Contains(bare, ".") {
		return dns.Name{}, config.Hinted(fmt.Sprintf("%q is not in the zone %s", s, zone.Describe()), "leave the dot at its end out if it is relative to the zone")
	}
	name, err := dns.ParseName(bare + "." + zone.String())
	if err != nil {
		return dns.Name{}, config.Hinted(err.Error(), text.Advise("write a name such as home, or home.%s", zone.Describe()))
	}
	return name, nil
}

// dynflareCredential finds out what the variables are. With an email beside it
// CLOUDFLARE_API_KEY is the Global key. Its author's article has
// CLOUDFLARE_API_SECRET in place of the email: then the one of the two with an
// "@" is the email and the other the key, or else the secret is a token.
//
// CLOUDFLARE_API_TOKEN, which Dynflare does not know, is used where it is set:
// advice leads there.
func (r *reader) dynflareCredential() {
	email, byEmail := r.flagOr("cloudflare-email", "CLOUDFLARE_EMAIL", "accounts.default.email")
	key, byKey := r.flagOr("cloudflare-api-key", "CLOUDFLARE_API_KEY", "accounts.default.key")
	secret, bySecret := r.in.Env("CLOUDFLARE_API_SECRET"), config.Variable("CLOUDFLARE_API_SECRET")
	switch {
	case secret == "":
	case email != "" && key == "":
		key, byKey, secret = secret, bySecret, ""
	case email != "":
		r.notice("CLOUDFLARE_API_SECRET is not read, because %s and %s are set", byEmail.Name, byKey.Name)
		secret = ""
	case strings.Contains(secret, "@"):
		email, byEmail, secret = secret, bySecret, ""
	case strings.Contains(key, "@"):
		email, byEmail, key, byKey, secret = key, byKey, secret, bySecret, ""
	case key != "":
		r.notice("CLOUDFLARE_API_SECRET is taken for an API token, and %s is not read", byKey.Name)
		key = ""
	}
	token := r.take("accounts.default.token", "CLOUDFLARE_API_TOKEN") || r.take("accounts.default.token_file", "CLOUDFLARE_API_TOKEN_FILE")
	switch {
	case token && secret != "":
		r.notice("CLOUDFLARE_API_SECRET is not read, because there is a CLOUDFLARE_API_TOKEN")
		secret = ""
	case isToken(key) && secret == "" && !token:
		secret, bySecret = key, byKey
		r.tokenForKey(byKey.Name, byEmail.Name)
		key, email = "", ""
	}
	set := func(path, text string, o *config.Origin) {
		if text != "" {
			r.set(path, text, o)
		}
	}
	set("accounts.default.token", secret, bySecret)
	set("accounts.default.key", key, byKey)
	if key == "" && email != "" {
		r.take("accounts.default.key_file", "CLOUDFLARE_API_KEY_FILE")
	}
	set("accounts.default.email", email, byEmail)
	if secret == "" && key == "" && email == "" && !token {
		r.Draft.Wrong("accounts.default.token", config.Variable("CLOUDFLARE_API_KEY"), "", "it is not set, and without a credential no record can be changed",
			"set CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY, or better CLOUDFLARE_API_TOKEN to a token of https://dash.cloudflare.com/profile/api-tokens")
	}
}

// flagOr is the last value of a flag, or else that of a variable.
func (r *reader) flagOr(flag, variable, path string) (string, *config.Origin) {
	if values := r.values(flag, path); len(values) > 0 {
		return values[len(values)-1], originOf("-" + flag)
	}
	return r.in.Env(variable), config.Variable(variable)
}

// dynflareSources asks five operators of each family there are records of.
func (r *reader) dynflareSources() {
	for _, f := range []struct {
		name, path string
		of         dns.Type
		sources    []string
	}{
		{"IPv4", "detect.ipv4.", dns.A, []string{"cloudflare.trace", "ipify", "ident.me", "aws", "seeip"}},
		{"IPv6", "detect.ipv6.", dns.AAAA, []string{"cloudflare.trace", "ipify", "ident.me", "ipinfo", "seeip"}}, // aws knows no IPv6
	} {
		if !slices.ContainsFunc(r.Draft.Entries, func(e config.Entry) bool {
			said := e.Text == string(f.of) || e.Text == string(dns.TXT) && f.of == dns.A
			return strings.HasSuffix(e.Path, ".types[0]") && said
		}) {
			continue
		}
		r.Draft.SetList(f.path+"sources", f.sources, r.implied())
		r.set(f.path+"agree", "majority", r.implied())
		r.note(f.path+"sources[0]", "Dynflare asked ipify and myip.com")
		r.note(f.path+"agree", "Dynflare took what was said most often")
		r.notice("%s is asked of %s; most of them must agree", f.name, strings.Join(f.sources, ", "))
	}
}
