//go:build check

package cli_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
)

// canaries are a value for every setting that holds a secret, and the part of
// it that must not be seen. None of the services is there, so that each fails.
func canaries() map[string][2]string {
	return map[string][2]string{
		"CLOUDFLARE_API_TOKEN":          {goodToken, goodToken},
		"CLOUDFLARE_API_KEY":            {"canarykey0123456789abcdef", "canarykey"},
		"PDNS_API_KEY":                  {"canarypdns", "canarypdns"},
		"HCLOUD_TOKEN":                  {"canaryhetzner", "canaryhetzner"},
		"PORKBUN_API_KEY":               {"canaryporkbunkey", "canaryporkbunkey"},
		"PORKBUN_SECRET_API_KEY":        {"canaryporkbunsecret", "canaryporkbunsecret"},
		"GANDIV5_PERSONAL_ACCESS_TOKEN": {"canarygandi", "canarygandi"},
		"DESEC_TOKEN":                   {"canarydesec", "canarydesec"},
		"DIGITALOCEAN_TOKEN":            {"canaryocean", "canaryocean"},
		"AWS_SECRET_ACCESS_KEY":         {"canaryawskey", "canaryawskey"},
		"AWS_SESSION_TOKEN":             {"canaryawstoken", "canaryawstoken"},
		"AZURE_CLIENT_SECRET":           {"canaryazure", "canaryazure"},
		"RFC2136_TSIG":                  {`key "homing" { secret "Y2FuYXJ5"; };`, "Y2FuYXJ5"},
		"RFC2136_TSIG_SECRET":           {"Y2FuYXJ5dHNpZw==", "Y2FuYXJ5dHNpZw"},
		"HOMING_URL_HEADER":             {"Authorization: Bearer canaryheader", "canaryheader"},
		"HOMING_TOKEN":                  {"canarypage", "canarypage"},
		"SHOUTRRR":                      {"generic+http://127.0.0.1:1/canaryshoutrrr", "canaryshoutrrr"},
		"HOMING_WEBHOOK":                {"http://127.0.0.1:1/canarywebhook", "canarywebhook"},
		"HEALTHCHECKS":                  {"http://127.0.0.1:1/canarychecks", "canarychecks"},
		"UPTIMEKUMA":                    {"http://127.0.0.1:1/api/push/canarykuma", "canarykuma"},
	}
}

// inFile are the canaries of settings that no variable is for, by their path below
// the account, and the accounts that hold them. They are planted in homing.yaml.
func inFile() (canaries map[string]string, text string) {
	return map[string]string{"password": "canarydynpassword", "token": "canarydyntoken", "url": "canarydynurl", "headers": "canarydynheaders", "body": "canarydynbody", "env": "canaryprogram"},
		`accounts:
  named: {provider: dyndns2, service: no-ip, username: me, password: canarydynpassword, base_url: "http://127.0.0.1:1"}
  own: {provider: dyndns2, service: url, url: "http://127.0.0.1:1/canarydynurl?ip={ipv4}", method: POST, headers: "X: canarydynheaders", body: canarydynbody}
  duck: {provider: dyndns2, service: duckdns, token: canarydyntoken, base_url: "http://127.0.0.1:1"}
  prog: {provider: exec, command: "/bin/false", env: "KEY=canaryprogram"}
records:
  - {name: home.example.org, account: named}
  - {name: home.example.org, account: duck}
  - {name: home.example.org, account: own}
  - {name: home.example.org, account: prog}
`
}

// A secret is nowhere in what the daemon says at its most talkative, serves or
// keeps, while all it does for others fails.
func TestTheDaemonTellsNoSecretAnywhere(t *testing.T) {
	filed, text := inFile()
	for _, s := range config.Settings(app.Catalogue()) {
		_, planted := canaries()[s.Env]
		_, written := filed[strings.TrimPrefix(s.Path, "accounts.*.")]
		if s.Secret && !planted && !(s.Env == "" && written) {
			t.Errorf("no canary is planted in %s %s", s.Path, s.Env)
		}
	}
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		state, file := t.TempDir(), filepath.Join(t.TempDir(), "homing.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		settings := []string{"HOMING_CONFIG=" + file, "CLOUDFLARE_API_EMAIL=me@example.org", "HOMING_LOG_LEVEL=debug", "HOMING_STATE=" + state, "UPDATE_CRON=@every 1s",
			"IP4_PROVIDER=cloudflare.trace,cloudflare.doh,url:https://" + api + "/cdn-cgi/trace?canaryquery"}
		for name, c := range canaries() {
			settings = append(settings, name+"="+c[0])
		}
		p := w.start("home.example.org", nil, settings...)
		w.until("a service that is not there is told of", 30*time.Second, func() bool {
			return p.rounds() > 1 && strings.Count(p.said(), "webhook") > 0 && strings.Contains(p.said(), "DBG request")
		})
		var all strings.Builder
		for _, path := range []string{"/", "/widget", "/health", "/metrics", "/api/v1/status", "/api/v1/history", "/api/v1/plan", "/nowhere", "/login"} {
			r := must(http.NewRequest(http.MethodGet, "http://127.0.0.1:8245"+path, nil))
			r.Header.Set("Authorization", "Bearer canarypage")
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if path != "/nowhere" && resp.StatusCode != http.StatusOK {
				t.Errorf("%s: %s", path, resp.Status)
			}
			all.WriteString(path + "\n" + string(must(io.ReadAll(resp.Body))) + "\n")
			resp.Body.Close()
		}
		p.end(syscall.SIGQUIT) // a crash: every goroutine's stack is printed
		all.WriteString(p.said())
		for _, f := range must(filepath.Glob(state + "/*")) {
			all.Write(must(os.ReadFile(f)))
		}
		told := canaries()
		for key, c := range filed {
			told[key] = [2]string{c, c}
		}
		for name, c := range told {
			if i := strings.Index(all.String(), c[1]); i >= 0 {
				t.Errorf("%s is told: …%.200s", name, all.String()[max(0, i-100):])
			}
		}
		if strings.Contains(all.String(), "canaryquery") {
			t.Error("the query of a source is told")
		}
	})
}

// A predecessor's file is read again when it changes, and what is wrong with it
// is on the page beside the settings that stay in force.
func TestAPredecessorsFileIsReadAgain(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.furnish()
		x := w.example(t, "timothymiller-example")
		const token = "a-token-of-the-test-for-the-page"
		x.env = append(x.env, "HOMING_TOKEN="+token)
		path := filepath.Join(x.root, "config.json")
		first := string(must(os.ReadFile(path)))
		replace := func(text string) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w.stale("home.example.com")
		x.start()
		w.until("the records point home", 20*time.Second, func() bool { return w.holds("home.example.com A") })
		replace("{")
		w.until("the page says what is wrong", 20*time.Second, func() bool {
			r := must(http.NewRequest(http.MethodGet, "http://127.0.0.1:8245/", nil))
			r.Header.Set("Authorization", "Bearer "+token)
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				return false
			}
			defer resp.Body.Close()
			page := string(must(io.ReadAll(resp.Body)))
			return strings.Contains(page, "config.json") && strings.Contains(page, "record_defaults.ttl") && strings.Contains(page, "JSON")
		})
		replace(strings.Replace(first, "Home ", "other", 1))
		w.until("the new name points home", 20*time.Second, func() bool { return w.holds("other.example.com A") })
	})
}
