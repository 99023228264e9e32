//go:build check

package cli_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A daemon that serves nothing answers a healthcheck, nothing else, and over no
// network; an image's healthcheck would else call it ill for ever.
func TestADaemonThatServesNothingIsHealthy(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		state := "HOMING_STATE=" + t.TempDir()
		for _, env := range [][]string{
			{"DOMAINS=home.example.org", "HOMING_LISTEN=off", state},
			{"HOST_LIST=home.example.org", "API_PORT=0", "HOMING_LISTEN=0.0.0.0", state}, // as the image has it
		} {
			env = append(env, "CLOUDFLARE_API_TOKEN="+goodToken)
			before := listening(t)
			daemon := w.startIn("/", nil, env)
			check := func() int { return w.startIn("/", []string{"healthcheck"}, env).wait() }
			w.until("it is healthy", 20*time.Second, func() bool { return daemon.rounds() > 0 && check() == 0 })
			if now := listening(t); now != before {
				t.Errorf("%v: it listens on a port: %s, before %s", env, now, before)
			}
			if strings.Contains(daemon.said(), "token for the page") {
				t.Errorf("%v: a token was made for a page that is not there", env)
			}
			client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "unix", asked(t))
			}}}
			for path, want := range map[string]int{"/healthz": 200, "/": 404, "/api/v1/status": 404, "/metrics": 404, "/widget": 404} {
				resp, err := client.Get("http://localhost" + path)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if resp.StatusCode != want {
					t.Errorf("%s: %s", path, resp.Status)
				}
			}
			if code, _ := daemon.end(syscall.SIGTERM); code != 0 || check() != 1 {
				t.Errorf("%v: exit code %d; then the healthcheck should fail", env, code)
			}
		}
	})
}

// asked is the socket that a healthcheck asks at, in this network namespace.
func asked(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("/proc/net/unix")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`@homing-health-\S+`).FindString(string(b))
	if name == "" {
		t.Fatal("there is none")
	}
	return name
}

// listening is the sockets that listen in this network namespace.
func listening(t *testing.T) (all string) {
	t.Helper()
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		b, err := os.ReadFile(table)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			if f := strings.Fields(line); f[3] == "0A" { // TCP_LISTEN
				all += f[1] + " "
			}
		}
	}
	return all
}

// A healthcheck every minute should cost nobody anything, whatever the settings
// leave to be asked for.
func TestAHealthcheckAsksOnlyTheDaemon(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.furnish()
		x := w.example(t, "timothymiller-example")
		daemon := x.start()
		w.until("a round was made", 20*time.Second, func() bool { return daemon.rounds() > 0 })
		before := len(w.seen())
		x.args = []string{"healthcheck"}
		if code := x.start().wait(); code != 0 || len(w.seen()) != before {
			t.Errorf("exit code %d, %d requests", code, len(w.seen())-before)
		}
	})
}
