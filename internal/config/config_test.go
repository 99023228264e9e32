package config

import (
	"cmp"
	"errors"
	"flag"
	"io/fs"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// ok is an environment in which nothing is wrong.
func ok(more ...string) map[string]string {
	env := map[string]string{"CLOUDFLARE_API_TOKEN": "good", "DOMAINS": "home.example.org"}
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}

func testCatalogue() *Catalogue {
	voter := func(operator string, sound bool) func(addr.Family, string, bool) (addr.Voter, error) {
		return func(_ addr.Family, arg string, _ bool) (addr.Voter, error) {
			if operator != "" && arg != "" {
				return addr.Voter{}, errors.New("it takes nothing")
			}
			return addr.Voter{Source: operator, Operator: cmp.Or(operator, arg), Authenticated: sound}, nil
		}
	}
	return &Catalogue{
		Sources: []SourceKind{
			{Word: "cloudflare.trace", Form: "cloudflare.trace", Check: voter("Cloudflare", true)},
			{Word: "cloudflare.doh", Form: "cloudflare.doh", Check: voter("Cloudflare", true)},
			{Word: "opendns.dns", Form: "opendns.dns", Check: voter("OpenDNS", false)},
			{Word: "google.dns", Form: "google.dns", Check: voter("Google", false)},
			{Word: "ipify", Form: "ipify", Check: voter("ipify.org", true)},
			{Word: "local", Form: "local", Check: voter("this machine", true)},
			{Word: "url", Form: "url:<url>", Check: voter("", true)},
			{Word: "exec", Form: "exec:<command>", Check: voter("", true)},
			{Word: "static.empty", Form: "static.empty", Check: voter("you", true)},
			{Word: "static", Form: "static:<address>", Check: func(f addr.Family, arg string, _ bool) (addr.Voter, error) {
				for s := range strings.SplitSeq(arg, ",") {
					if a, err := netip.ParseAddr(s); err != nil || !f.Holds(a) {
						return addr.Voter{}, errors.New("not an address")
					}
				}
				return addr.Voter{Source: "static", Operator: "you", Authenticated: true, Certain: true}, nil
			}},
		},
		Hosts: []*HostKind{testHost()},
		CheckBind: func(s string) error {
			if s == "nowhere0" {
				return errors.New("there is no such interface")
			}
			return nil
		},
	}
}

// records are those of the only account.
func records(t *testing.T, c *Config) []plan.Record {
	t.Helper()
	if len(c.Accounts) != 1 {
		t.Fatalf("%d accounts", len(c.Accounts))
	}
	return c.Accounts[0].Spec.Records
}

var update = flag.Bool("update", false, "write the files that tests compare with")

// input is an environment and files, and nothing else.
func input(env, files map[string]string) *Input {
	return &Input{
		Getenv: func(k string) string { return env[k] },
		ReadFile: func(p string) ([]byte, error) {
			if s, ok := files[p]; ok {
				return []byte(s), nil
			}
			return nil, &fs.PathError{Op: "open", Path: p, Err: fs.ErrNotExist}
		},
		Now:       time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
		Catalogue: testCatalogue(),
	}
}

func load(env, files map[string]string) (*Config, error) {
	return Load(input(env, files))
}

// problems are the names of the settings that are wrong, in order.
func problems(t *testing.T, err error) []string {
	t.Helper()
	ps, ok := errors.AsType[Problems](err)
	if !ok {
		t.Fatalf("got %v, want Problems", err)
	}
	var names []string
	for _, p := range ps {
		names = append(names, p.Name)
	}
	return names
}

func TestATokenAndANameAreAConfiguration(t *testing.T) {
	cfg, err := load(ok(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(records(t, cfg)) != 1 || !slices.Equal(records(t, cfg)[0].Types, []dns.Type{dns.A, dns.AAAA}) {
		t.Errorf("records %v", records(t, cfg))
	}
	for _, f := range addr.Families() {
		if got := cfg.Detect[f].Sources; !slices.Equal(got, []Source{{Word: "cloudflare.trace"}, {Word: "cloudflare.doh"}}) {
			t.Errorf("%v sources %v", f, got)
		}
	}
	if !cfg.Confirm || !cfg.OnStart || cfg.Resync != 15*time.Minute || cfg.DetectionTimeout != 5*time.Second ||
		cfg.UpdateTimeout != 30*time.Second || cfg.Schedule.String() != "@every 5m" {
		t.Errorf("defaults %+v", cfg)
	}
}

func TestEverySettingIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Settings(testCatalogue()) {
		switch {
		case s.Path == "" || s.Type == "" || s.Doc == "":
			t.Errorf("%s%s: something is missing", s.Path, s.Env)
		case s.set == nil && s.Variable() == "":
			t.Errorf("%s does nothing", s.Path)
		case !strings.HasSuffix(s.Doc, ".") || strings.Count(s.Doc, ". ") > 0:
			t.Errorf("%s: the description is not one sentence: %q", s.Path, s.Doc)
		case seen[s.Env] || s.set != nil && seen[s.Path]:
			t.Errorf("%s%s stands twice in the table", s.Path, s.Env)
		}
		if s.Env != "" {
			seen[s.Env] = true
		}
		seen[s.Path] = s.set != nil
	}
	for _, name := range strings.Fields(`CLOUDFLARE_API_TOKEN CLOUDFLARE_API_KEY CLOUDFLARE_API_EMAIL CLOUDFLARE_BASE_URL DOMAINS
		IP4_DOMAINS IP6_DOMAINS IP4_PROVIDER IP6_PROVIDER UPDATE_CRON UPDATE_ON_START PROXIED TTL RECORD_COMMENT
		DETECTION_TIMEOUT UPDATE_TIMEOUT HOMING_RESYNC HOMING_CONFIRM TZ QUIET EMOJI`) {
		if !seen[name] {
			t.Errorf("%s is not in the table", name)
		}
	}
}

func TestEveryDefaultIsTakenAsItIsWritten(t *testing.T) {
	for _, s := range Settings(testCatalogue()) {
		if s.Default == "" || s.Env == "" {
			continue
		}
		if _, err := load(ok(s.Env, s.Default), nil); err != nil {
			t.Errorf("%s=%s: %v", s.Env, s.Default, err)
		}
	}
}

func TestEveryWrongSettingIsReportedInTheOrderOfTheTable(t *testing.T) {
	_, err := load(ok("CLOUDFLARE_API_TOKEN", "bad", "TTL", "5", "IP4_PROVIDER", "nothing", "UPDATE_CRON", "never", "EMOJI", "?"), nil)
	want := []string{"CLOUDFLARE_API_TOKEN", "TTL", "IP4_PROVIDER", "UPDATE_CRON", "EMOJI"}
	if diff := gocmp.Diff(want, problems(t, err)); diff != "" {
		t.Error(diff)
	}
}

func TestListsOfNamesMeetInOneRecordEach(t *testing.T) {
	cfg, err := load(ok("DOMAINS", "a.example.org, B.Example.Org.\nc.example.org", "IP4_DOMAINS", "d.example.org a.example.org", "IP6_DOMAINS", "e.example.org"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records(t, cfg) {
		got = append(got, r.Name.String()+" "+strings.Join([]string{string(r.Types[0]), string(r.Types[len(r.Types)-1])}, "-"))
	}
	want := []string{"a.example.org A-AAAA", "b.example.org A-AAAA", "c.example.org A-AAAA", "d.example.org A-A", "e.example.org AAAA-AAAA"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestANewSourceStartsOnlyAtASourcesWord(t *testing.T) {
	for list, want := range map[string][]Source{
		"static:192.0.2.1,192.0.2.2":         {{"static", "192.0.2.1,192.0.2.2"}},
		"static:192.0.2.1, cloudflare.trace": {{"static", "192.0.2.1"}, {"cloudflare.trace", ""}},
		"url:https://a.example/?a=1,2,url:b": {{"url", "https://a.example/?a=1,2"}, {"url", "b"}},
		"cloudflare.doh,cloudflare.trace":    {{"cloudflare.doh", ""}, {"cloudflare.trace", ""}},
		"none":                               nil,
	} {
		cfg, err := load(ok("IP4_PROVIDER", list), nil)
		if err != nil {
			t.Errorf("%s: %v", list, err)
			continue
		}
		if diff := gocmp.Diff(want, cfg.Detect[addr.IPv4].Sources); diff != "" {
			t.Errorf("%s: %s", list, diff)
		}
	}
	for _, list := range []string{"cloudflare.trace,none", "cloudflare.trace,cloudflare.dho", "cloudflare.trace:x", "static:nothing", ","} {
		if _, err := load(ok("IP4_PROVIDER", list), nil); err == nil {
			t.Errorf("%s was taken", list)
		}
	}
}

func TestAMisspeltSourceIsSuggested(t *testing.T) {
	for word, want := range map[string]string{"cloudflare.trac": "did you mean cloudflare.trace?", "cloudflare.hod": "did you mean cloudflare.doh?",
		"statik:192.0.2.1": "did you mean static?", "nonne": "did you mean none?"} {
		_, err := load(ok("IP4_PROVIDER", word), nil)
		if ps, _ := errors.AsType[Problems](err); len(ps) != 1 || ps[0].Hint != want {
			t.Errorf("%s: %v", word, err)
		}
	}
}

func TestASecretComesFromItsFile(t *testing.T) {
	env := map[string]string{"CLOUDFLARE_API_TOKEN_FILE": "/run/secrets/cf", "DOMAINS": "home.example.org"}
	cfg, err := load(env, map[string]string{"/run/secrets/cf": " from-the-file\n"})
	if err != nil || cfg.Accounts[0].Text("token") != "from-the-file" {
		t.Fatalf("%v", err)
	}
	env["CLOUDFLARE_API_TOKEN"] = "from-the-file"
	if _, err := load(env, map[string]string{"/run/secrets/cf": "from-the-file"}); err != nil {
		t.Errorf("a value and a file that agree are refused: %v", err)
	}
	for name, files := range map[string]map[string]string{"differs": {"/run/secrets/cf": "other"}, "empty": {"/run/secrets/cf": "\n"}, "missing": nil} {
		if _, err := load(env, files); err == nil || !slices.Equal(problems(t, err), []string{"CLOUDFLARE_API_TOKEN_FILE"}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASecretIsNeverInAMessage(t *testing.T) {
	_, err := load(ok("CLOUDFLARE_API_TOKEN", "bad", "CLOUDFLARE_API_KEY", "canary-key"), nil)
	if strings.Contains(err.Error(), `"bad"`) || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v", err)
	}
}

func TestAMessageShowsNoPasswordOfAURL(t *testing.T) {
	_, err := load(ok("IP4_PROVIDER", "nothing:https://me:canary@example.org/?key=canary,url:http://u:canary@b.example#canary"), nil)
	if err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "https://…@example.org/?…") {
		t.Errorf("%v", err)
	}
}

func TestWhatLeavesNothingToDoIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		env  map[string]string
		want string
	}{
		"no name":           {ok("DOMAINS", ""), "DOMAINS"},
		"no family":         {ok("IP4_PROVIDER", "none", "IP6_PROVIDER", "none"), "IP4_PROVIDER"},
		"the other family":  {ok("DOMAINS", "", "IP4_DOMAINS", "a.example.org", "IP4_PROVIDER", "none"), "IP4_PROVIDER"},
		"no token":          {ok("CLOUDFLARE_API_TOKEN", ""), "CLOUDFLARE_API_TOKEN"},
		"a key alone":       {ok("CLOUDFLARE_API_TOKEN", "", "CLOUDFLARE_API_KEY", "k"), "CLOUDFLARE_API_EMAIL"},
		"an email alone":    {ok("CLOUDFLARE_API_TOKEN", "", "CLOUDFLARE_API_EMAIL", "me@example.org"), "CLOUDFLARE_API_KEY"},
		"once and not now":  {ok("UPDATE_CRON", "@once", "UPDATE_ON_START", "false"), "UPDATE_ON_START"},
		"a day that is not": {ok("UPDATE_CRON", "0 0 31 2 *"), "UPDATE_CRON"},
	} {
		_, err := load(tc.env, nil)
		if err == nil || !slices.Equal(problems(t, err), []string{tc.want}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestResyncHasTwoNamesThatMustAgree(t *testing.T) {
	for env, want := range map[[2]string]time.Duration{
		{"CACHE_EXPIRATION", "6h"}: 6 * time.Hour, {"CACHE_EXPIRATION", "0"}: 0, {"HOMING_RESYNC", "1m"}: time.Minute,
	} {
		if cfg, err := load(ok(env[0], env[1]), nil); err != nil || cfg.Resync != want {
			t.Errorf("%s=%s: %v", env[0], env[1], err)
		}
	}
	if _, err := load(ok("CACHE_EXPIRATION", "1h", "HOMING_RESYNC", "2h"), nil); err == nil {
		t.Error("two values were taken")
	}
	if _, err := load(ok("CACHE_EXPIRATION", "60m", "HOMING_RESYNC", "1h"), nil); err != nil {
		t.Errorf("the same value in two ways: %v", err)
	}
}

func TestAttributesReachTheRecords(t *testing.T) {
	cfg, err := load(ok("DOMAINS", "a.example.org,b.example.org", "PROXIED", "is(a.example.org)", "TTL", "120", "RECORD_COMMENT", "mine"), nil)
	if err != nil {
		t.Fatal(err)
	}
	a, b := records(t, cfg)[0].Attrs, records(t, cfg)[1].Attrs
	if !a.Proxied || b.Proxied || a.TTL != 120 || a.Comment != "mine" {
		t.Errorf("%+v %+v", a, b)
	}
}

func TestDetectionNeedsNoAccount(t *testing.T) {
	_, err := Load(&Input{Getenv: func(string) string { return "" }, Catalogue: testCatalogue(), Scope: ForDetection})
	if err != nil {
		t.Error(err)
	}
}

// Who only looks for the daemon's page need not have what the daemon was told.
func TestThePageIsFoundWithoutTheRest(t *testing.T) {
	env := map[string]string{"UPDATE_CRON": "nonsense", "CLOUDFLARE_API_TOKEN_FILE": "/nowhere", "HOMING_LISTEN": "127.0.0.1:9000", "HOMING_STATE": "/state"}
	in := &Input{Getenv: func(name string) string { return env[name] }, Catalogue: &Catalogue{}, Scope: ForPage}
	cfg, err := Load(in)
	if err != nil || cfg.Serve.Listen != "127.0.0.1:9000" || cfg.State != "/state" {
		t.Fatalf("%+v, %v", cfg, err)
	}
	env["HOMING_PUBLIC_READ"] = "perhaps"
	if _, err := Load(in); !slices.Equal(problems(t, err), []string{"HOMING_PUBLIC_READ"}) {
		t.Fatal(err)
	}
}

// FuzzLists states what a list is: whatever is written, either every name in
// it is a name, or the setting is refused; nothing panics.
func FuzzLists(f *testing.F) {
	f.Add("home.example.org, www.example.org", "cloudflare.trace,static:192.0.2.1")
	f.Add(",,a..b,*.example.org", "static:,url:,")
	f.Fuzz(func(t *testing.T, names, sources string) {
		cfg, err := load(ok("DOMAINS", names, "IP4_PROVIDER", sources), nil)
		if err != nil {
			problems(t, err)
			return
		}
		if len(records(t, cfg)) == 0 {
			t.Error("a configuration without names was taken")
		}
		for _, r := range records(t, cfg) {
			if back, err := dns.ParseName(r.Name.String()); err != nil || back != r.Name {
				t.Errorf("%q is no name", r.Name)
			}
		}
		for _, s := range cfg.Detect[addr.IPv4].Sources {
			if !slices.ContainsFunc(testCatalogue().Sources, func(k SourceKind) bool { return k.Word == s.Word }) {
				t.Errorf("%q is no source", s.Word)
			}
		}
	})
}
