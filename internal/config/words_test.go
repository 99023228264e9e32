package config

import (
	"testing"

	"github.com/homing-dns/homing/internal/text"
)

// advised is advice in the words of who has these settings.
func advised(t *testing.T, hint text.Hint, in *Input, drafts ...*Draft) string {
	t.Helper()
	cfg, err := Build(in, drafts...)
	if err != nil {
		t.Errorf("%s: %v", hint, err)
		return ""
	}
	return hint.In(cfg.Words)
}

// own is advice to whoever has these variables and this homing.yaml.
func ownAdvice(t *testing.T, hint text.Hint, env map[string]string, yaml string) string {
	t.Helper()
	files := map[string]string{"/t": "good"}
	if yaml != "" {
		files["homing.yaml"] = yaml
	}
	in := input(env, files)
	return advised(t, hint, in, FromEnvironment(in), FromFile(in))
}

const wordsYAML = `
accounts:
  default:
    token: good
records:
  - name: home.example.org
    proxied: true
`

func TestAUserOfTheEnvironmentIsToldItsVariables(t *testing.T) {
	for hint, want := range map[text.Hint]string{
		"{detect.ipv6.sources=none}":  "IP6_PROVIDER=none",
		"{accounts.token}":            "CLOUDFLARE_API_TOKEN",
		"{accounts.token_file}":       "CLOUDFLARE_API_TOKEN_FILE",
		"{accounts.email}":            "CLOUDFLARE_API_EMAIL",
		"{records}":                   "DOMAINS",
		"{records.proxied=false}":     "PROXIED=false",
		"{records.comment}":           "RECORD_COMMENT",
		"{records.zone_id}":           "HOMING_ZONE_ID",
		"{records.ipv6_host}":         "hostid6", // as it stands behind a name
		"{record_defaults.ttl=1}":     "TTL=1",
		"{lists.comment}":             "WAF_LIST_ITEM_COMMENT",
		"{policy.owner}":              "MANAGED_RECORDS_COMMENT_REGEX",
		"{network.update_timeout=1m}": "UPDATE_TIMEOUT=1m",
		"{serve.hosts}":               "HOMING_HOSTS",
		"{state}":                     "HOMING_STATE",
		"{no.such=thing}":             "no.such: thing",
	} {
		if got := ownAdvice(t, hint, ok(), ""); got != want {
			t.Errorf("%s: %s", hint, got)
		}
	}
}

func TestAnOldNameIsNotAdvised(t *testing.T) {
	if got := ownAdvice(t, "{detect.ipv6.sources=none}", ok("IP6_POLICY", "local"), ""); got != "IP6_PROVIDER=none" {
		t.Errorf("%s", got) // IP6_POLICY knows no none
	}
	env := map[string]string{"CLOUDFLARE_API_TOKEN_FILE": "/t", "DOMAINS": "home.example.org"}
	if got := ownAdvice(t, "{accounts.token}", env, ""); got != "CLOUDFLARE_API_TOKEN" {
		t.Errorf("%s", got)
	}
}

func TestAUserOfHomingYAMLIsToldItsPaths(t *testing.T) {
	for hint, want := range map[text.Hint]string{
		"{detect.ipv6.sources=none}": "detect.ipv6.sources: none",
		"{accounts.token}":           "accounts.default.token",
		"{accounts.token_file}":      "accounts.default.token_file",
		"{accounts.key}":             "accounts.default.key",
		"{records}":                  "records",
		"{records.proxied=false}":    "proxied: false",
		"{records.ttl=300}":          "ttl: 300",
		"{records.zone_id}":          "zone_id",
		"{record_defaults.ttl}":      "record_defaults.ttl",
		"{lists.comment}":            "comment",
		"{state}":                    "state",
	} {
		if got := ownAdvice(t, hint, nil, wordsYAML); got != want {
			t.Errorf("%s: %s", hint, got)
		}
	}
}

// Each setting is said where it is set, whichever the others are set in.
func TestVariablesBesideAHomingYAMLAreToldWhereTheyAreSet(t *testing.T) {
	env := map[string]string{"IP6_PROVIDER": "local", "TTL": "300", "CLOUDFLARE_API_TOKEN": "good"}
	for hint, want := range map[text.Hint]string{
		"{detect.ipv6.sources=none}": "IP6_PROVIDER=none",
		"{detect.ipv4.sources=none}": "detect.ipv4.sources: none",
		"{accounts.token}":           "CLOUDFLARE_API_TOKEN",
		"{records.ttl=1}":            "TTL=1",          // which is that of this name
		"{records.proxied=false}":    "proxied: false", // the name has its own
	} {
		if got := ownAdvice(t, hint, env, wordsYAML); got != want {
			t.Errorf("%s: %s", hint, got)
		}
	}
}

func TestOfSeveralAccountsTheOneIsToldThatIsMeant(t *testing.T) {
	const one = "accounts:\n  work:\n    token_file: /t\nrecords: [home.example.org]\n"
	const two = "accounts:\n  default:\n    token: good\n  work:\n    token: good\n    base_url: https://api.example.org\nrecords:\n  - home.example.org\n  - {name: a.example.org, account: work}\n"
	for _, tt := range []struct {
		yaml string
		hint text.Hint
		want string
	}{
		{one, "{accounts.token}", "accounts.work.token_file"},
		{one, "{accounts.key}", "accounts.work.key"},
		{two, "{accounts.token}", "accounts.*.token"},
		{two, "{accounts.key}", "accounts.*.key"},
		{two, "{accounts.base_url}", "accounts.work.base_url"},
	} {
		if got := ownAdvice(t, tt.hint, nil, tt.yaml); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.hint, got, tt.want)
		}
	}
}

// What a predecessor's user wrote is said as it is written there; what it would
// be written as, so; and what the predecessor does of itself is nobody's word.
func TestAPredecessorsUserIsToldItsNames(t *testing.T) {
	d := &Draft{From: "Predecessor", Names: map[string]string{
		"accounts.default.token": "API_KEY", "accounts.default.key": "auth.key", "records": "HOSTS", "record_defaults.create": "CREATE",
	}, Own: []string{"TZ"}}
	at := func(name string) *Origin { return &Origin{Name: name, File: "/p.json", Line: 3, Column: 1} }
	d.Set("accounts.default.token_file", "/t", Variable("API_KEY_FILE"))
	d.Set("accounts.default.email", "me@example.org", at("auth.email"))
	d.Set("accounts.default.key", "good", at("auth.key"))
	r := d.Record("home.example.org", Variable("HOSTS"))
	d.Set(r+".comment", "a part of it", Variable("HOSTS"))
	d.Set(r+".proxied", "true", at("zones[2].proxied"))
	d.Set("record_defaults.ttl", "300", Variable("SECONDS"))
	d.Set("detect.ipv4.sources", "local", at("ip.from"))
	d.Set("detect.ipv4.agree", "first", &Origin{Name: "Predecessor"})
	d.Set("network.update_timeout", "9s", &Origin{Name: "-t"})
	in := input(nil, map[string]string{"/t": "good"})
	for hint, want := range map[text.Hint]string{
		"{accounts.token}":            "API_KEY",
		"{accounts.token_file}":       "API_KEY_FILE",
		"{accounts.email}":            "auth.email",
		"{accounts.key_file}":         "key_file in a homing.yaml, which homing migrate writes,",
		"{records}":                   "HOSTS",
		"{record_defaults.create}":    "CREATE",
		"{records.create=always}":     "HOMING_CREATE=always", // CREATE may know no always
		"{records.proxied=false}":     "proxied: false",
		"{records.ttl=1}":             "SECONDS=1",
		"{records.comment=x}":         "comment: x in a homing.yaml (homing migrate writes one)",
		"{detect.ipv4.sources=ipify}": "ip.from: ipify",
		"{detect.ipv4.agree=2}":       "HOMING_IP4_AGREE=2",
		"{network.update_timeout=1m}": "-t 1m",
		"{policy.owner}":              "policy.owner in a homing.yaml (homing migrate writes one)",
		"{schedule.time_zone=UTC}":    "TZ=UTC",
		"{state}":                     "HOMING_STATE",
		"{records.ipv6_host}":         "ipv6_host in a homing.yaml (homing migrate writes one)",
	} {
		if got := advised(t, hint, in, d); got != want {
			t.Errorf("%s: %s, want %s", hint, got, want)
		}
	}
}

// A hint of a setting that is refused is said in the same words.
func TestAProblemIsToldInTheWordsOfItsDraft(t *testing.T) {
	in := input(nil, map[string]string{"homing.yaml": "accounts:\n  default:\n    token: bad\nrecords: [home.example.org]\n"})
	in.Catalogue.Hosts[0].Settings[0].Check = func(string) error { return Hinted("it is bad", "use {accounts.key}") }
	for want, drafts := range map[string][]*Draft{
		"use accounts.default.key": {FromFile(in)},
		"use CLOUDFLARE_API_KEY":   {FromEnvironment(input(ok(), nil))},
	} {
		_, err := Build(in, drafts...)
		ps, _ := err.(Problems)
		if len(ps) != 1 || ps[0].Hint != want {
			t.Errorf("%v", err)
		}
	}
}
