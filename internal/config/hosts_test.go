package config

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// withFake is an input whose catalogue has a second DNS host: longer TTLs, ids
// that are numbers, a credential of two texts, and no IP lists.
func withFake(env, files map[string]string) *Input {
	in := input(env, files)
	in.Catalogue.Hosts = append(in.Catalogue.Hosts, &HostKind{
		Word: "fake", Name: "Fake DNS", MinTTL: 300, MaxTTL: 1000000,
		Settings: []HostSetting{
			{Key: "token", Env: "FAKE_TOKEN", File: true, Secret: true, Type: "token", Doc: "Fake's token."},
			{Key: "ca_file", Env: "FAKE_CA", Type: "path", Path: true, Doc: "Fake's CA, whose key ends as those of secrets in files do.", Check: func(content string) error {
				if content != "a certificate" {
					return Hinted("there is no certificate in the file", "write one")
				}
				return nil
			}},
			{Key: "open", Env: "FAKE_OPEN", Form: Boolean, Type: "true or false", Doc: "Whether Fake is open."},
			{Key: "project", Env: "FAKE_PROJECT", Type: "project", Doc: "Fake's project.", Check: func(s string) error {
				if s != strings.ToLower(s) {
					return Hinted("a project has small letters", "write it as Fake does")
				}
				return nil
			}},
		},
		Check: func(c Credential) {
			if c.Text("token") == "" {
				c.Missing("token", "it is not set", "then: "+c.ToSet("token", "…"))
			}
		},
		ZoneID: func(s string) (string, error) {
			if strings.Trim(s, "0123456789") != "" {
				return "", Hinted("this is no number of a zone", "")
			}
			return s, nil
		},
	})
	return in
}

// both are settings with an account at each host.
const both = `
accounts:
  default: {provider: fake}
  cf: {token: of-cf}
records:
  - {name: a.example.org, ttl: 604800, zone_id: 7}
  - {name: b.example.net, account: cf, ttl: 60, zone_id: 0123456789ABCDEF0123456789abcdef}
`

func TestEachHostHasItsOwnTTLsIdsAndCredentials(t *testing.T) {
	env := map[string]string{"FAKE_TOKEN": "of-fake", "FAKE_PROJECT": "p", "CLOUDFLARE_API_TOKEN": "of-nobody"}
	cfg, err := Load(withFake(env, files("homing.yaml", both)))
	if err != nil {
		t.Fatal(err)
	}
	fake, cf := cfg.Accounts[0], cfg.Accounts[1]
	if fake.Provider != "fake" || fake.Text("token") != "of-fake" || fake.Text("project") != "p" || cf.Provider != "cloudflare" || cf.Text("token") != "of-cf" {
		t.Errorf("%+v\n%+v", fake, cf)
	}
	a, b := fake.Spec.Records[0], cf.Spec.Records[0]
	if a.Attrs.TTL != 604800 || fake.ZoneIDs[a.Name] != "7" || b.Attrs.TTL != 60 || cf.ZoneIDs[b.Name] != "0123456789abcdef0123456789abcdef" {
		t.Errorf("%+v %v\n%+v %v", a, fake.ZoneIDs, b, cf.ZoneIDs)
	}
}

func TestWhatAHostDoesNotTakeIsRefusedInItsWords(t *testing.T) {
	for what, want := range map[string]string{
		both: "", // FAKE_TOKEN is set
		"accounts: {default: {provider: fake}}\nrecords: [{name: a.example.org, ttl: 60}]":                                   "it is neither 1 nor a number of seconds from 300 to 1000000\n    → write 1 to leave it to Fake DNS",
		"accounts: {default: {provider: fake}, cf: {token: x}}\nrecords: [{name: a.example.org, account: cf, ttl: 5}]":       "from 30 to 86400\n    → write 1 to leave it to Cloudflare",
		"accounts: {default: {provider: fake}}\nrecords: [a.example.org]\nrecord_defaults: {ttl: 60}":                        "from 300 to 1000000",
		"accounts: {default: {provider: fake}}\nrecords: [{name: a.example.org, zone_id: 0123456789abcdef0123456789abcdef}]": "this is no number of a zone",
		"accounts: {default: {provider: fake, project: P}}\nrecords: [a.example.org]":                                        "a project has small letters",
		"accounts: {x: {provider: fale, project: p, email: a@b}}\nrecords: [a.example.org]":                                  "one setting is wrong",
		"accounts: {default: {provider: fake, email: a@b}}\nrecords: [a.example.org]":                                        "an account at Fake DNS has no such setting\n    → it has token, ca_file, open and project",
		"accounts: {default: {provider: fake}}\nlists: [0123456789abcdef0123456789abcdef/x]":                                 "Fake DNS has no IP lists",
	} {
		_, err := Load(withFake(map[string]string{"FAKE_TOKEN": "x"}, files("homing.yaml", what)))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s\n%v", what, err)
		}
	}
}

// Another ecosystem's variables count only where an account is at that host.
func TestTheVariablesOfAHostCountOnlyThere(t *testing.T) {
	env := map[string]string{"FAKE_TOKEN": "x", "FAKE_PROJECT": "not LOOKED at", "FAKE_TOKEN_FILE": "/not/there", "DOMAINS": "a.example.org", "CLOUDFLARE_API_TOKEN": "good"}
	cfg, err := Load(withFake(env, nil))
	if err != nil || cfg.Accounts[0].Text("token") != "good" || cfg.Accounts[0].Text("project") != "" {
		t.Errorf("%v", err)
	}
	_, err = Load(withFake(map[string]string{"CLOUDFLARE_API_TOKEN": "good"}, files("homing.yaml", "accounts: {default: {provider: fake}}\nrecords: [a.example.org]")))
	if err == nil || !strings.Contains(err.Error(), "it is not set") {
		t.Errorf("the token of another host is taken: %v", err)
	}
	_, err = Load(withFake(map[string]string{"CF_API_TOKEN": "good"}, files("homing.yaml", "accounts: {default: {provider: fake}}\nrecords: [a.example.org]")))
	if err == nil || !strings.Contains(err.Error(), "it is not set") {
		t.Errorf("the token of another host is taken by its old name: %v", err)
	}
}

// A path that is no secret, and a word of yes or no, are read as they stand.
func TestASettingOfAHostHasItsForm(t *testing.T) {
	cfg, err := Load(withFake(map[string]string{"FAKE_TOKEN": "x"}, files("homing.yaml", "accounts: {default: {provider: fake, ca_file: /etc/ca.pem, open: true}}\nrecords: [a.example.org]", "/etc/ca.pem", "a certificate")))
	if err != nil || cfg.Accounts[0].Text("ca_file") != "/etc/ca.pem" || cfg.Accounts[0].Text("open") != "true" {
		t.Errorf("%v", err)
	}
	_, err = Load(withFake(map[string]string{"FAKE_TOKEN": "x"}, files("homing.yaml", "accounts: {default: {provider: fake, open: perhaps}}\nrecords: [a.example.org]")))
	if err == nil {
		t.Error("perhaps is taken")
	}
	schema := string(Schema(withFake(nil, nil).Catalogue))
	for _, want := range []string{`"ca_file": {`, "In the environment: FAKE_CA.", `"open": {`} {
		if !strings.Contains(schema, want) {
			t.Errorf("%s is not in the schema", want)
		}
	}
}

// A file that an account names is looked at and watched, as those of secrets are.
func TestAFileOfAnAccountIsWatched(t *testing.T) {
	const text = "accounts: {default: {provider: fake, token: x, ca_file: CA}}\nrecords: [a.example.org]"
	for ca, want := range map[string]string{"/etc/ca.pem": "/etc/ca.pem", "ca.pem": "/etc/homing/ca.pem"} {
		in := withFake(nil, files("/etc/homing/homing.yaml", strings.Replace(text, "CA", ca, 1), "/etc/ca.pem", "a certificate", "/etc/homing/ca.pem", "a certificate"))
		cfg, err := Load(in)
		if err != nil || cfg.Accounts[0].Text("ca_file") != want || !slices.Contains(cfg.Files, want) {
			t.Errorf("%s: %v", ca, err)
		}
		shown, err := Show(in)
		if err != nil || !strings.Contains(string(shown), "ca_file: "+want) {
			t.Errorf("%v\n%s", err, shown)
		}
	}
	env := map[string]string{"HOMING_PROVIDER": "fake", "FAKE_TOKEN": "x", "DOMAINS": "a.example.org", "FAKE_CA": "/etc/ca.pem"}
	for _, tc := range []struct{ ca, file, want string }{
		{"/etc/ca.pem", "/etc/other", "FAKE_CA=\"/etc/ca.pem\"\n    there is no such file\n    → check the path; in a container the file has to be mounted"},
		{"/etc/ca.pem", "/etc/ca.pem", "FAKE_CA=\"/etc/ca.pem\"\n    there is no certificate in the file\n    → write one"},
		{"ca.pem", "ca.pem", "FAKE_CA=\"ca.pem\"\n    the path does not begin at the root\n    → write the whole path, such as /etc/homing/ca.pem"},
	} {
		env["FAKE_CA"] = tc.ca
		_, err := Load(withFake(env, files(tc.file, "nothing")))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v, want %q", err, tc.want)
		}
		if ps, _ := errors.AsType[Problems](err); tc.file == "/etc/other" && len(ps.Elsewhere()) != 0 {
			t.Error("it may be there where the settings are used")
		}
	}
}

func TestAnUnknownHostIsRefusedWithTheKnownOnes(t *testing.T) {
	text := "accounts: {default: {provider: %}}\nrecords: [a.example.org]"
	for _, tc := range []struct {
		in   *Input
		want string
	}{
		{input(ok(), files("homing.yaml", strings.Replace(text, "%", "route53", 1))), "there is no DNS host \"route53\"\n    → the only one is cloudflare"},
		{withFake(ok(), files("homing.yaml", strings.Replace(text, "%", "route53", 1))), "there is no DNS host \"route53\"\n    → the hosts are cloudflare and fake"},
		{withFake(ok(), files("homing.yaml", strings.Replace(text, "%", "fakr", 1))), "there is no DNS host \"fakr\"\n    → did you mean fake?"},
	} {
		_, err := Load(tc.in)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v, want %q", err, tc.want)
		}
		if ps, _ := errors.AsType[Problems](err); len(ps) != 1 {
			t.Errorf("%d problems", len(ps))
		}
	}
}

func TestTheDocumentsNameEachHost(t *testing.T) {
	c := withFake(nil, nil).Catalogue
	for _, want := range []string{"FAKE_TOKEN", "FAKE_TOKEN_FILE", "CLOUDFLARE_API_TOKEN", "30 to 86400 or 300 to 1000000 seconds", "Cloudflare or Fake DNS"} {
		if !strings.Contains(string(Markdown(c)), want) {
			t.Errorf("%s is not in the table", want)
		}
	}
	for _, want := range []string{"In the environment: CLOUDFLARE_API_TOKEN. Fake's token. In the environment: FAKE_TOKEN."} {
		if !strings.Contains(string(Schema(c)), want) {
			t.Errorf("%s is not in the schema", want)
		}
	}
	if known := c.KnownVariables(); !slices.Contains(known, "FAKE_PROJECT") {
		t.Error("its variables would be called misspelt")
	}
	shown, err := Show(withFake(map[string]string{"FAKE_TOKEN": "x"}, files("homing.yaml", both)))
	if err != nil || !strings.Contains(string(shown), "${FAKE_TOKEN}") || strings.Count(string(shown), "provider:") != 1 {
		t.Errorf("%v\n%s", err, shown)
	}
}

// HOMING_PROVIDER says at which host the account of the environment is.
func TestTheEnvironmentNamesItsHost(t *testing.T) {
	env := map[string]string{"HOMING_PROVIDER": "fake", "FAKE_TOKEN": "x", "DOMAINS": "a.example.org", "CLOUDFLARE_API_TOKEN": "bad", "CLOUDFLARE_BASE_URL": "https://cf.example"}
	cfg, err := Load(withFake(env, nil))
	if err != nil || cfg.Accounts[0].Provider != "fake" || cfg.Accounts[0].Text("token") != "x" || cfg.Accounts[0].Text(BaseURL) != "" {
		t.Errorf("%v", err)
	}
	for word, want := range map[string]string{
		"FAKE":    "HOMING_PROVIDER=\"FAKE\"\n    there is no DNS host \"FAKE\"\n    → did you mean fake?",
		"fakr":    "HOMING_PROVIDER=\"fakr\"\n    there is no DNS host \"fakr\"\n    → did you mean fake?",
		"Fake":    "did you mean fake?",
		"route53": "HOMING_PROVIDER=\"route53\"\n    there is no DNS host \"route53\"\n    → the hosts are cloudflare and fake",
	} {
		env["HOMING_PROVIDER"], env["CLOUDFLARE_API_TOKEN"] = word, "good"
		_, err := Load(withFake(env, nil))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if ps, _ := errors.AsType[Problems](err); len(ps) != 1 {
			t.Errorf("%s: %d problems", word, len(ps))
		}
	}
	_, err = Load(withFake(map[string]string{"HOMING_PROVIDER": "fake", "DOMAINS": "a.example.org"}, nil))
	if err == nil || !strings.Contains(err.Error(), "FAKE_TOKEN\n    it is not set\n    → then: export FAKE_TOKEN=…") {
		t.Error(err)
	}
}

// A variable of a host that is not used is not told of either: it is another program's.
func TestAnOldNameOfAnotherHostIsNotToldOf(t *testing.T) {
	for host, want := range map[string]int{"cloudflare": 2, "fake": 0} {
		env := map[string]string{"HOMING_PROVIDER": host, "FAKE_TOKEN": "x", "DOMAINS": "a.example.org", "CF_API_TOKEN": "good", "CF_API_TOKEN_FILE": "/token"}
		in := withFake(env, map[string]string{"/token": "good"})
		cfg, err := Load(in)
		if err != nil {
			t.Errorf("%s: %v", host, err)
			continue
		}
		if all := strings.Join(cfg.Notices, "\n"); strings.Count(all, "is an old name; today it is") != want {
			t.Errorf("%s: %q", host, cfg.Notices)
		}
	}
}

// An account whose records have to name it cannot be made by variables, which is
// said with where it goes.
func TestTheEnvironmentCannotNameAHostOfNamedRecords(t *testing.T) {
	for word, want := range map[string]string{
		"named": "HOMING_PROVIDER=\"named\"\n    an account at a named host is set in homing.yaml, where a record can say that it is there\n" +
			"    → write into homing.yaml: accounts: {mine: {provider: named, …}}, and account: mine at its records; homing hosts says what it needs",
		"route53": "HOMING_PROVIDER=\"route53\"\n    there is no DNS host \"route53\"\n    → the hosts are cloudflare and fake, and in homing.yaml named",
		"fakr":    "→ did you mean fake?",
		"fake":    "",
	} {
		in := withFake(map[string]string{"HOMING_PROVIDER": word, "FAKE_TOKEN": "x", "DOMAINS": "a.example.org"}, nil)
		in.Catalogue.Hosts = append(in.Catalogue.Hosts, &HostKind{Word: "named", Name: "a named host", MaxTTL: 1, Named: true})
		_, err := Load(in)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", word, err)
		}
		if ps, _ := errors.AsType[Problems](err); want != "" && len(ps) != 1 {
			t.Errorf("%s: %d problems", word, len(ps))
		}
	}
	in := withFake(nil, files("homing.yaml", "accounts: {n: {provider: named}}\nrecords: [{name: a.example.org, account: n}]"))
	in.Catalogue.Hosts = append(in.Catalogue.Hosts, &HostKind{Word: "named", Name: "a named host", MaxTTL: 1, Named: true})
	if _, err := Load(in); err != nil {
		t.Errorf("in homing.yaml: %v", err)
	}
}

// Where nothing says an account, its host is not known either: what is said has
// to be good at each, and the id of a zone tells which it is.
func TestARecordWithoutAnAccountMayBeAtAnyHost(t *testing.T) {
	const accounts = "accounts: {f: {provider: fake, token: x}, cf: {token: y}}\n"
	for records, want := range map[string]string{
		"records: [{name: a.example.org, ttl: 300}, {name: b.example.org, account: cf}]":       "[f cf] cf",
		"records: [{name: a.example.org, zone_id: 7}]":                                         "f",
		"records: [{name: a.example.org, zone_id: 0123456789abcdef0123456789abcdef}]":          "cf",
		"records: [{name: a.example.org, ttl: 60}]":                                            "from 300 to 1000000",
		"records: [a.example.org]\nrecord_defaults: {zone_id: [example.net=7]}":                "[f cf]",
		"records: [a.example.org, b.example.net]\nrecord_defaults: {zone_id: [example.net=7]}": "[f cf] f",
		"records: [{name: a.example.org, account: cf}, {name: a.example.org, account: f}]":     "f cf",
	} {
		cfg, err := Load(withFake(nil, files("homing.yaml", accounts+records)))
		var got []string
		if err == nil {
			for _, a := range cfg.Accounts {
				name := a.Name
				var among []string
				for _, m := range a.Among {
					among = append(among, m.Name)
				}
				if among != nil {
					name = "[" + strings.Join(among, " ") + "]"
				}
				got = append(got, name)
			}
		}
		if said := strings.Join(got, " "); err == nil && said != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s, %v", records, said, err)
		}
	}
	in := withFake(nil, files("homing.yaml", accounts+"records: [a.example.org]"))
	in.Catalogue.Hosts[1].Named = true
	cfg, err := Load(in)
	if err != nil || len(cfg.Accounts) != 1 || cfg.Accounts[0].Name != "cf" {
		t.Errorf("an account whose zones cannot be looked through is one of several: %v", err)
	}
}
