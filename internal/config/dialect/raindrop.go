package dialect

import (
	"cmp"
	"errors"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
)

// raindrop (Python, 2020) changes one A record and ends. Its only argument is a
// JSON file:
//
//	zone      the id of the zone   records[0].zone_id
//	email                          accounts.default.email
//	key       the Global API Key   accounts.default.key, or accounts.default.token
//	domain    the name             records[0].name, type A
//
// It asks ipify alone, writes at every run, and its PUT drops the proxy switch;
// it ends with 0 whatever Cloudflare answered.

func ofRaindrop(in *Input) string {
	if file := in.credentials(); file != "" && !in.isConfigJSON(file) {
		return "the argument " + file + " is a file of credentials"
	}
	return ""
}

func readRaindrop(r *reader) {
	f := r.credentialsFile()
	if f != nil {
		r.raindropRecord(f)
	}
	r.oneShot()
	r.onlyChange()
	r.notice("unlike raindrop, homing writes only what is not right yet, and exits 1 when that failed")
	r.tellUnread(r.Why)
	r.takeOwn("CLOUDFLARE_BASE_URL", "TZ")
}

// credentialsFile reads the file the argument names, and takes that out of the
// arguments.
func (r *reader) credentialsFile() *jsonFile {
	o := originOf("the file of credentials")
	path := r.takeFile()
	if path == "" {
		r.Draft.Wrong("", o, "", "none is named", "write its path behind homing, such as homing /path/to/credentials.json")
		return nil
	}
	return r.jsonAt(path, o.Name, "write a JSON object, without a comma behind its last line; a homing.yaml is named with --config")
}

// takeFile takes the argument that names a file out of the arguments. More than
// one is a problem.
func (r *reader) takeFile() (path string) {
	var kept []string
	for i, a := range r.args {
		switch {
		case !r.in.namesFile(i):
			kept = append(kept, a)
		case path == "":
			path = a
		default:
			r.Draft.Wrong("", originOf(a), "", "one file of credentials is all that is taken", "start homing once for each")
		}
	}
	r.args = kept
	return path
}

// jsonAt reads a JSON object; nil where that is not possible, which is a
// problem of what.
func (r *reader) jsonAt(path, what, hint string) *jsonFile {
	data, err := r.in.read(path)
	if err != nil {
		reason, hint := r.in.Unreadable(path, err)
		r.Draft.Wrong("", originOf(path), "", reason, hint)
		return nil
	}
	r.Draft.Files = append(r.Draft.Files, path)
	f, err := parseJSON(path, data)
	if bad, ok := errors.AsType[*jsonError](err); ok {
		r.Draft.Wrong("", f.origin(what, bad.at), "", bad.reason, cmp.Or(bad.hint, hint))
		return nil
	}
	if f.root.kind != jsonObject {
		r.Draft.Wrong("", f.origin(what, f.root.start), "", "this is no JSON object", hint)
		return nil
	}
	return f
}

func (r *reader) raindropRecord(f *jsonFile) {
	f.showOnly("zone", "email", "domain")
	r.Draft.Names = map[string]string{"accounts.default.token": "key", "accounts.default.key": "key", "accounts.default.email": "email", "records": "domain", "record_defaults.zone_id": "zone"}
	zone, id := r.text(f, "zone", "records", "the id of the zone, which its Overview page shows")
	r.raindropCredential(f)
	domain, name := r.text(f, "domain", "records", "the name, such as home.example.org")
	record := ""
	if name != "" {
		record = r.Draft.Record(name, domain, dns.A)
	}
	switch {
	case id != "" && !isID(id):
		r.Draft.Wrong("records", zone, id, "this is no zone id", "a zone id is the 32 characters that the zone's Overview page shows, not its name")
	case id != "" && record != "":
		r.set(record+".zone_id", id, zone)
	}
}

// raindropCredential takes key for the Global API Key, or for a token where it
// looks like one: that needs no email.
func (r *reader) raindropCredential(f *jsonFile) {
	key, text := r.text(f, "key", "accounts.default.token", "the Global API Key, or an API token")
	if isToken(text) {
		r.set("accounts.default.token", text, key)
		if f.root.field("email") != nil {
			r.tokenForKey("key", "email")
		}
		return
	}
	email, address := r.text(f, "email", "accounts.default.email", "the email of the Cloudflare account, or an API token in place of the key")
	if address != "" {
		r.set("accounts.default.email", address, email)
	}
	if text != "" {
		r.set("accounts.default.key", text, key)
	}
}

// text is the value of a key that has to be there and to be a text. Where it
// is not, that is a problem with what should become path.
func (r *reader) text(f *jsonFile, key, path, what string) (*config.Origin, string) {
	v := f.root.field(key)
	switch {
	case v == nil:
		o := &config.Origin{Name: key, File: f.path}
		r.Draft.Wrong(path, o, "", "it is not there", "add \""+key+"\": "+what)
		return o, ""
	case v.kind != jsonText || v.text == "":
		o := f.origin(key, v.start)
		r.Draft.Wrong(path, o, "", "it is not a text with something in it", "write "+what+", in double quotes")
		return o, ""
	}
	return f.origin(key, v.start), v.text
}
