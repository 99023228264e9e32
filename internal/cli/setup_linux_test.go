//go:build check

package cli_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A person who starts homing's image without any setting, and their browser.
type newcomer struct {
	*internet
	p       *program
	at      string // where the page is
	state   string
	browser *http.Client
	steps   int // pages that were submitted
}

const setUpAt = "http://127.0.0.1:8245"

func (w *internet) newcomer(args ...string) *newcomer {
	w.t.Helper()
	n := &newcomer{internet: w, at: setUpAt, state: filepath.Join(w.t.TempDir(), "state"), browser: newBrowser()}
	n.p = w.startIn(w.t.TempDir(), args, n.env())
	return n
}

func newBrowser() *http.Client {
	return &http.Client{Jar: must(cookiejar.New(nil)), Timeout: 30 * time.Second}
}

// env is what the image sets; nothing else is.
func (n *newcomer) env() []string {
	return []string{"HOMING_CONTAINER=1", "HOMING_STATE=" + n.state, "HOME=" + n.state, "PATH=" + os.Getenv("PATH")}
}

// code is the one in the log.
func (n *newcomer) code() string {
	n.t.Helper()
	found := regexp.MustCompile(`code=([0-9A-Z]{4}-[0-9A-Z]{4})\b`)
	n.until("the log has a code", 20*time.Second, func() bool { return found.MatchString(n.p.said()) })
	return found.FindStringSubmatch(n.p.said())[1]
}

// submit sends a form as a browser does, and gives the page that comes of it.
func (n *newcomer) submit(status int, form ...string) string {
	n.t.Helper()
	n.steps++
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Add(form[i], form[i+1])
	}
	r := must(http.NewRequest(http.MethodPost, n.at+"/setup", strings.NewReader(values.Encode())))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", n.at)
	return n.page(r, status)
}

func (n *newcomer) open(path string, status int) string {
	n.t.Helper()
	return n.page(must(http.NewRequest(http.MethodGet, n.at+path, nil)), status)
}

func (n *newcomer) page(r *http.Request, status int) string {
	n.t.Helper()
	answer, err := n.browser.Do(r)
	if err != nil {
		n.t.Fatal(err)
	}
	defer answer.Body.Close()
	text := string(must(io.ReadAll(answer.Body)))
	if answer.StatusCode != status {
		n.t.Fatalf("%s %s: %s\n%s", r.Method, r.URL, answer.Status, text)
	}
	if strings.Contains(text, goodToken) {
		n.t.Errorf("%s %s: the secret comes out again", r.Method, r.URL)
	}
	return text
}

// review is by what the page saves what it shows.
func review(t *testing.T, page string) string {
	t.Helper()
	found := regexp.MustCompile(`name="review" value="([0-9a-f]+)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("there is nothing to save:\n%s", page)
	}
	return found[1]
}

// healthy is the exit code of the healthcheck, as the image's runtime runs it.
func (n *newcomer) healthy() int {
	c := exec.Command("homing", "healthcheck")
	c.Env = n.env()
	_ = c.Run()
	return c.ProcessState.ExitCode()
}

func (n *newcomer) file(name string) string {
	b, _ := os.ReadFile(filepath.Join(n.state, name))
	return string(b)
}

func TestWithoutAnySettingTheFirstRecordIsRightInSixSteps(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		n := w.newcomer()
		code := n.code()
		n.open("/readyz", http.StatusServiceUnavailable)
		n.open("/healthz", http.StatusServiceUnavailable)
		if n.healthy() != 1 {
			t.Error("it looks healthy before it is set up")
		}
		if page := n.open("/", http.StatusOK); !strings.Contains(page, `autocomplete="one-time-code"`) || strings.Contains(page, "Cloudflare") {
			t.Errorf("without the code there is\n%s", page)
		}
		n.submit(http.StatusOK, "do", "code", "code", " "+strings.ToLower(strings.ReplaceAll(code, "-", ""))+"\n")
		if page := n.submit(http.StatusUnprocessableEntity, "do", "account", "host", "cloudflare", "token", "a-token-that-nobody-knows-abcdefghijklmno"); strings.Contains(page, "a-token-that-nobody-knows") {
			t.Error("a wrong token comes out again")
		}
		if page := n.submit(http.StatusOK, "do", "account", "host", "cloudflare", "token", goodToken); !strings.Contains(page, "example.org") || !strings.Contains(page, home4) || !strings.Contains(page, home6) {
			t.Errorf("zones and addresses are not shown:\n%s", page)
		}
		if page := n.submit(http.StatusUnprocessableEntity, "do", "names", "names", "home.elsewhere.net", "IPv4", "on", "IPv6", "on"); !strings.Contains(page, "home.elsewhere.net") {
			t.Errorf("a name in no zone:\n%s", page)
		}
		page := n.submit(http.StatusOK, "do", "names", "names", "home.example.org", "IPv4", "on", "IPv6", "on", "every", "1m")
		if !strings.Contains(page, home4) || !strings.Contains(page, "edit: true") || n.file("homing.yaml") != "" || w.right("example.org", "home.example.org") {
			t.Errorf("the review, before anything is done:\n%s\n%s", page, n.file("homing.yaml"))
		}
		n.submit(http.StatusUnprocessableEntity, "do", "save", "review", "another")
		page = n.submit(http.StatusOK, "do", "save", "review", review(t, page))
		w.until("the record is right", 20*time.Second, func() bool { return w.right("example.org", "home.example.org") })
		if !strings.Contains(page, "Log out") || !strings.Contains(page, `href="settings"`) {
			t.Errorf("the browser is not led to the page, or may not edit there:\n%s", page)
		}
		if wrong := 3; n.steps-wrong > 6 { // that a person would not have submitted
			t.Errorf("it took %d steps", n.steps-wrong)
		}
		w.until("the same process made a round", 20*time.Second, func() bool { return n.p.rounds() > 0 })
		w.until("it is healthy", 20*time.Second, func() bool { return n.healthy() == 0 })
		if got := n.file("cloudflare_api_token"); got != goodToken+"\n" || strings.Contains(n.file("homing.yaml"), goodToken) {
			t.Errorf("the secret is %q, beside\n%s", got, n.file("homing.yaml"))
		}
		if info := must(os.Stat(filepath.Join(n.state, "cloudflare_api_token"))); info.Mode().Perm() != 0o600 {
			t.Errorf("the secret's mode is %v", info.Mode())
		}
		if page := n.open("/settings?at=schedule", http.StatusOK); !strings.Contains(page, "@every 1m") {
			t.Errorf("the settings are not on the page:\n%s", page)
		}
		if code, _ := n.p.end(syscall.SIGTERM); code != 0 {
			t.Errorf("exit code %d", code)
		}
		again := w.startIn(t.TempDir(), nil, n.env())
		w.until("it runs with what was set up", 20*time.Second, func() bool { return again.rounds() > 0 })
	})
}

func TestTheSetUpEndsWith2AfterFiveWrongCodes(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		n := w.newcomer("run")
		code := n.code()
		for range 5 {
			n.submit(http.StatusForbidden, "do", "code", "code", "AAAA-AAAA")
		}
		if got := n.p.wait(); got != 2 || !strings.Contains(n.p.words(), "five wrong codes") {
			t.Errorf("exit code %d", got)
		}
		if n.file("homing.yaml") != "" || len(w.seen()) > 0 {
			t.Error("something was written or asked")
		}
		if next := w.newcomer(); next.code() == code {
			t.Error("the next start has the same code")
		}
	})
}

func TestTheSetUpIsForOneBrowserAndItsOwnOrigin(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		n := w.newcomer()
		code := n.code()
		n.submit(http.StatusForbidden, "do", "account", "host", "cloudflare", "token", goodToken) // without the code
		n.submit(http.StatusOK, "do", "code", "code", code)
		other := &newcomer{internet: w, p: n.p, at: n.at, browser: newBrowser()}
		other.submit(http.StatusConflict, "do", "code", "code", code)
		other.submit(http.StatusForbidden, "do", "names", "names", "home.example.org")
		for name, text := range map[string]string{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"} {
			r := must(http.NewRequest(http.MethodPost, setUpAt+"/setup", strings.NewReader("do=account")))
			r.Header.Set(name, text)
			n.page(r, http.StatusForbidden)
		}
		r := must(http.NewRequest(http.MethodGet, setUpAt+"/", nil))
		r.Host = "rebound.example"
		n.page(r, http.StatusMisdirectedRequest)
		for _, path := range []string{"/settings", "/api/v1/config", "/api/v1/status", "/metrics"} {
			n.open(path, http.StatusNotFound)
		}
		if len(w.seen()) > 0 {
			t.Error("somebody without the code had something asked")
		}
	})
}

// What the page could be made to name would run, read or lead elsewhere as homing.
func TestTheSetUpPageNamesNoPathNoProgramAndNoAddress(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		n := w.newcomer()
		n.submit(http.StatusOK, "do", "code", "code", n.code())
		for _, form := range [][]string{
			{"host", "exec", "command", "/bin/sh -c id"},
			{"host", "powerdns", "base_url", "http://127.0.0.1:8081", "token", goodToken},
			{"host", "rfc2136", "server", "127.0.0.1:53", "key_name", "k", "secret", "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"},
			{"host", "google", "credentials_file", "/etc/passwd"},
			{"host", "dyndns2", "service", "custom", "url", "http://127.0.0.1/{password}"},
		} {
			n.submit(http.StatusUnprocessableEntity, append(form, "do", "account")...)
		}
		n.submit(http.StatusOK, "do", "account", "host", "cloudflare", "token", goodToken, "base_url", "http://127.0.0.1:1", "token_file", "/etc/passwd", "ca_file", "/etc/passwd")
		page := n.submit(http.StatusOK, "do", "names", "names", "home.example.org", "IPv4", "on", "every", "5m", "serve.listen", "0.0.0.0:1", "base_url", "http://127.0.0.1:1")
		if strings.Contains(page, "127.0.0.1") || strings.Contains(page, "passwd") || strings.Contains(page, "0.0.0.0:1") {
			t.Errorf("something of it is in the settings:\n%s", page)
		}
	})
}

func TestWhereAnythingIsSetOrNothingCanBeKeptItEndsWith2AsEver(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		image := []string{"HOMING_CONTAINER=1"}
		closed := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(closed, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for what, c := range map[string]struct{ args, env []string }{
			"not wanted":       {[]string{"run", "--no-setup"}, image},
			"not wanted, bare": {[]string{"--no-setup"}, image},
			"a flag":           {[]string{"run", "--verbose"}, image},
			"once":             {[]string{"once"}, image},
			"plan":             {[]string{"plan"}, image},
			"a name":           {nil, append(image, "DOMAINS=home.example.org")},
			"of DynCFDNS":      {nil, append(image, "HOST_LIST=home.example.org")},
			"of oznu":          {nil, append(image, "ZONE=example.org")},
			"of Dynflare":      {[]string{"-r", "cloudflare:example.org:A:home"}, image},
			"of raindrop":      {[]string{"./credentials.json"}, image},
			"Kubernetes":       {nil, append(image, "KUBERNETES_SERVICE_HOST=10.0.0.1")},
			"systemd":          {nil, append(image, "INVOCATION_ID=ab")},
			"read-only":        {nil, append(image, "HOMING_STATE="+filepath.Join(closed, "state"))},
			"neither":          {nil, nil},
		} {
			p := w.startIn(t.TempDir(), c.args, c.env)
			if code := p.wait(); code != 2 || !strings.Contains(p.said(), "homing did not start") || strings.Contains(p.said(), "code=") {
				t.Errorf("%s: exit code %d\n%s", what, code, p.said())
			}
		}
	})
}
