package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
)

// DynCFDNS (Python, 2025) is a daemon for IPv4 that is set by its environment:
//
//	variable              default        here
//	CLOUDFLARE_API_TOKEN                 accounts.default.token
//	CLOUDFLARE_API_KEY                   accounts.default.key, for when the token is refused
//	CLOUDFLARE_API_EMAIL                 accounts.default.email
//	HOST_LIST                            records: type A
//	UPDATE_INTERVAL       60 seconds     schedule.every, and the TTL of new records
//	ALLOW_CREATE_HOSTS    false          record_defaults.create
//	API_PORT              5000           serve.listen; 0 and less is off
//	API_TOKEN             made at start  Reading.Widget
//	DEBUG                                log.level
//
// It asks for all three credentials and uses the key. One of the two is enough
// here. Of several records at a name it changes one.

func ofDynCFDNS(in *Input) string { return in.isSet("HOST_LIST") }

func readDynCFDNS(r *reader) {
	r.Draft.Names = map[string]string{
		"accounts.default.token": "CLOUDFLARE_API_TOKEN", "accounts.default.key": "CLOUDFLARE_API_KEY", "accounts.default.email": "CLOUDFLARE_API_EMAIL",
		"records": "HOST_LIST", "schedule.every": "UPDATE_INTERVAL", "record_defaults.create": "ALLOW_CREATE_HOSTS",
		"serve.listen": "API_PORT", "serve.token": "API_TOKEN",
	}
	r.dyncfdnsCredential()
	r.hosts()
	ttl := r.interval()
	r.createHosts(ttl)
	r.set("record_defaults.leftovers", "keep", r.implied())
	r.api()
	if on, _ := r.switched("log.level", "DEBUG", yes(), no()); on {
		r.set("log.level", "debug", config.Variable("DEBUG"))
	}
	if r.in.isFolder("/app/logs") {
		r.notice("the log goes to standard error; nothing is written to /app/logs")
	}
	r.notice("a record that somebody changed is brought back, which DynCFDNS did not do; only A records are touched")
	r.tellUnread(r.Why)
	r.takeOwn("CLOUDFLARE_BASE_URL", "TZ")
}

// dyncfdnsCredential takes the token, and the key with its email; a token that
// stands where the key belongs is one all the same.
func (r *reader) dyncfdnsCredential() {
	named := r.take("accounts.default.token", "CLOUDFLARE_API_TOKEN")
	if !named {
		named = r.take("accounts.default.token_file", "CLOUDFLARE_API_TOKEN_FILE")
	}
	if !named && isToken(r.in.Env("CLOUDFLARE_API_KEY")) {
		r.take("accounts.default.token", "CLOUDFLARE_API_KEY")
		r.tokenForKey("CLOUDFLARE_API_KEY", "CLOUDFLARE_API_EMAIL")
		return
	}
	if !r.take("accounts.default.key", "CLOUDFLARE_API_KEY") {
		r.take("accounts.default.key_file", "CLOUDFLARE_API_KEY_FILE")
	}
	r.take("accounts.default.email", "CLOUDFLARE_API_EMAIL")
}

func yes() []string { return []string{"true", "1", "yes"} }
func no() []string  { return []string{"false", "0", "no"} }

// hosts takes the names, each once.
func (r *reader) hosts() {
	o := config.Variable("HOST_LIST")
	seen := make(map[string]bool)
	for name := range strings.SplitSeq(r.in.Env("HOST_LIST"), ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" && !seen[name] {
			seen[name] = true
			r.Draft.Record(name, o, dns.A)
		}
	}
	if len(seen) == 0 {
		r.Draft.Wrong("records", o, r.in.Env("HOST_LIST"), "there is no name in it, so there is nothing to keep pointing home",
			"set it to the names, such as HOST_LIST=home.example.org")
	}
}

// interval takes UPDATE_INTERVAL, and gives what DynCFDNS makes the TTL of new
// records: the interval, where Cloudflare would store it.
func (r *reader) interval() (ttl string) {
	o, seconds := config.Variable("UPDATE_INTERVAL"), 60
	if r.in.Env("UPDATE_INTERVAL") == "" {
		o = r.implied()
	} else if n, ok := r.number("schedule.every", "UPDATE_INTERVAL", "write a number of seconds, such as 60"); ok {
		seconds = max(1, n)
		if n < 1 {
			r.notice("UPDATE_INTERVAL=%d is taken for 1 second, as DynCFDNS takes it", n)
		}
	}
	r.set("schedule.every", fmt.Sprintf("@every %ds", seconds), o)
	if seconds < 60 || seconds > 86400 {
		return "1"
	}
	return strconv.Itoa(seconds)
}

func (r *reader) createHosts(ttl string) {
	o := config.Variable("ALLOW_CREATE_HOSTS")
	switch create, set := r.switched("record_defaults.create", o.Name, yes(), no()); {
	case create:
		r.set("record_defaults.create", "always", o)
		r.set("record_defaults.ttl", ttl, r.implied())
	case set:
		r.set("record_defaults.create", "never", o)
	default:
		r.set("record_defaults.create", "never", r.implied())
	}
}
