package cli

import (
	"context"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// played is what a demo printed so far.
type played struct {
	mu  sync.Mutex
	all strings.Builder
	now chan struct{} // holds one while there is something new
}

func (p *played) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.now <- struct{}{}:
	default:
	}
	return p.all.Write(b)
}

// await is what a demo printed once this is in it.
func (p *played) await(t *testing.T, what string) []string {
	t.Helper()
	want, end := regexp.MustCompile(what), time.After(time.Minute)
	for {
		p.mu.Lock()
		text := p.all.String()
		p.mu.Unlock()
		if m := want.FindStringSubmatch(text); m != nil {
			return m
		}
		select {
		case <-p.now:
		case <-end:
			t.Fatalf("it does not say %s:\n%s", what, text)
		}
	}
}

// With real sockets: the router of the house rings the real daemon, whose page is
// that of the house, and whose settings can be changed.
func TestTheDemoServesItsPage(t *testing.T) {
	out := &played{now: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	env := &Env{Stdout: out, Getenv: func(string) string { return "" }}
	go func() {
		ended <- demo(ctx, env, performance{length: 14 * time.Second, ends: true, names: 9, seed: 1, host: "cloudflare", scenes: "router,hand-edit", serve: true})
	}()
	url := out.await(t, `page +(http://\S+)`)[1]
	token := out.await(t, `token +(\S+)`)[1]
	settings := out.await(t, `settings +(\S+)`)[1]
	out.await(t, "17 records are right")
	ask := func(method, path, token string) (int, string) {
		t.Helper()
		r, err := http.NewRequest(method, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Body.Close()
		b, _ := io.ReadAll(w.Body)
		return w.StatusCode, string(b)
	}
	for _, c := range []struct {
		method, path, token string
		status              int
		holds               string
	}{
		{"GET", "/", "", 200, "All 17 records point home."},
		{"GET", "/api/v1/status", "", 200, `"right":17`},
		{"POST", "/api/v1/sync?wait=true", "", 401, ""},
		{"POST", "/api/v1/sync?wait=true", token, 200, `"outcome"`},
		{"GET", "/settings", "", 200, "<title>Log in"},
		{"GET", "/api/v1/config", token, 200, settings},
	} {
		if status, body := ask(c.method, c.path, c.token); status != c.status || !strings.Contains(body, c.holds) {
			t.Errorf("%s %s: %d %.300s", c.method, c.path, status, body)
		}
	}
	out.await(t, "changed elsewhere, to 84[.]")
	out.await(t, "and the router says so at once")
	said := out.await(t, `because the router says that it is Connected (84[.0-9]+) `)[1]
	out.await(t, `9 changes made, 17 records are right`)
	if _, body := ask("GET", "/api/v1/status", ""); !strings.Contains(body, said) {
		t.Errorf("the page does not know of %s", said)
	}
	out.await(t, "What happened")
	if err := <-ended; err != nil {
		t.Error(err)
	}
	stop()
	if _, err := os.Stat(settings); err == nil {
		t.Errorf("%s is left", settings)
	}
}
