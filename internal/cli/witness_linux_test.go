//go:build check

package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/sim"
)

// listener is a service that is told things, and remembers them.
type listener struct {
	*httptest.Server
	mu   sync.Mutex
	said []string // "POST /path body"
}

func newListener(t *testing.T, answer string) *listener {
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		l.said = append(l.said, strings.TrimSpace(r.Method+" "+r.URL.String()+" "+string(body)))
		l.mu.Unlock()
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *listener) heard() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.said)
}

func (l *listener) heardOf(what string) bool {
	return slices.ContainsFunc(l.heard(), func(s string) bool { return strings.Contains(s, what) })
}

// read is what stands at a URL.
func read(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return string(must(io.ReadAll(resp.Body)))
}

// The services that are told, by the program itself: heartbeats for every
// round, messages for what is worth one, and the end.
func TestServicesAreToldWhatHappens(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		checks, kuma, hook := newListener(t, "OK"), newListener(t, `{"ok":true}`), newListener(t, "")
		ran := filepath.Join(t.TempDir(), "ran")
		p := w.start("home.example.org", nil, "UPDATE_CRON=@every 1s", "HOMING_PUBLIC_READ=true", "PATH="+os.Getenv("PATH"),
			"HEALTHCHECKS="+checks.URL+"/a-uuid", "UPTIMEKUMA="+kuma.URL+"/api/push/token?status=up&msg=OK&ping=", "HOMING_WEBHOOK="+hook.URL+"/hook",
			"SHOUTRRR=generic+"+hook.URL+"/generic", `HOMING_HOOK=/bin/sh -c "echo $HOMING_NAMES $HOMING_IPV4 >`+ran+`"`)
		w.until("the checks are green", 20*time.Second, func() bool {
			return checks.heardOf("POST /a-uuid/start") && slices.ContainsFunc(checks.heard(), func(s string) bool {
				return s == "POST /a-uuid" || strings.HasPrefix(s, "POST /a-uuid ")
			}) && kuma.heardOf("status=up")
		})
		w.until("the change is told", 20*time.Second, func() bool {
			b, _ := os.ReadFile(ran)
			return hook.heardOf("/hook") && hook.heardOf("/generic") && strings.Contains(string(b), home4)
		})
		w.cloud.RevokeToken(goodToken)
		w.home.Set(addr.IPv4, w.home.Addr(addr.IPv4).Next())
		w.until("the checks are red", 20*time.Second, func() bool { return checks.heardOf("POST /a-uuid/fail") && kuma.heardOf("status=down") })
		w.cloud.AddToken(sim.Token{Value: goodToken})
		w.until("each message is counted", 20*time.Second, func() bool {
			sent := 0
			for _, s := range hook.heard() {
				if strings.HasPrefix(s, "POST /hook ") {
					sent++
				}
			}
			return strings.Contains(read(t, "http://127.0.0.1:8245/metrics"), fmt.Sprintf(`homing_notifications_total{sink="webhook",outcome="ok"} %d`, sent))
		})
		p.end(syscall.SIGTERM)
		for _, s := range slices.Concat(checks.heard(), kuma.heard(), hook.heard()) {
			if strings.Contains(s, goodToken) {
				t.Errorf("a secret was told: %s", s)
			}
		}
	})
}

// A check that was told of records left behind stays red.
func TestACleanupThatFailsDoesNotEndGreen(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		checks := newListener(t, "OK")
		p := w.start("home.example.org", nil, "HOMING_LISTEN=off", "DELETE_ON_STOP=true", "HEALTHCHECKS="+checks.URL+"/a-uuid")
		w.until("a round is made", 20*time.Second, func() bool { return p.rounds() > 0 })
		w.cloud.RevokeToken(goodToken)
		p.end(syscall.SIGTERM)
		if !checks.heardOf("POST /a-uuid/fail") || !checks.heardOf("POST /a-uuid/log") || checks.heardOf("POST /a-uuid/0") {
			t.Errorf("%q", checks.heard())
		}
	})
}

// DynCFDNS's page, as its users have it.
func TestDynCFDNSsWidgetAnswersAsItDid(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.furnish()
		x := w.example(t, "dyncfdns-readme")
		x.env = append(x.env, "HOMING_STATE="+t.TempDir())
		w.stale("home.example.com")
		w.stale("server.example.com")
		if err := os.Mkdir(filepath.Join(x.root, "config"), 0o755); err != nil {
			t.Fatal(err)
		}
		p := x.start()
		var widget struct {
			LastCheck  string `json:"last_check"`
			LastUpdate string `json:"last_update"`
			Count      int    `json:"host_count"`
			Hosts      string `json:"hosts"`
			IP         string `json:"current_ip"`
			Status     string `json:"status"`
		}
		get := func(path, token string) (int, string) {
			r := must(http.NewRequest(http.MethodGet, "http://127.0.0.1:5000"+path, nil))
			if token != "" {
				r.Header.Set("Authorization", token)
			}
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				return 0, err.Error()
			}
			defer resp.Body.Close()
			return resp.StatusCode, string(must(io.ReadAll(resp.Body)))
		}
		w.until("it is well", 20*time.Second, func() bool { code, _ := get("/health", ""); return code == 200 })
		var kept struct {
			Token string `json:"api_token"`
		}
		if err := json.Unmarshal(must(os.ReadFile(filepath.Join(x.root, "config", ".config.json"))), &kept); err != nil || kept.Token == "" {
			t.Fatalf("no token was kept: %v", err)
		}
		for _, token := range []string{"Bearer " + kept.Token, kept.Token} {
			code, body := get("/widget", token)
			if err := json.Unmarshal([]byte(body), &widget); code != 200 || err != nil {
				t.Fatalf("%d %s", code, body)
			}
			if widget.Count != 2 || widget.Hosts != "home.example.com\nserver.example.com" || widget.IP != home4 || widget.Status != "active" ||
				widget.LastCheck == "Never" || widget.LastUpdate == "Never" {
				t.Errorf("%s", body)
			}
		}
		for token, want := range map[string]int{"": 401, "Bearer wrong": 403} {
			if code, body := get("/widget", token); code != want {
				t.Errorf("%d %s", code, body)
			}
		}
		if !strings.Contains(p.said(), kept.Token) {
			t.Error("the token that was made was not shown")
		}
		// after a restart the token is the same, and the last change is known
		p.end(syscall.SIGTERM)
		p = x.start()
		w.until("it is well again", 20*time.Second, func() bool { code, _ := get("/health", ""); return code == 200 })
		if code, body := get("/widget", kept.Token); code != 200 || strings.Contains(body, `"last_update":"Never"`) || strings.Contains(p.said(), kept.Token) {
			t.Errorf("%d %s", code, body)
		}
	})
}

// systemd, as its socket sees the daemon.
func TestSystemdIsToldHowItGoes(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		path := filepath.Join(t.TempDir(), "notify")
		socket := must(net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"}))
		defer socket.Close()
		var mu sync.Mutex
		var heard []string
		go func() {
			b := make([]byte, 1<<12)
			for {
				n, err := socket.Read(b)
				if err != nil {
					return
				}
				mu.Lock()
				heard = append(heard, string(b[:n]))
				mu.Unlock()
			}
		}()
		said := func(what string) func() bool {
			return func() bool {
				mu.Lock()
				defer mu.Unlock()
				return slices.ContainsFunc(heard, func(s string) bool { return strings.Contains(s, what) })
			}
		}
		p := w.start("home.example.org", nil, "HOMING_LISTEN=off", "NOTIFY_SOCKET="+path, "WATCHDOG_USEC=200000", fmt.Sprintf("UPDATE_CRON=%s", "@every 1s"))
		for _, what := range []string{"READY=1", "WATCHDOG=1", "STATUS=Both records point home"} {
			w.until("systemd hears "+what, 20*time.Second, said(what))
		}
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		w.until("systemd hears of the reload", 20*time.Second, said("RELOADING=1"))
		p.end(syscall.SIGTERM)
		w.until("systemd hears of the end", 5*time.Second, said("STOPPING=1"))

		// what the names of zones are needed for waits for Cloudflare; systemd does not
		mu.Lock()
		heard = nil
		mu.Unlock()
		z := w.cloud.AddZone(sim.Zone{Name: "example.net"})
		w.cloud.Fail(sim.All(), sim.HTML(http.StatusBadGateway))
		folder := t.TempDir()
		written := fmt.Sprintf("records: [{name: home, relative: true, zone_id: %s}]", z.ID)
		if err := os.WriteFile(folder+"/homing.yaml", []byte(written), 0o600); err != nil {
			t.Fatal(err)
		}
		p = w.startIn(folder, nil, []string{"CLOUDFLARE_API_TOKEN=" + goodToken, "HOMING_LISTEN=off", "NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=200000"})
		for _, what := range []string{"WATCHDOG=1", "READY=1", "STATUS=waiting for the zone names"} {
			w.until("systemd hears "+what, 20*time.Second, said(what))
		}
		w.cloud.Heal()
		w.until("systemd hears of a round", 20*time.Second, said("STATUS=Both records point home"))
		p.end(syscall.SIGTERM)
	})
}
