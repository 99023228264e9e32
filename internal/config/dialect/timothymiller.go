package dialect

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/config"
)

// timothymiller/cloudflare-ddns (Rust since 2026, Python before) is set by its
// environment where that has a token, else by a config.json
// (timothymiller_file.go). Its environment is homing's own but for this:
//
//	true, false           yes and no besides
//	durations             a bare number is seconds
//	IP4_PROVIDER          literal: takes addresses of the other family too, which are left out
//	PROXIED               sub(d) holds for d itself (timothymiller_proxied.go)
//	PROXIED, TTL,         existing records are brought to them
//	RECORD_COMMENT
//	TTL                   less than 30 is automatic
//	CLOUDFLARE_API_TOKEN  goes before its file, and before CF_API_TOKEN
//	REJECT_CLOUDFLARE_IPS always true
//	DELETE_ON_FAILURE     always false
//	SHOUTRRR              URLs of its own (timothymiller_services.go)
//	--repeat              for config.json alone
//	--dry-run             Reading.DryRun
//
// It takes what it cannot read for a default; here that is a problem.

func ofTimothymiller(in *Input) string {
	for _, name := range []string{"IP4_PROVIDER", "IP6_PROVIDER"} {
		if strings.HasPrefix(in.Env(name), "literal:") {
			return name + " has literal:"
		}
	}
	for _, name := range []string{"REJECT_CLOUDFLARE_IPS", "DELETE_ON_FAILURE"} {
		if in.Env(name) != "" {
			return in.isSet(name)
		}
	}
	if names := in.substitutes(); len(names) > 0 {
		return in.isSet(slices.Min(names))
	}
	_, args := in.split()
	if hasFlag(args, "repeat") {
		return "--repeat is given"
	}
	if file := in.credentials(); file != "" && in.isConfigJSON(file) {
		return "the argument " + file + " has zones in it"
	}
	return ""
}

// onlyConfigJSON reports whether there is a config.json with zones in it, or one
// that CONFIG_PATH names, whatever may be wrong with that, and nothing else that
// homing could start with. Names alone are nothing to start with:
// timothymiller/cloudflare-ddns itself stumbles over a stray DOMAINS.
func (in *Input) onlyConfigJSON() bool {
	for _, name := range []string{"CLOUDFLARE_API_KEY", "CLOUDFLARE_API_KEY_FILE", "HOMING_CONFIG", "CREDENTIALS_DIRECTORY"} {
		if in.Env(name) != "" {
			return false
		}
	}
	if hasFlag(in.Args, "config") {
		return false
	}
	return !in.hasToken() && (in.isConfigJSON(in.configJSON()) || in.Env("CONFIG_PATH") != "" && !in.hasNames()) && !in.hasOwnFile()
}

func (in *Input) hasNames() bool {
	return slices.ContainsFunc([]string{"DOMAINS", "IP4_DOMAINS", "IP6_DOMAINS", "WAF_LISTS"}, func(name string) bool { return in.Env(name) != "" })
}

func readTimothymiller(r *reader) {
	file := r.takeFile()
	r.DryRun = r.flag("dry-run")
	repeat := r.flag("repeat") || r.inImage()
	switch {
	case file != "":
		r.legacy(file, repeat)
	case r.in.byFile(repeat && !r.inImage()):
		r.legacy(r.in.configJSON(), repeat)
	default:
		r.environment()
	}
	r.services()
	r.timothymillerNotices()
}

// inImage reports whether this is homing's image, and not for one round. That of
// timothymiller/cloudflare-ddns passes --repeat by its entrypoint, so that image:
// is the one line to change.
func (r *reader) inImage() bool {
	return r.in.Env("HOMING_CONTAINER") != "" && !slices.Equal(r.Args, []string{"once"})
}

// byFile reports whether a config.json is read. Its container passes --repeat
// always; beside names and without a file it is the token that is missing.
func (in *Input) byFile(repeat bool) bool {
	return !in.hasToken() && (in.isFile(in.configJSON()) || len(in.substitutes()) > 0 || in.Env("CONFIG_PATH") != "" || repeat && !in.hasNames())
}

// tokens are the variables of the token, the first that is set wins.
func tokens() []string {
	return []string{"CLOUDFLARE_API_TOKEN", "CF_API_TOKEN", "CLOUDFLARE_API_TOKEN_FILE", "CF_API_TOKEN_FILE"}
}

func (in *Input) hasToken() bool {
	return slices.ContainsFunc(tokens(), func(name string) bool { return in.Env(name) != "" })
}

// hasOwnFile reports whether there is a homing.yaml, good or bad. One with nothing
// in it is what a shell makes of "homing migrate > homing.yaml" beforehand.
func (in *Input) hasOwnFile() bool {
	d := config.FromFile(&in.Input)
	return len(d.Entries)+len(d.Problems) > 0
}

// environment reads the variables as homing's own, after putting each into
// homing's words.
func (r *reader) environment() {
	said := make(map[string]string)
	translations := r.translations()
	for _, variable := range slices.Sorted(maps.Keys(translations)) {
		if text := r.in.Env(variable); text != "" {
			said[variable] = translations[variable](variable, text)
		}
	}
	r.oneToken(said)
	in := r.in.Input
	in.Getenv = func(name string) string {
		if text, ok := said[name]; ok {
			return text
		}
		return r.in.Env(name)
	}
	d := config.FromEnvironment(&in)
	r.Draft.Entries = append(r.Draft.Entries, d.Entries...)
	r.Draft.Notices = append(r.Draft.Notices, d.Notices...)
	r.Draft.Problems = append(r.Draft.Problems, d.Problems...)
	r.enforceWhatIsSet()
	r.Once = slices.Contains([]string{"@once", "@disabled", "@nevermore"}, r.in.Env("UPDATE_CRON"))
}

// oneToken leaves the token that wins.
func (r *reader) oneToken(said map[string]string) {
	var winner string
	for _, name := range tokens() {
		switch {
		case r.in.Env(name) == "":
		case winner == "":
			winner = name
		default:
			said[name] = ""
			r.notice("%s is not read, because %s goes before it", name, winner)
		}
	}
}

// enforceWhatIsSet has existing records brought to what is set, unless
// HOMING_ENFORCE settles it.
func (r *reader) enforceWhatIsSet() {
	var attributes []string
	for _, s := range []struct{ variable, attribute string }{{"PROXIED", "proxied"}, {"TTL", "ttl"}, {"RECORD_COMMENT", "comment"}} {
		if r.in.Env(s.variable) != "" {
			attributes = append(attributes, s.attribute)
		}
	}
	if len(attributes) > 0 && r.in.Env("HOMING_ENFORCE") == "" {
		r.Draft.SetList("policy.enforce", attributes, r.implied())
	}
}

// translations put the text of a variable into homing's words.
func (r *reader) translations() map[string]func(variable, text string) string {
	all := map[string]func(variable, text string) string{"PROXIED": r.proxied, "TTL": r.ttl, "UPDATE_CRON": r.every}
	for _, name := range []string{"UPDATE_ON_START", "DELETE_ON_STOP", "EMOJI", "QUIET"} {
		all[name] = r.boolean
	}
	for _, name := range []string{"DETECTION_TIMEOUT", "UPDATE_TIMEOUT"} {
		all[name] = func(_, text string) string { return withUnit(text) }
	}
	for _, name := range []string{"IP4_PROVIDER", "IP6_PROVIDER"} {
		all[name] = func(variable, text string) string { return r.provider(variable, text, variable == "IP4_PROVIDER") }
	}
	return all
}

// boolean is true or false; what is neither stays, and is refused as such.
func (r *reader) boolean(variable, _ string) string {
	switch text := r.in.Env(variable); strings.ToLower(text) {
	case "true", "1", "yes":
		return "true"
	case "false", "0", "no":
		return "false"
	default:
		return text
	}
}

// withUnit is a duration; a bare number is seconds.
func withUnit(text string) string {
	if strings.Trim(text, "0123456789") == "" {
		return text + "s"
	}
	return text
}

func (r *reader) every(_, text string) string {
	if d, ok := strings.CutPrefix(text, "@every "); ok {
		return "@every " + withUnit(strings.TrimSpace(d))
	}
	return text
}

// ttl is automatic where it is less than Cloudflare takes.
func (r *reader) ttl(variable, _ string) string {
	text := r.in.Env(variable)
	if n, err := strconv.Atoi(text); err == nil && n < 30 {
		if n != 1 {
			r.notice("%s=%d is less than Cloudflare takes, so it is left to Cloudflare", variable, n)
		}
		return "1"
	}
	return text
}

// provider leaves the addresses of the other family out of literal:.
func (r *reader) provider(variable, text string, four bool) string {
	list, ok := strings.CutPrefix(text, "literal:")
	if !ok {
		return text
	}
	var kept []string
	for _, item := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == '|' || c == ' ' || c == '\t' }) {
		if a, err := netip.ParseAddr(item); err == nil && a.Is4() != four {
			r.notice("%s: %s is of the other family and left out", variable, item)
			continue
		}
		kept = append(kept, item)
	}
	if len(kept) == 0 {
		return text // which is refused
	}
	return "literal:" + strings.Join(kept, ",")
}

// timothymillerNotices are about what it does and homing never does.
func (r *reader) timothymillerNotices() {
	if text := r.in.Env("REJECT_CLOUDFLARE_IPS"); text != "" && r.boolean("REJECT_CLOUDFLARE_IPS", text) != "true" {
		r.notice("REJECT_CLOUDFLARE_IPS=%.20s has no effect: an address of Cloudflare's own is never published", text)
	}
	if text := r.in.Env("DELETE_ON_FAILURE"); text != "" && r.boolean("DELETE_ON_FAILURE", text) != "false" {
		r.notice("DELETE_ON_FAILURE=%.20s has no effect: while the address is not known nothing is changed", text)
	}
	if r.Once {
		r.notice("unlike %s, homing exits 1 when something failed", r.Title)
	}
}
