package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// meaning is all that a Config says, secrets too.
func meaning(c *Config) string {
	var b strings.Builder
	regex := func(r *regexp.Regexp) string {
		if r == nil {
			return "none"
		}
		return r.String()
	}
	for _, a := range c.Accounts {
		fmt.Fprintf(&b, "account %q %q %q %q %q %q %q\n", a.Name, a.Text("token"), a.Text("key"), a.Text("email"), a.Text(BaseURL), regex(a.Spec.Owned), regex(a.Spec.OwnedItems))
		for _, r := range a.Spec.Records {
			fmt.Fprintf(&b, "  %s %v %+q %t %d %q %v %v %v %s\n", r.Name, r.Types, r.Attrs.Comment, r.Attrs.Proxied, r.Attrs.TTL, r.Attrs.Tags, r.Enforce, r.Create, r.Leftovers, a.ZoneIDs[r.Name])
			for _, h := range r.Hosts {
				fmt.Fprintf(&b, "    %s\n", h)
			}
			fmt.Fprintf(&b, "    %q %q %v %q\n", r.Prefix, r.Sites, r.Pick, r.Content)
		}
		fmt.Fprintf(&b, "  %q\n", a.Spec.Lists)
	}
	for _, name := range c.SiteNames() {
		s := c.Site(name)
		fmt.Fprintf(&b, "site %q %q %t %v\n", name, s.Bind, s.Confirm, s.Timeout)
		for _, f := range addr.Families() {
			d, there := s.Detect[f]
			fmt.Fprintf(&b, "%v %t %q %v %v %d\n", f, there, d.Sources, d.Agree, d.Filter, d.Bits)
		}
	}
	fmt.Fprintln(&b, c.Confirm, c.Allow, c.URLHeader.Reveal(), c.Bind, c.DetectionTimeout, c.UpdateTimeout, c.Schedule, c.OnStart, c.Resync, c.Location, c.DeleteOnStop, c.Quiet, c.Emoji, c.Serve.Listen)
	return b.String()
}

// again loads what Show wrote, with nothing of the environment but what the
// text refers to.
func again(text string, env, files map[string]string) (*Config, error) {
	left := map[string]string{}
	for _, m := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(text, -1) {
		left[m[1]] = env[m[1]]
	}
	withShown := map[string]string{"homing.yaml": text}
	for name, content := range files {
		if name != "homing.yaml" {
			withShown[name] = content
		}
	}
	return load(left, withShown)
}

func TestWhatIsShownLoadsAgainToTheSame(t *testing.T) {
	for name, tc := range map[string]struct{ env, files map[string]string }{
		"everything in a file": {map[string]string{"WORK_KEY": "canary"}, files("homing.yaml", strings.NewReplacer("url_header: |\n    Authorization: Bearer abc\n    X-Other: 1\n", "url_header: ${H}\n", "?x=1", "").Replace(everything), "tokens/cf", "canary")},
		"the least":            {ok(), nil},
		"a token file":         {map[string]string{"CLOUDFLARE_API_TOKEN_FILE": "/run/t", "DOMAINS": "a.example.org"}, files("/run/t", "canary")},
		"much of the environment": {ok("DOMAINS", "a.example.org{hostid6=[::1,preserve,mac(00:11:22:33:44:55)]}, *.b.example.org", "IP4_DOMAINS", "c.example.org,日本.example.org", "IP6_DOMAINS", "d.example.org",
			"PROXIED", "sub(example.org) && !is(a.example.org)", "TTL", "300 # five", "RECORD_COMMENT", `a # "mine" ${X} $${Y} \ '`, "MANAGED_RECORDS_COMMENT_REGEX", `^a\s# `, "HOMING_TAGS", "a:b,c", "HOMING_CREATE", "never",
			"HOMING_LEFTOVERS", "keep", "HOMING_ENFORCE", "ttl,comment", "WAF_LISTS", listAccount+"/a,"+listAccount+"/b", "WAF_LIST_DESCRIPTION", "- x: y", "HOMING_ZONE_ID", "example.org="+listAccount,
			"IP4_PROVIDER", "url:https://me:canary@h/?k=canary,b, ipify", "IP6_PROVIDER", "exec:sh -c 'a, b: c'", "HOMING_IP4_AGREE", "2", "HOMING_URL_HEADER", "A: canary\nB: canary", "HOMING_ALLOW", "ula",
			"UPDATE_CRON", "*/5 * * * MON", "TZ", "Europe/Berlin", "CACHE_EXPIRATION", "6h", "EMOJI", "1", "HOMING_BIND", "eth0", "DELETE_ON_STOP", "t", "IP4_DETECTION_FILTER", "addr-in(1.0.0.0/8)"), nil},
		"old names":    {map[string]string{"CF_API_TOKEN": "canary", "DOMAINS": "a.example.org", "IP4_POLICY": "unmanaged", "UPDATE_INTERVAL": "60"}, nil},
		"both":         {map[string]string{"DOMAINS": "a.example.org", "CLOUDFLARE_API_KEY": "canary", "CLOUDFLARE_API_EMAIL": "me@example.org"}, files("homing.yaml", "records: [b.example.org]\npolicy: {ttl: enforce}")},
		"two accounts": {map[string]string{"A": "canary", "B": "b"}, files("homing.yaml", "accounts: {b: {token: '${B}'}, a: {token: '${A}'}}\nrecords: [{name: a.example.org, account: a}, {name: b.example.org, account: b}]")},
		"hosts and sites": {ok("DOMAINS", ""), files("homing.yaml", "sites: {dsl: {bind: eth1}, cable: {ipv4: {sources: ipify}, confirm: false}}\nrecords:\n"+
			"  - {name: a.example.org, types: [AAAA], ipv6_host: '::10', ipv6_prefix: {from: router}, ttl: 60}\n  - {name: b.example.org, types: [AAAA], ipv6_prefix: {from: 'iface:br0'}, ipv6_host: keep}\n"+
			"  - {name: c.example.org, site: [cable, here], pick: first}\n  - {name: d.example.org, types: [TXT], content: 'v=spf1 ip4:{ipv4} -all', site: dsl}\n  - {name: e.example.org, ipv6_host: 'neighbour(00:11:22:33:44:55)'}\n")},
		"none":          {ok("IP4_PROVIDER", "none"), nil},
		"hidden in url": {ok("U", "url:http://u:canary@h"), files("homing.yaml", "detect: {ipv4: {sources: [ipify, '${U}']}}")},
	} {
		if name == "everything in a file" {
			tc.env["H"] = "A: canary"
		}
		first, err := load(tc.env, tc.files)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		shown, err := Show(input(tc.env, tc.files))
		if err != nil || strings.Contains(string(shown), "canary") {
			t.Errorf("%s: %v\n%s", name, err, shown)
		}
		second, err := again(string(shown), tc.env, tc.files)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, shown)
			continue
		}
		if diff := gocmp.Diff(meaning(first), meaning(second)); diff != "" {
			t.Errorf("%s: %s\n%s", name, diff, shown)
		}
	}
}

// What stands behind a program may be a token: nobody but its owner sees it, and
// what is shown loads all the same.
func TestTheArgumentsOfACommandAreNotShown(t *testing.T) {
	hook := "notify: {exec: '/usr/local/bin/hook --token canary'}\n"
	for name, tc := range map[string]struct {
		env, files map[string]string
		shows      string
		same       bool // it loads to the same: a reference stands there
	}{
		"a hook":                  {ok("HOMING_HOOK", "/usr/local/bin/hook --token canary"), nil, `exec: "${HOMING_HOOK}"`, true},
		"a hook in the file":      {ok(), files("homing.yaml", hook), "# exec: /usr/local/bin/hook … (it is not shown whole); homing.yaml:1", false},
		"one without arguments":   {ok(), files("homing.yaml", "notify: {exec: /usr/local/bin/hook}\n"), "exec: /usr/local/bin/hook  # homing.yaml:1", true},
		"a source":                {ok("IP4_PROVIDER", "exec:curl -H 'X: canary'"), nil, `sources: "${IP4_PROVIDER}"`, true},
		"a source in the file":    {ok(), files("homing.yaml", "detect: {ipv4: {sources: [ipify, 'exec:curl -H canary, b', 'exec:/bin/other']}}\n"), "# sources: ipify, exec:curl …, exec:/bin/other (it is not shown whole); homing.yaml:1", false},
		"a reference in the file": {ok("CMD", "exec:curl -H canary"), files("homing.yaml", "detect: {ipv4: {sources: [ipify, '${CMD}']}}\n"), `sources: [ipify, "${CMD}"]`, true},
		"set against another":     {ok("HOMING_HOOK", "/bin/mine"), files("homing.yaml", hook), "exec: /bin/mine  # HOMING_HOOK, instead of that of homing.yaml:1", true},
	} {
		first, err := load(tc.env, tc.files)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		shown, err := Show(input(tc.env, tc.files))
		if text := string(shown); err != nil || strings.Contains(text, "canary") || !strings.Contains(text, tc.shows) {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		second, err := again(string(shown), tc.env, tc.files)
		if err != nil || tc.same && (meaning(first) != meaning(second) || first.Notify.Hook != second.Notify.Hook) {
			t.Errorf("%s: it does not load again: %v\n%s", name, err, shown)
		}
		for _, row := range Listed(input(tc.env, tc.files)) {
			if strings.Contains(fmt.Sprint(row), "canary") {
				t.Errorf("%s: the page shows %v", name, row)
			}
		}
	}
}

// Nor are they on the page where the settings are wrong.
func TestTheArgumentsOfACommandAreNotAmongTheProblemsOfThePage(t *testing.T) {
	for _, env := range []map[string]string{
		ok("IP4_PROVIDER", "ipify,exec:curl -H canary"), ok("IP4_PROVIDER", "exce:/usr/bin/curl -H canary"),
		ok("IP4_PROVIDER", "ipify, exec: /usr/bin/curl -H canary"), ok("HOMING_HOOK", "curl -H canary"), ok("HOMING_HOOK", "bad"),
	} {
		_, err := load(env, nil)
		problems, _ := errors.AsType[Problems](err)
		for _, p := range problems {
			if strings.Contains(p.Presentable(testCatalogue())+p.Reason+p.Hint, "canary") {
				t.Errorf("%q %v", p.Presentable(testCatalogue()), p)
			}
		}
	}
	twice := "detect: {ipv4: {sources: ['exec:curl -H canary', 'exec:curl -H canary']}}\n"
	_, err := load(ok(), files("homing.yaml", twice))
	if problems, _ := errors.AsType[Problems](err); len(problems) == 0 || strings.Contains(problems[0].Reason+problems[0].Presentable(testCatalogue()), "canary") {
		t.Errorf("%v", err)
	}
}

func TestShowSaysWhereAValueComesFromAndWhatItWasSetAgainst(t *testing.T) {
	text := "accounts: {default: {token: canary}}\nrecords:\n  - b.example.org\n  - c.example.org\nrecord_defaults: {ttl: 120, comment: mine}\ndetect: {ipv4: {sources: [ipify, 'url:http://u:canary@h']}, timeout: 5}\nlog: {quiet: '${Q}'}\n"
	shown, err := Show(input(map[string]string{"DOMAINS": "a.example.org", "TTL": "300", "Q": "true"}, files("homing.yaml", text)))
	if err == nil {
		t.Error("a wrong configuration is shown as a good one")
	}
	golden(t, "testdata/shown.yaml", string(shown))
}

func TestARecordOfOnlyASectionIsShown(t *testing.T) {
	shown, err := Show(input(ok("DOMAINS", ""), files("homing.yaml", "records:\n  - {ipv6_prefix: {from: router}}\n")))
	if err == nil || !strings.Contains(string(shown), "  - ipv6_prefix:\n      from: router  # homing.yaml:2") {
		t.Errorf("%v\n%s", err, shown)
	}
}

func TestADraftIsWrittenAsAFileThatMeansTheSame(t *testing.T) {
	d := &Draft{From: "Elsewhere", Notices: []string{"Elsewhere asked one source; homing asks two"}}
	o := &Origin{Name: "subdomains[0]", File: "config.json"}
	r := d.Record("home.example.org", o, dns.A)
	d.Set(r+".proxied", "true", o)
	d.SetList(r+".enforce", []string{"proxied", "ttl"}, o)
	d.Set(r+".zone_id", listAccount, o)
	d.Record("b.example.org", o, dns.A, dns.AAAA)
	d.Set("accounts.default.key", "canary", &Origin{Name: "api_key", File: "config.json"})
	d.Set("accounts.default.email", "me@example.com", o)
	d.Set("record_defaults.create", "never", o)
	d.Set("schedule.every", "@once", o)
	d.Entries[len(d.Entries)-1].Note = "as a cron job ran it"
	d.SetList("detect.ipv4.sources", []string{"exec:a, b", "ipify"}, o)
	text := string(Marshal(testCatalogue(), d))
	golden(t, "testdata/draft.yaml", text)
	first, err := Build(input(nil, nil), d)
	if err != nil {
		t.Fatal(err)
	}
	second, err := load(map[string]string{"CLOUDFLARE_API_KEY": "canary"}, files("homing.yaml", text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(meaning(first), meaning(second)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatStandsBehindASettingIsNotCut(t *testing.T) {
	long := strings.Repeat("/folder", 40) + "/config.json"
	d := &Draft{Notices: []string{"the file " + long + " is read"}}
	d.Set("accounts.default.key", "canary", &Origin{Name: "api_key", File: long})
	d.Set("schedule.every", "@once", &Origin{Name: "x"})
	d.Entries[1].Note = "as " + long + " says"
	text := string(Marshal(testCatalogue(), d))
	for _, want := range []string{"# the file " + long + " is read\n", "to what api_key of " + long + " was\n", "# as " + long + " says\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s\nhas no %q", text, want)
		}
	}
}

// FuzzShow: what can be loaded is shown, without its secrets, and loads again
// to the same.
func FuzzShow(f *testing.F) {
	f.Add("a.example.org{hostid6=::1}", "is(a.example.org)", "a # ${X} \"", "url:https://u:p@h,ipify", "a:b,c", "^a")
	f.Add("日本.example.org b.example.org", "true", "- x: \u0085\u2028y", "exec:a, 'b' {c}", "null,~,yes", "")
	f.Add("*.a.example.org", "0", "\x1b[31m\t", "static:192.0.2.1", "", "(")
	f.Fuzz(func(t *testing.T, domains, proxied, comment, sources, tags, owned string) {
		env := map[string]string{"CLOUDFLARE_API_TOKEN": "canary-token", "DOMAINS": domains, "PROXIED": proxied, "RECORD_COMMENT": comment, "IP4_PROVIDER": sources, "HOMING_TAGS": tags,
			"MANAGED_RECORDS_COMMENT_REGEX": owned, "WAF_LIST_DESCRIPTION": comment}
		first, err := load(env, nil)
		if err != nil {
			return
		}
		shown, err := Show(input(env, nil))
		if err != nil || strings.Contains(string(shown), "canary") {
			t.Fatalf("%v\n%s", err, shown)
		}
		second, err := again(string(shown), env, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, shown)
		}
		if a, b := meaning(first), meaning(second); a != b {
			t.Errorf("%s\n%s", gocmp.Diff(a, b), shown)
		}
	})
}

// FuzzYAML: whatever a homing.yaml holds, it is read or refused; and what is
// read is shown and loads again to the same.
func FuzzYAML(f *testing.F) {
	f.Add(everything)
	f.Add("records: [a.example.org]\naccounts: {default: {token: x}}\ndetect: {ipv4: {sources: [url:x, 'exec:a: b']}}\n")
	f.Add("records:\n- {name: \"*.a.example.org\", tags: []}\naccounts:\n  default:\n    token: |\n      x\n")
	f.Add("a: &b [*b]\n---\n%YAML\n? x\n: - - !t\n")
	f.Fuzz(func(t *testing.T, text string) {
		env, fs := map[string]string{"WORK_KEY": "k"}, files("homing.yaml", text, "tokens/cf", "t")
		first, err := load(env, fs)
		if err != nil {
			problems(t, err)
			return
		}
		shown, err := Show(input(env, fs))
		if err != nil {
			t.Fatal(err)
		}
		second, err := again(string(shown), env, fs)
		if err != nil {
			if strings.Contains(string(shown), "it is not shown") {
				return
			}
			t.Fatalf("%v\n%s", err, shown)
		}
		if a, b := meaning(first), meaning(second); a != b && !strings.Contains(string(shown), "it is not shown") {
			t.Errorf("%s\n%s", gocmp.Diff(a, b), shown)
		}
		if !slices.Contains(first.Files, "homing.yaml") {
			t.Error("the file is not watched")
		}
	})
}
