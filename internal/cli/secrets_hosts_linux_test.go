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
	"github.com/homing-dns/homing/internal/provider/google/googletest"
)

// everyHost is a homing.yaml with an account in every way at every host, each with
// secrets, and none of which is reached.
const everyHost = `
accounts:
  cf: {token: canary-cloudflare-token-0123456789abcdefgh, key: canarycloudflarekey0123456789abcdef012, email: me@example.org, base_url: "http://127.0.0.1:1"}
  pdns: {provider: powerdns, base_url: "http://127.0.0.1:1", token: canary-powerdns}
  hetz: {provider: hetzner, base_url: "http://127.0.0.1:1", token: canary-hetzner}
  pork: {provider: porkbun, base_url: "http://127.0.0.1:1", key: canary-pork-key, secret: canary-pork-secret}
  gand: {provider: gandi, base_url: "http://127.0.0.1:1", token: canary-gandi}
  dese: {provider: desec, base_url: "http://127.0.0.1:1", token: canary-desec}
  lan: {provider: rfc2136, server: "127.0.0.1:1", key: 'key "homing" { secret "Y2FuYXJ5a2V5"; };'}
  wan: {provider: rfc2136, server: "127.0.0.1:1", key_name: homing, secret: Y2FuYXJ5c2VjcmV0}
  noip: {provider: dyndns2, service: no-ip, username: me, password: canary-password, base_url: "http://127.0.0.1:1"}
  duck: {provider: dyndns2, service: duckdns, token: canary-duck, base_url: "http://127.0.0.1:1"}
  mine: {provider: dyndns2, service: url, url: "http://127.0.0.1:1/canaryurl?h={name}&ip={ipv4}", method: POST, headers: "X-Key: canary-header", body: "canary-body {name}"}
  aws: {provider: route53, base_url: "http://127.0.0.1:1", access_key_id: AKIAEXAMPLE, secret_access_key: canary-aws, session_token: canary-session}
  ocean: {provider: digitalocean, base_url: "http://127.0.0.1:1", token: canary-ocean}
  az: {provider: azure, base_url: "http://127.0.0.1:1", subscription_id: s, tenant_id: t, client_id: c, client_secret: canary-client-secret}
  azw: {provider: azure, base_url: "http://127.0.0.1:1", subscription_id: s, tenant_id: t, client_id: c, federated_token_file: assertion}
  prog: {provider: exec, command: "/bin/sh -c 'echo $KEY >&2; echo $KEY; exit 1' canary-argument", env: "KEY=canary-environment"}
  gcp: {provider: google, base_url: "http://127.0.0.1:1", credentials_file: google.json}
records:
  - {name: cf.example.org, account: cf, types: [A]}
  - {name: pdns.example.org, account: pdns, types: [A]}
  - {name: hetz.example.org, account: hetz, types: [A]}
  - {name: pork.example.org, account: pork, types: [A]}
  - {name: gand.example.org, account: gand, types: [A]}
  - {name: dese.example.org, account: dese, types: [A]}
  - {name: lan.example.org, account: lan, types: [A]}
  - {name: wan.example.org, account: wan, types: [A]}
  - {name: noip.example.org, account: noip, types: [A]}
  - {name: duck.duckdns.org, account: duck, types: [A]}
  - {name: mine.example.org, account: mine, types: [A]}
  - {name: aws.example.org, account: aws, types: [A]}
  - {name: ocean.example.org, account: ocean, types: [A]}
  - {name: az.example.org, account: az, types: [A]}
  - {name: azw.example.org, account: azw, types: [A]}
  - {name: prog.example.org, account: prog, types: [A]}
  - {name: gcp.example.org, account: gcp, types: [A]}
  - {name: open.example.org, types: [A]}
detect: {ipv4: {sources: ["static:84.1.2.3"]}, ipv6: {sources: [none]}}
schedule: {every: 1s}
log: {level: debug}
`

// canarySigns are what gives a secret of everyHost away.
func canarySigns() []string { return []string{"canary", "Y2FuYXJ5"} }

// The secrets of no host are told, however much of it fails.
func TestTheDaemonTellsNoSecretOfAnyHost(t *testing.T) {
	for _, h := range app.Hosts() {
		for _, s := range h.Settings {
			planted := false
			for line := range strings.Lines(everyHost) {
				atHost := strings.Contains(line, "provider: "+h.Provider+",") || h.Provider == "cloudflare" && strings.Contains(line, " cf: {")
				planted = planted || atHost && strings.Contains(line, s.Key+": ")
			}
			if s.Secret && !planted {
				t.Errorf("no canary is planted in %s of %s", s.Key, h.Provider)
			}
		}
	}
	apart(t, func(t *testing.T, w *internet) {
		folder, state := t.TempDir(), t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "homing.yaml"), []byte(everyHost), 0o600); err != nil {
			t.Fatal(err)
		}
		key := googletest.New("my-project").KeyFile("http://127.0.0.1:1/token")
		if err := os.WriteFile(filepath.Join(folder, "google.json"), []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "assertion"), []byte("eyJhbGciOiJSUzI1NiJ9.canary-assertion.c2lnbmVk\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, private, _ := strings.Cut(key, `-----BEGIN PRIVATE KEY-----\n`)
		p := w.startIn(folder, nil, []string{"HOMING_STATE=" + state, "HOMING_TOKEN=a-token-of-the-page-for-the-test"})
		w.until("each account has failed", 30*time.Second, func() bool {
			said := p.said() // those that fail alike stand in one line, which names three
			return strings.Count(said, "INF round outcome=failed") > 1 && strings.Count(said, "DBG request") > 2
		})
		var all strings.Builder
		for _, path := range []string{"/", "/metrics", "/api/v1/status", "/api/v1/history", "/api/v1/plan"} {
			r, err := http.NewRequest(http.MethodGet, "http://127.0.0.1:8245"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer a-token-of-the-page-for-the-test")
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != http.StatusOK {
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
		for _, args := range []string{"config show", "plan --json", "once", "doctor --json", "clear --dry-run", "status --json"} {
			q := w.startIn(folder, append(strings.Fields(args), "--verbose"), []string{"HOMING_STATE=" + state})
			q.wait()
			all.WriteString(args + "\n" + q.said())
		}
		for _, sign := range append(canarySigns(), private[:40], private[200:240]) {
			if i := strings.Index(all.String(), sign); i >= 0 {
				t.Errorf("it is told: …%.300s", all.String()[max(0, i-200):])
			}
		}
	})
}
