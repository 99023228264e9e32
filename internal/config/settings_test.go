package config

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
)

func TestARuleOfAgreementHasToBeWithinReach(t *testing.T) {
	for sources, rules := range map[string]map[string]string{
		"cloudflare.trace":                        {"first": "", "majority": "are run by Cloudflare alone", "1": "alone"},
		"cloudflare.trace,cloudflare.doh":         {"majority": "one operator has one vote"},
		"cloudflare.trace,ipify":                  {"majority": "", "2": "", "3": "3 votes can never come together", "0": "is not an agreement", "most": "is not an agreement"},
		"opendns.dns,google.dns":                  {"first": "", "majority": "whose answers whoever sits on the way can forge"},
		"cloudflare.trace,opendns.dns,google.dns": {"majority": "", "3": ""},
		"none": {"majority": ""},
	} {
		for rule, want := range rules {
			_, err := load(ok("IP4_PROVIDER", sources, "HOMING_IP4_AGREE", rule), nil)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !slices.Equal(problems(t, err), []string{"HOMING_IP4_AGREE"})) {
				t.Errorf("%s with %s: %v", rule, sources, err)
			}
		}
	}
}

func TestFiltersAndPrefixesAreOfTheirFamily(t *testing.T) {
	cfg, err := load(ok("IP4_DETECTION_FILTER", "!addr-in(10.0.0.0/8)", "IP6_DETECTION_FILTER", "addr-in(2a00::/12)", "IP4_DEFAULT_PREFIX_LEN", "24", "IP6_DEFAULT_PREFIX_LEN", "56", "HOMING_ALLOW", "private, cgnat"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Detect[addr.IPv4].Bits != 24 || cfg.Detect[addr.IPv6].Bits != 56 || cfg.Allow != addr.AllowPrivate|addr.AllowCGNAT {
		t.Errorf("%+v %v", cfg.Detect, cfg.Allow)
	}
	for name, value := range map[string]string{"IP4_DETECTION_FILTER": "addr-in(2a00::/12)", "IP6_DETECTION_FILTER": "(keep-all)", "IP4_DEFAULT_PREFIX_LEN": "33", "IP6_DEFAULT_PREFIX_LEN": "11", "HOMING_ALLOW": "all"} {
		if _, err := load(ok(name, value), nil); err == nil || !slices.Equal(problems(t, err), []string{name}) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

func TestIPListsNameAnAccountAndAList(t *testing.T) {
	cfg, err := load(ok("DOMAINS", "", "WAF_LISTS", listAccount+"/home_ips, "+listAccount+"/b,"+listAccount+"/b", "WAF_LIST_DESCRIPTION", "d", "WAF_LIST_ITEM_COMMENT", "c"), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []plan.List{{Account: listAccount, Name: "home_ips", Description: "d", Comment: "c"}, {Account: listAccount, Name: "b", Description: "d", Comment: "c"}}
	if got := cfg.Accounts[0].Spec.Lists; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	for value, want := range map[string]string{
		"home_ips":                "a list needs the id of its account",
		"short/home_ips":          `"short" is no account id`,
		listAccount + "/Home-IPs": `"Home-IPs" is no name of a list`,
		listAccount + "/":         "a list needs the id of its account and a name",
		listAccount + "/" + strings.Repeat("a", 51): "is no name of a list",
	} {
		if _, err := load(ok("WAF_LISTS", value), nil); err == nil || !strings.Contains(err.Error(), want) || !slices.Equal(problems(t, err), []string{"WAF_LISTS"}) {
			t.Errorf("%s: %v", value, err)
		}
	}
}

func TestZoneIDsGoToTheNamesInTheirZones(t *testing.T) {
	const other = "ffffffffffffffffffffffffffffffff"
	for value, want := range map[string][3]string{
		listAccount:                  {listAccount, listAccount, listAccount},
		"example.org=" + listAccount: {listAccount, listAccount, ""},
		"example.org=" + listAccount + ", b.example.org=" + strings.ToUpper(other): {listAccount, other, ""},
	} {
		cfg, err := load(ok("DOMAINS", "a.example.org,b.example.org,c.example.com", "HOMING_ZONE_ID", value), nil)
		if err != nil {
			t.Errorf("%s: %v", value, err)
			continue
		}
		for i, r := range records(t, cfg) {
			if got := cfg.Accounts[0].ZoneIDs[r.Name]; got != want[i] {
				t.Errorf("%s: %s has %q", value, r.Name, got)
			}
		}
	}
	for _, value := range []string{"example.org", "org=" + listAccount, listAccount[1:]} {
		if _, err := load(ok("HOMING_ZONE_ID", value), nil); err == nil || !slices.Equal(problems(t, err), []string{"HOMING_ZONE_ID"}) {
			t.Errorf("%s: %v", value, err)
		}
	}
}

func TestWhatHomingWritesItMustKnowAgain(t *testing.T) {
	for _, env := range [][]string{
		{"MANAGED_RECORDS_COMMENT_REGEX", "^mine", "RECORD_COMMENT", "mine too"},
		{"MANAGED_RECORDS_COMMENT_REGEX", "^$"},
		{"MANAGED_WAF_LIST_ITEMS_COMMENT_REGEX", "x", "WAF_LIST_ITEM_COMMENT", "axb", "WAF_LISTS", listAccount + "/a"},
		{"MANAGED_WAF_LIST_ITEMS_COMMENT_REGEX", "x"},
	} {
		if _, err := load(ok(env...), nil); err != nil {
			t.Errorf("%s: %v", env, err)
		}
	}
	for want, env := range map[string][]string{
		"RECORD_COMMENT":                       {"MANAGED_RECORDS_COMMENT_REGEX", "^mine", "RECORD_COMMENT", "yours"},
		"WAF_LIST_ITEM_COMMENT":                {"MANAGED_WAF_LIST_ITEMS_COMMENT_REGEX", "^mine", "WAF_LISTS", listAccount + "/a"},
		"MANAGED_RECORDS_COMMENT_REGEX":        {"MANAGED_RECORDS_COMMENT_REGEX", "("},
		"MANAGED_WAF_LIST_ITEMS_COMMENT_REGEX": {"MANAGED_WAF_LIST_ITEMS_COMMENT_REGEX", "(?!x)"},
	} {
		if _, err := load(ok(env...), nil); err == nil || !slices.Equal(problems(t, err), []string{want}) {
			t.Errorf("%s: %v", env, err)
		}
	}
	_, err := load(ok(), files("homing.yaml", "policy: {owner: ^mine}\nrecord_defaults: {comment: mine}\nrecords: [{name: a.example.org, comment: yours}]"))
	if err != nil {
		t.Errorf("DOMAINS replaces the record with the wrong comment: %v", err)
	}
	_, err = load(ok("DOMAINS", ""), files("homing.yaml", "policy: {owner: ^mine}\nrecord_defaults: {comment: mine}\nrecords: [{name: a.example.org, comment: yours}]"))
	if err == nil || !slices.Equal(problems(t, err), []string{"records[0].comment"}) {
		t.Errorf("%v", err)
	}
}

func TestRecordsAreMadeAndKeptAsTheSettingsSay(t *testing.T) {
	cfg, err := load(ok("HOMING_ENFORCE", "proxied, tags", "HOMING_CREATE", "never", "HOMING_LEFTOVERS", "keep", "HOMING_TAGS", "a:b, c"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := records(t, cfg)[0]
	if r.Enforce != plan.Tags || // proxied is not set
		r.Create != plan.Never || r.Leftovers != plan.Keep || !slices.Equal(r.Attrs.Tags, []string{"a:b", "c"}) {
		t.Errorf("%+v", r)
	}
	for name, value := range map[string]string{"HOMING_ENFORCE": "ttl,all", "HOMING_CREATE": "maybe", "HOMING_LEFTOVERS": "some", "HOMING_TAGS": "a,:b", "RECORD_COMMENT": "a\nb", "TTL": "29", "HOMING_BIND": "nowhere0"} {
		if _, err := load(ok(name, value), nil); err == nil || !slices.Equal(problems(t, err), []string{name}) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	if cfg, err := load(ok("HOMING_BIND", "eth0"), nil); err != nil || cfg.Bind != "eth0" {
		t.Errorf("%v", err)
	}
}

func TestDeletingOnStopHasToMakeSense(t *testing.T) {
	if _, err := load(ok("DELETE_ON_STOP", "true", "UPDATE_CRON", "@once"), nil); err == nil || !slices.Equal(problems(t, err), []string{"DELETE_ON_STOP"}) {
		t.Errorf("once: %v", err)
	}
	cfg, err := load(ok("DELETE_ON_STOP", "true", "UPDATE_CRON", "@once", "IP4_PROVIDER", "static.empty", "IP6_PROVIDER", "none"), nil)
	if err != nil || !strings.Contains(strings.Join(cfg.Notices, ""), "every source says that there is no address") {
		t.Errorf("once, to clear: %v", err)
	}
	if cfg, err := load(ok("DELETE_ON_STOP", "true"), nil); err != nil || !cfg.DeleteOnStop {
		t.Errorf("a daemon: %v", err)
	}
}

func TestHeadersOfURLsAreNeverQuoted(t *testing.T) {
	cfg, err := load(ok("HOMING_URL_HEADER", "Authorization: Bearer canary\nX-A: b"), nil)
	if err != nil || cfg.URLHeader.Reveal() != "Authorization: Bearer canary\nX-A: b" {
		t.Errorf("%v", err)
	}
	for _, value := range []string{"canary", "canary:", ": canary", "A: b\ncanary canary", "can ary: x", "A: can\x01ary"} {
		if _, err := load(ok("HOMING_URL_HEADER", value), nil); err == nil || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "ary\"") {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestOldNamesMeanWhatTheyMeant(t *testing.T) {
	for env, want := range map[[2]string]string{
		{"IP4_POLICY", "cloudflare"}: "cloudflare.trace", {"IP4_POLICY", "cloudflare.doh"}: "cloudflare.doh", {"IP4_POLICY", "ipify"}: "ipify",
		{"IP4_POLICY", "local"}: "local", {"IP4_POLICY", "unmanaged"}: "",
	} {
		cfg, err := load(ok(env[0], env[1]), nil)
		if err != nil {
			t.Errorf("%s: %v", env, err)
			continue
		}
		got := ""
		for _, s := range cfg.Detect[addr.IPv4].Sources {
			got += s.Word
		}
		if got != want {
			t.Errorf("%s: %q", env, got)
		}
	}
	if cfg, err := load(ok("UPDATE_INTERVAL", "120"), nil); err != nil || cfg.Schedule.Next(time.Unix(0, 0)) != time.Unix(120, 0) {
		t.Errorf("UPDATE_INTERVAL: %v", err)
	}
	if cfg, err := load(map[string]string{"CF_API_TOKEN_FILE": "/t", "DOMAINS": "a.example.org"}, files("/t", "good")); err != nil || cfg.Accounts[0].Text("token") != "good" {
		t.Errorf("CF_API_TOKEN_FILE: %v", err)
	}
	for _, env := range [][]string{{"UPDATE_INTERVAL", "0"}, {"UPDATE_INTERVAL", "5m"}, {"IP6_POLICY", "static"}} {
		if _, err := load(ok(env...), nil); err == nil || !slices.Equal(problems(t, err), env[:1]) {
			t.Errorf("%s: %v", env, err)
		}
	}
}

func TestTwinsHaveToAgree(t *testing.T) {
	for _, env := range [][]string{
		{"CF_API_TOKEN", "good"}, {"UPDATE_INTERVAL", "300", "UPDATE_CRON", "@every 5m"}, {"IP4_POLICY", "cloudflare", "IP4_PROVIDER", "cloudflare.trace"},
	} {
		if _, err := load(ok(env...), nil); err != nil {
			t.Errorf("%s: %v", env, err)
		}
	}
	for _, env := range [][]string{
		{"CF_API_TOKEN", "canary"}, {"UPDATE_INTERVAL", "60", "UPDATE_CRON", "@every 5m"}, {"IP4_POLICY", "local", "IP4_PROVIDER", "cloudflare.trace"},
	} {
		_, err := load(ok(env...), nil)
		if err == nil || !slices.Equal(problems(t, err), env[:1]) || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "sets the same thing as") {
			t.Errorf("%s: %v", env, err)
		}
	}
}

// A default is no value, and an empty one that is written on purpose is.
func TestOnlyWhatIsSetCanBeEnforced(t *testing.T) {
	const all = plan.Proxied | plan.TTL | plan.Comment | plan.Tags
	for text, want := range map[string]struct {
		enforced plan.Fields
		told     bool
	}{
		"policy: {enforce: [proxied, ttl, comment, tags]}":                                                                           {0, true},
		"policy: {proxied: enforce, ttl: enforce, comment: enforce, tags: enforce}":                                                  {0, true},
		"policy: {enforce: [proxied, ttl, comment, tags]}\nrecord_defaults: {proxied: false, ttl: 1, comment: '', tags: []}":         {all, false},
		"policy: {comment: enforce, ttl: enforce}\nrecord_defaults: {comment: x}":                                                    {plan.Comment, true},
		"policy: {enforce: [ttl]}\nrecords: [{name: home.example.org, ttl: 60}]":                                                     {plan.TTL, false},
		"records: [{name: home.example.org, enforce: [tags, comment], tags: []}]":                                                    {plan.Tags, true},
		"records: [{name: home.example.org, enforce: []}]\npolicy: {enforce: [tags]}":                                                {0, false},
		"records: [{name: home.example.org, enforce: [comment]}]\npolicy: {enforce: [tags]}\nrecord_defaults: {comment: a, tags: b}": {plan.Comment, false},
	} {
		env := ok()
		if strings.Contains(text, "records:") {
			env = ok("DOMAINS", "")
		}
		in := input(env, files("homing.yaml", text))
		cfg, err := Load(in)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := records(t, cfg)[0].Enforce; got != want.enforced {
			t.Errorf("%s: %s is enforced, want %s", text, got, want.enforced)
		}
		if told := slices.ContainsFunc(cfg.Notices, func(n string) bool { return strings.Contains(n, "not set, so existing records keep their") }); told != want.told {
			t.Errorf("%s: %q", text, cfg.Notices)
		}
		in.Strict = true
		if _, err := Load(in); (err != nil) != want.told {
			t.Errorf("%s: a check of the settings says %v", text, err)
		}
	}
}
