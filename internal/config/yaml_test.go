package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

const listAccount = "0123456789abcdef0123456789abcdef"

// everything is a homing.yaml that says all there is to say.
const everything = `# a whole configuration
accounts:
  default: {provider: cloudflare, token_file: tokens/cf}
  work:
    key: ${WORK_KEY}
    email: me@example.com
    base_url: http://127.0.0.1:1/client/v4
record_defaults: {proxied: "sub(example.org)", ttl: 120, comment: mine, tags: [owner:homing], create: always, leftovers: remove}
records:
  - home.example.org
  - {name: "*.home.example.org", types: [A], proxied: true, create: never, enforce: [proxied]}
  - name: nas.example.com
    types: AAAA
    ipv6_host: ["::10", mac(00:11:22:33:44:55)]
    account: work
    zone_id: ` + listAccount + `
    ttl: 1
    comment: ""
    tags: []
    leftovers: keep
lists:
  - ` + listAccount + `/home_ips
  - {account_id: ` + listAccount + `, name: others, account: work, comment: mine too}
list_defaults: {description: d, comment: mine}
detect:
  url_header: |
    Authorization: Bearer abc
    X-Other: 1
  ipv4: {sources: [cloudflare.trace, "url:https://a.example/?x=1,cloudflare.doh", ipify], agree: 2, filter: keep-all, prefix_len: 24}
  ipv6:
    sources: none
  confirm: false
  allow: [private, ula]
  timeout: 7s
policy: {proxied: keep, ttl: enforce, enforce: [comment], owner: "", list_owner: mine, delete_on_stop: true}
schedule: {time_zone: Europe/Berlin, every: 10m, on_start: true, resync: 1h}
network: {bind: eth0, update_timeout: 20s}
log: {quiet: true, emoji: false}
`

func files(more ...string) map[string]string {
	f := map[string]string{}
	for i := 0; i < len(more); i += 2 {
		f[more[i]] = more[i+1]
	}
	return f
}

func TestAFileSaysWholeConfigurations(t *testing.T) {
	cfg, err := load(map[string]string{"WORK_KEY": "canary"}, files("homing.yaml", everything, "tokens/cf", "secret\n"))
	if err != nil {
		t.Fatal(err)
	}
	both, first, work := cfg.Accounts[0], cfg.Accounts[1], cfg.Accounts[2]
	if len(both.Among) != 2 || first.Name != "default" || first.Text("token") != "secret" || work.Text("key") != "canary" || work.Text(BaseURL) != "http://127.0.0.1:1/client/v4" {
		t.Errorf("accounts %+v", cfg.Accounts)
	}
	home, wild, nas := both.Spec.Records[0], both.Spec.Records[1], work.Spec.Records[0]
	if !home.Attrs.Proxied || home.Attrs.TTL != 120 || home.Attrs.Comment != "mine" || home.Enforce != plan.TTL|plan.Comment || len(home.Types) != 2 {
		t.Errorf("home %+v", home)
	}
	if !wild.Attrs.Proxied || wild.Create != plan.Never || wild.Enforce != plan.Proxied || !slices.Equal(wild.Types, []dns.Type{dns.A}) {
		t.Errorf("wildcard %+v", wild)
	}
	if nas.Attrs.Proxied || nas.Attrs.TTL != 1 || nas.Attrs.Comment != "" || len(nas.Attrs.Tags) != 0 || nas.Leftovers != plan.Keep || len(nas.Hosts) != 2 ||
		work.ZoneIDs[nas.Name] != listAccount {
		t.Errorf("nas %+v", nas)
	}
	if first.Spec.Lists[0].Comment != "mine" || first.Spec.Lists[0].Description != "d" || work.Spec.Lists[0].Name != "others" || work.Spec.Lists[0].Comment != "mine too" {
		t.Errorf("lists %+v %+v", first.Spec.Lists, work.Spec.Lists)
	}
	want := []Source{{"cloudflare.trace", ""}, {"url", "https://a.example/?x=1,cloudflare.doh"}, {"ipify", ""}}
	if got := cfg.Detect[addr.IPv4]; !slices.Equal(got.Sources, want) || got.Bits != 24 || got.Agree.String() != "2" {
		t.Errorf("detect %+v", got)
	}
	if _, there := cfg.Detect[addr.IPv6]; there {
		t.Error("none is not none")
	}
	if cfg.Confirm || cfg.Schedule.String() != "@every 10m" || cfg.Location.String() != "Europe/Berlin" || cfg.Bind != "eth0" || !cfg.Quiet || !cfg.DeleteOnStop ||
		cfg.UpdateTimeout != 20*time.Second || cfg.DetectionTimeout != 7*time.Second || cfg.Resync != time.Hour || cfg.URLHeader.Reveal() != "Authorization: Bearer abc\nX-Other: 1\n" {
		t.Errorf("%+v", cfg)
	}
	if !slices.Equal(cfg.Files, []string{"homing.yaml", "tokens/cf"}) {
		t.Errorf("files %q", cfg.Files)
	}
}

// What is wrong with a file is told with its line, all of it at once; the
// whole text is in testdata/problems.txt.
func TestWhatIsWrongWithAFileIsToldWithItsLine(t *testing.T) {
	const wrong = `accounts:
  default: {provider: cloudflare, tokne: canary}
  "wrk": {token: canary, provider: route53}
  wrk: {}
  a b: {}
records:
  - home..example.org
  - {name: a.example.org, types: [A, MX], proxied: maybe, ttl: 5, create: sometimes, leftovers: 1}
  - name: nas.example.org
    ipv6_host: 10
    account: wkr
    zone_id: example.org
    enforce: [ttl, tll]
    proxeid: true
    comment: {a: b}
  - ttl: 1
  - [a, b]
lists: [home_ips, ` + listAccount + `/Home]
detect:
  ipv4: {sources: [cloudflare.trace, cloudflare.dho], agree: most, prefix_len: 4}
  ipv6: {sources: [none, ipify], timeout: 5}
  url_header: canary
  confirm: yes
  allow: [all]
  timeout: 5
policy: {ttl: keep, enforce: ttl, owner: "(", comment: always}
schedule: {every: 5m, on_start: true, on_start: false, time_zone: Mars}
network: {bind: nowhere0, update_timeout: [1s]}
log: true
quiet: true
records: []
record_defaults: {comment: "${NOT_SET}", tags: ["${", ":x"]}
`
	_, err := load(nil, files("homing.yaml", wrong))
	if err == nil {
		t.Fatal("it was taken")
	}
	golden(t, "testdata/problems.txt", err.Error()+"\n")
}

func TestWhatIsNoYAMLIsToldWithItsPlace(t *testing.T) {
	for text, want := range map[string]string{
		"detect: \"canary":                              "homing.yaml:1:9\n       1 | detect: \"canary\n    this is not YAML: could not find the end of a text in quotes",
		"schedule:\n  - a\n every: 5m":                  "homing.yaml:3:2\n       3 |  every: 5m\n    this is not YAML: did not find expected key",
		"- a":                                           "homing.yaml:1:1\n       1 | …\n    keys and values are expected here",
		"log: &x {quiet: true}":                         "homing.yaml:1:6\n       1 | log: &x {quiet: true}\n    anchors, aliases, tags and directives are not taken",
		"log: !!map {}":                                 "anchors, aliases, tags",
		"%YAML 1.2\n---\nlog: {}":                       "anchors, aliases, tags",
		"log: {}\n---\nlog: {}":                         "homing.yaml:3:1\n       3 | log: {}\n    a second document begins here",
		"\xff":                                          "homing.yaml\n    the file is not valid UTF-8",
		strings.Repeat("#", maxYAML+1):                  "the file is larger than 256 KiB",
		"log: " + strings.Repeat("[", 1<<17):            "it is nested too deeply",
		strings.Repeat("- ", 1<<17):                     "it is nested too deeply",
		strings.Repeat("? ", 1<<17):                     "it is nested too deeply",
		strings.Repeat("log:\n", 1<<15):                 "so much in one place is no configuration\n    → is it the right file?",
		strings.Repeat("x: 1\n", 1<<15):                 "homing.yaml:2001:1\n    2001 | x: …\n    so much in one place is no configuration",
		"log: {" + strings.Repeat("x: 1,", 1<<15) + "}": "so much in one place is no configuration",
		strings.Repeat("-\n", 1<<16):                    "homing.yaml:1:1\n       1 | -\n    keys and values are expected here",
		"log:\n\tlevel: x":                              "this is not YAML: found character 'tab' that cannot start any token\n    → indent with blanks; YAML takes no tabs there",
		"log:\n  level: `debug`":                        "homing.yaml:2:10\n       2 |   level: `debug`\n    this is not YAML: found character '`' that cannot start any token",
		"log: {level: x":                                "homing.yaml:1:6\n       1 | log: {level: x\n    this is not YAML: did not find expected ',' or '}'",
		"a b\nlog: {}":                                  "this is not YAML: mapping values are not allowed in this context",
		"schedule:\n  every: 5m\n   on_start: true":     "homing.yaml:3:12\n       3 |    on_start: true\n    this is not YAML: mapping values are not allowed in this context\n    → line 3 is indented by 3 and line 2 above it by 2: indent it like that one",
		"records:\n  - a.example.org\n - b.example.org": "homing.yaml:3:2\n       3 |  - b.example.org\n    this is not YAML: did not find expected key\n    → line 3 is indented by 1, as no line above it is: indent it like the one it belongs beside",
		"records:\n- a.example.org\n  - b.example.org":  "homing.yaml:3:3: records[0].name\n       3 |   - b.example.org\n    this item goes on with the text in line 2, because it is indented further\n    → indent all items of a list alike",
		"log:\n- a\n\"x\"\ny: 1":                        "homing.yaml:3:1\n       3 | \"x\"\n    this is not YAML: could not find expected ':'",
		"log: {level: \x1b}":                            "homing.yaml:1:14\n       1 | log: {level: }\n    a control character stands here",
		"\ufeff# Größe\nlog: {}\n--- \n# x\n...\n- ü":   "homing.yaml:6:1\n       6 | - ü\n    a second document begins here",
	} {
		_, err := load(nil, files("homing.yaml", text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

// A wildcard without quotes is an alias to YAML. Each of them is told, and the
// rest of the file is read all the same.
func TestAllThatYAMLTakesForReferencesIsTold(t *testing.T) {
	const text = `records:
  - *.example.org
  - {name: *.a.example.org, ttl: 5}
  - &x a.example.org
  - !!str b.example.org
  - ! c.example.org
  - *x
<<: {log: {}}
*y : z
detect: &z
  timeout: 5
log: !t
  level: x
  &a quiet: maybe
policy: {? [*b] : c}
`
	_, err := load(ok("DOMAINS", ""), files("homing.yaml", text))
	ps, _ := errors.AsType[Problems](err)
	var got []string
	for _, p := range ps {
		what := p.Name
		if strings.HasPrefix(p.Reason, "anchors, aliases") {
			what = "reference"
		}
		got = append(got, fmt.Sprintf("%d:%d %s", p.Line, p.Column, what))
	}
	want := []string{"2:5 reference", "3:12 reference", "3:34 records[1].ttl", "4:5 reference", "5:5 reference", "6:5 reference", "7:5 reference", "8:1 reference", "9:1 reference",
		"10:9 reference", "11:12 detect.timeout", "12:6 reference", "13:10 log.level", "14:3 reference", "14:13 log.quiet",
		"15:12 policy", "15:13 reference"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A line is made ready for messages once; with every record in it that would
// take minutes.
func TestThousandsOfRecordsStandInOneLine(t *testing.T) {
	const n = 6000
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{name: a%d.example.org, ttl: 60}, ", i)
	}
	cfg, err := load(ok("DOMAINS", ""), files("homing.yaml", "records: ["+b.String()+"]"))
	if err != nil || len(records(t, cfg)) != n {
		t.Errorf("%v", err)
	}
}

// What a message shows of a file is what cannot be a secret.
func TestAMessageShowsNoSecretOfAFile(t *testing.T) {
	for _, text := range []string{
		"accounts: {default: {tokne: canary}}", "accounts: {default: {token: canary, provider: x}}", "tokne: canary", "token:canary", "accounts:\n  default:\n    token: 'canary", "accounts:\n  default:\n    token: >\n      canary\n   x", "canary\n", "- canary\n",
		"notify:\n  shoutrrr:\n  - discord://canary@1\n  x", "detect:\n  url_header:\n   - canary\n   - canary",
		"detect: {url_header: \"canary\"}", "detect:\n  url_header: |\n    Authorization canary\n    B: canary", "accounts: {default: canary}", "accounts: canary",
		"detect: {ipv4: {sources: ['nothing:https://u:canary@h/?k=canary']}}",
		"accounts: {default: {token: [bad, canary]}}", "accounts: {default: {\"token\": {canary: canary}}}", "token: canary\nrecords: [", "accounts:\n  default:\n    token: >-\n      a\n      canary\n    x",
	} {
		_, err := load(nil, files("homing.yaml", text))
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTheFirstFileThereIsIsTaken(t *testing.T) {
	env := ok("XDG_CONFIG_HOME", "/home/me/cfg", "HOME", "/root")
	places := []string{"homing.yaml", "/home/me/cfg/homing/homing.yaml", "/etc/homing/homing.yaml", "/config/homing.yaml"}
	for i := range places {
		f := files()
		for j, p := range places[i:] {
			f[p] = fmt.Sprintf("record_defaults: {ttl: %d}", 100+i+j)
		}
		cfg, err := load(env, f)
		if err != nil || records(t, cfg)[0].Attrs.TTL != 100+i || !slices.Equal(cfg.Files, places[i:i+1]) {
			t.Errorf("%s: %v", places[i], err)
		}
	}
	delete(env, "XDG_CONFIG_HOME")
	if cfg, err := load(env, files("/root/.config/homing/homing.yaml", "record_defaults: {ttl: 77}")); err != nil || records(t, cfg)[0].Attrs.TTL != 77 {
		t.Errorf("in the home folder: %v", err)
	}
}

func TestANamedFileHasToBeThere(t *testing.T) {
	env := ok("HOMING_CONFIG", "/a.yaml")
	f := files("homing.yaml", "record_defaults: {ttl: 100}", "/a.yaml", "record_defaults: {ttl: 200}", "/b.yaml", "record_defaults: {ttl: 300}")
	in := input(env, f)
	if cfg, err := Load(in); err != nil || records(t, cfg)[0].Attrs.TTL != 200 {
		t.Errorf("HOMING_CONFIG: %v", err)
	}
	in.ConfigPath = "/b.yaml"
	if cfg, err := Load(in); err != nil || records(t, cfg)[0].Attrs.TTL != 300 {
		t.Errorf("--config: %v", err)
	}
	in.ConfigPath = "/c.yaml"
	if _, err := Load(in); err == nil || !strings.Contains(err.Error(), `--config="/c.yaml"`) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestTheEnvironmentHasMoreWeightThanTheFile(t *testing.T) {
	const text = "accounts: {default: {token: of-the-file, email: me@example.org}}\nrecords: [{name: a.example.org, ttl: 100}, b.example.org]\n" +
		"record_defaults: {ttl: 200, proxied: true}\npolicy: {ttl: enforce}\ndetect: {ipv4: {sources: [ipify, url:x]}}"
	both := func(env ...string) *Config {
		t.Helper()
		e := map[string]string{}
		for i := 0; i < len(env); i += 2 {
			e[env[i]] = env[i+1]
		}
		cfg, err := load(e, files("homing.yaml", text))
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	if got := records(t, both("TTL", "300")); got[0].Attrs.TTL != 100 || got[1].Attrs.TTL != 300 || !got[0].Attrs.Proxied {
		t.Errorf("TTL is no default for records that do not set it: %+v", got)
	}
	if got := records(t, both("DOMAINS", "c.example.org")); len(got) != 1 || got[0].Name.String() != "c.example.org" || got[0].Attrs.TTL != 200 {
		t.Errorf("DOMAINS does not replace the records: %+v", got)
	}
	if got := both("CLOUDFLARE_API_TOKEN", "of-the-environment").Accounts[0].Text("token"); got != "of-the-environment" {
		t.Errorf("token %s", got)
	}
	if got := records(t, both("HOMING_ENFORCE", "proxied"))[0].Enforce; got != plan.Proxied {
		t.Errorf("the policy of the file is still there: %v", got)
	}
	if got := both("IP4_PROVIDER", "cloudflare.doh").Detect[addr.IPv4].Sources; len(got) != 1 || got[0].Word != "cloudflare.doh" {
		t.Errorf("sources %v", got)
	}
	if got := both("TTL", " "); records(t, got)[1].Attrs.TTL != 200 {
		t.Error("an empty variable is set")
	}
}

func TestVariablesAreFilledInOnceAndOnlyInValues(t *testing.T) {
	env := map[string]string{"T": "tok: {en", "N": "a.example.org", "NESTED": "${N}", "S": "7"}
	cfg, err := load(env, files("homing.yaml", "accounts: {default: {token: '${T}'}}\nrecords: ['x.${N}']\nrecord_defaults: {comment: \"$${N} ${NESTED} $ $$ {}\"}\ndetect: {timeout: \"${S}s\"}"))
	if err != nil {
		t.Fatal(err)
	}
	r := records(t, cfg)[0]
	if cfg.Accounts[0].Text("token") != "tok: {en" || r.Name.String() != "x.a.example.org" || r.Attrs.Comment != "${N} ${N} $ $$ {}" || cfg.DetectionTimeout != 7*time.Second {
		t.Errorf("%+v %+v", cfg, r)
	}
}

func TestWhatIsEmptyInAFileIsNotSet(t *testing.T) {
	const text = `accounts: {default: {token: "", token_file: tokens/cf, key_file: "", key: ~, email: }}
records: [{name: a.example.org, types: [], comment: "", zone_id: "", ttl: ""}]
record_defaults: {comment: mine, ttl: 120}
detect: {ipv4: {sources: "", agree: ""}, ipv6: {sources: []}, allow: []}
policy: {owner: "", enforce: []}
network: {bind: ""}
schedule:
log: ~
`
	cfg, err := load(nil, files("homing.yaml", text, "tokens/cf", "good"))
	if err != nil {
		t.Fatal(err)
	}
	r := records(t, cfg)[0]
	if len(r.Types) != 2 || r.Attrs.Comment != "" || r.Attrs.TTL != 120 || cfg.Accounts[0].Text("token") != "good" || len(cfg.Detect[addr.IPv6].Sources) != 2 {
		t.Errorf("%+v", cfg)
	}
	if _, err := load(nil, files("homing.yaml", strings.Replace(text, "ipv6: {sources: []}", "ipv6: {sources: ['']}", 1), "tokens/cf", "good")); err == nil {
		t.Error("an item that is empty was taken")
	}
}

func TestTheSameNameTwice(t *testing.T) {
	for text, want := range map[string]string{
		"[a.example.org, A.example.org]":                                                                  "1",
		"[{name: a.example.org, types: A}, {name: a.example.org, types: AAAA}]":                           "1",
		"[{name: a.example.org, types: A, proxied: true}, {name: a.example.org, types: AAAA}]":            "2",
		"[{name: a.example.org, types: A, proxied: true}, {name: a.example.org, types: [A, AAAA]}]":       "homing.yaml:1:",
		"[{name: a.example.org, ipv6_host: '::1'}, {name: a.example.org, types: AAAA, ipv6_host: '::2'}]": "stands there twice with other settings",
	} {
		cfg, err := load(ok("DOMAINS", ""), files("homing.yaml", "records: "+text))
		if err != nil && strings.Contains(err.Error(), want) {
			continue
		}
		if err != nil || fmt.Sprint(len(records(t, cfg))) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestWhichAccountARecordBelongsTo(t *testing.T) {
	for text, want := range map[string]string{
		"accounts: {home: {token: x}}\nrecords: [a.example.org]":                                                                      "home:a",
		"accounts: {default: {token: x}}\nrecords: [a.example.org]":                                                                   ":a",
		"accounts: {default: {token: x}, b: {token: y}}\nrecords: [a.example.org]":                                                    "among default b:a",
		"accounts: {default: {token: x}, b: {token: y}}\nrecords: [a.example.org, {name: b.example.org, account: b}]":                 "among default b:a b:b",
		"accounts: {default: {token: x}, b: {token: y}}\nrecords: [{name: a.example.org, account: default}]":                          ":a",
		"accounts: {b: {token: y}, default: {token: x}}\nrecords: [{name: a.example.org, zone_id: 0123456789abcdef0123456789abcdef}]": ":a",
		"accounts: {c: {token: x}, b: {token: y}}\nrecords: [a.example.org]":                                                          "among c b:a",
		"accounts: {c: {token: x}, b: {token: y}}\nlists: [0123456789abcdef0123456789abcdef/x]":                                       "there are several accounts and none of them is called default",
		"accounts: {c: {token: x}, b: {token: y}}\nrecords: [{name: a, relative: true, zone_id: 0123456789abcdef0123456789abcdef}]":   "there are several accounts and none of them is called default",
		"accounts: {c: {token: x}, b: {token: y}}\nrecords: [{name: a.example.org, zone_id: 0123456789abcdef0123456789abcdef}]":       "there are several accounts and none of them is called default",
		"accounts: {c: {token: x}, b: {token: y}}\nrecords: [a.example.org, {name: a.example.org, account: b}]":                       "among c b:a b:a",
		"accounts: {c: {token: x}, b: {}}\nrecords: [{name: a.example.org, account: nobody}]":                                         "there is no account \"nobody\"\n    → the accounts are c",
		"accounts: {b: {key: x}}\nrecords: [a.example.org]":                                                                           "accounts.b.email\n    it is not set, but accounts.b.key is",
	} {
		cfg, err := load(nil, files("homing.yaml", text))
		var got []string
		if err == nil {
			for _, a := range cfg.Accounts {
				name := a.Name
				for i, m := range a.Among {
					name += map[bool]string{true: "among "}[i == 0] + map[bool]string{true: " "}[i > 0] + m.Name
				}
				got = append(got, name+":"+a.Spec.Records[0].Name.String()[:1])
			}
		} else if strings.Contains(err.Error(), want) {
			continue
		}
		if diff := gocmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %v %s", text, err, diff)
		}
	}
}

// golden compares with a file; -update writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (go test -update writes it anew): %s", path, diff)
	}
}
