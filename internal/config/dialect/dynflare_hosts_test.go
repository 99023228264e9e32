package dialect

import (
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
)

// withFake is a world with a second DNS host.
func withFake(env map[string]string, args ...string) *Input {
	in := world{env: env, args: args}.input()
	in.Catalogue.Hosts = append(in.Catalogue.Hosts, &config.HostKind{
		Word: "fake", Name: "Fake DNS", MinTTL: 1, MaxTTL: 1000000,
		Settings: []config.HostSetting{
			{Key: "token", Env: "FAKE_TOKEN", File: true, Secret: true, Type: "token", Doc: "Fake's token."},
			{Key: "project", Env: "FAKE_PROJECT", Type: "project", Doc: "Fake's project."},
		},
		Check: func(c config.Credential) {
			if c.Text("token") == "" {
				c.Missing("token", "it is not set", "then: "+c.ToSet("token", "…"))
			}
		},
	})
	return in
}

// Each record says its host, whose credential stands in its own variables.
func TestDynflareHasRecordsAtEveryHost(t *testing.T) {
	env := map[string]string{"CLOUDFLARE_API_TOKEN": "t", "FAKE_TOKEN": "f", "FAKE_PROJECT": "p", "HOMING_PROVIDER": "fake"}
	r, cfg, err := build(withFake(env, "-r", "cloudflare:example.org:A:home", "-r", "fake:example.net:A:nas", "-r", "fake:example.org:A:home"))
	if err != nil || len(cfg.Accounts) != 2 {
		t.Fatalf("%v", err)
	}
	for _, a := range cfg.Accounts {
		word := a.Provider + "/" + a.Text("token") + "/" + a.Text("project")
		for _, n := range a.Spec.Names() {
			word += " " + n.String()
		}
		if want := map[string]string{"default": "cloudflare/t/ home.example.org", "fake": "fake/f/p nas.example.net home.example.org"}[a.Name]; word != want {
			t.Errorf("%s: %s", a.Name, word)
		}
	}
	if told := strings.Join(r.Draft.Notices, "\n"); !strings.Contains(told, "HOMING_PROVIDER is not read, because each record says its host") {
		t.Error(told)
	}
}

// Who has no record at Cloudflare needs no credential there.
func TestDynflareNeedsTheCredentialsOfItsRecordsOnly(t *testing.T) {
	_, cfg, err := build(withFake(map[string]string{"FAKE_TOKEN": "f", "RECORDS": "fake:example.net:A:nas"}))
	if err != nil || len(cfg.Accounts) != 1 || cfg.Accounts[0].Provider != "fake" {
		t.Errorf("%v", err)
	}
	for record, want := range map[string]string{
		"fake:example.net:A:nas":    "FAKE_TOKEN\n    it is not set\n    → then: export FAKE_TOKEN=…",
		"fakr:example.net:A:nas":    "RECORDS=\"fakr:example.net:A:nas\"\n    there is no DNS host \"fakr\"\n    → did you mean fake?",
		"route53:example.net:A:nas": "there is no DNS host \"route53\"\n    → the hosts are cloudflare and fake",
	} {
		_, _, err := build(withFake(map[string]string{"RECORDS": record, "CLOUDFLARE_API_TOKEN": "t"}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", record, err)
		}
	}
}

func TestMigratedRecordsStayAtTheirHosts(t *testing.T) {
	in := withFake(map[string]string{"FAKE_TOKEN": "canary", "CLOUDFLARE_API_TOKEN": "t"}, "-r", "cloudflare:example.org:A:home", "-r", "fake:example.net:A:nas")
	out, err := Migrate(in, "")
	text := string(out)
	if err != nil || strings.Contains(text, "canary") {
		t.Errorf("%v\n%s", err, text)
	}
	for _, want := range []string{"provider: fake", `token: "${FAKE_TOKEN}"`, `token: "${CLOUDFLARE_API_TOKEN}"`, "account: fake"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in it:\n%s", want, text)
		}
	}
}
