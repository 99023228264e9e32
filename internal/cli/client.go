package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/daemon"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

// caller talks to the daemon that runs with these settings.
type caller struct {
	client *httpx.Client
	base   string
	shows  string         // whose token is shown, and as whom; or why none is
	place  *time.Location // of the times that are shown
}

// answerLimit is far above what a daemon with thousands of names says.
const answerLimit = 16 << 20

// call makes a caller of the settings; the daemon has the same ones.
func call(ctx context.Context, env *Env) (*caller, error) {
	cfg, err := env.settings.Load(ctx, config.ForPage)
	if err != nil {
		return nil, err
	}
	page := env.settings.PageToken(cfg)
	c, err := env.caller(cfg, cfg.Serve.Listen, page.Kept())
	if err == nil {
		c.shows = env.shows(page)
	}
	return c, err
}

// shows says which token is shown to the daemon and as whom, or why none is.
func (env *Env) shows(page app.PageToken) string {
	as := ""
	if uid := os.Getuid(); uid >= 0 {
		as = fmt.Sprintf(" as uid %d", uid)
	}
	switch by := page.SetBy(); {
	case page.Kept().IsZero():
		return "asked" + as + " without a token: " + page.In(noToken(env, page.File())).Error()
	case by != "":
		return "asked" + as + " with the token that " + by + " sets"
	}
	return "asked" + as + " with the token in " + page.File()
}

// callForHealth is call for /healthz alone, which a daemon that serves nothing
// may answer too.
func callForHealth(ctx context.Context, env *Env) (*caller, error) {
	cfg, err := env.settings.Load(ctx, config.ForPage)
	if err != nil {
		return nil, err
	}
	spec := cfg.Serve.Listen
	if name, err := daemon.HealthSocket(env.settings.Health, cfg.State); err == nil && spec == config.Off {
		spec = "unix:" + name
	}
	return env.caller(cfg, spec, secret.String{}) // nobody has to show anything to be told of the health
}

// caller asks at spec, with a token where there is one.
func (env *Env) caller(cfg *config.Config, spec string, t secret.String) (*caller, error) {
	if spec == config.Off {
		return nil, text.ErrorIn(text.Errorf("the daemon does not listen anywhere, because of {serve.listen}; with {serve.listen=127.0.0.1:8245} it would listen on this machine"), cfg.Words)
	}
	o := httpx.Options{UserAgent: userAgent(), Header: http.Header{}}
	if !t.IsZero() {
		o.Header.Set("Authorization", "Bearer "+t.Reveal())
	}
	c := &caller{base: "http://" + spec, place: cfg.Location}
	if path, ok := strings.CutPrefix(spec, "unix:"); ok {
		c.base = "http://localhost"
		o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialOurs(ctx, path)
		}
	} else if host, port, err := net.SplitHostPort(spec); err == nil {
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			c.base = "http://" + net.JoinHostPort("localhost", port)
		}
	}
	c.client = httpx.New(o)
	return c, nil
}

// dialOurs connects to the socket of a daemon. Anybody on the machine may have
// made an abstract one, so there it must be one of ours at the other end.
func dialOurs(ctx context.Context, path string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil || !strings.HasPrefix(path, "@") {
		return c, err
	}
	if err := isOurs(c); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// ask sends a request and gives the answer where that is 200.
func (c *caller) ask(ctx context.Context, method, path string, within time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	u, err := url.Parse(c.base + path)
	if err != nil {
		return nil, fmt.Errorf("ask the daemon: %w", err)
	}
	resp, err := c.client.Do((&http.Request{Method: method, URL: u, Header: http.Header{}}).WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("ask the daemon at %s: %w; is it running, with the same settings?", c.base, err)
	}
	body, err := httpx.ReadBody(resp, answerLimit)
	if err != nil {
		return nil, fmt.Errorf("read the daemon's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return body, &refusedBy{resp.StatusCode, said(body), c.shows}
	}
	return body, nil
}

// refusedBy is an answer of the daemon other than 200.
type refusedBy struct {
	status int
	detail string
	shown  string // see caller.shows
}

func (r *refusedBy) Error() string {
	s := fmt.Sprintf("the daemon answers %d %s", r.status, http.StatusText(r.status))
	if r.detail != "" {
		s += ": " + r.detail
	}
	if r.shown != "" && (r.status == http.StatusUnauthorized || r.status == http.StatusForbidden) {
		s += "\n    " + r.shown + "\n    → run this as the daemon's user or as root, with the daemon's settings"
	}
	return s
}

// said is what an answer says for people.
func said(body []byte) string {
	var a struct {
		Detail string `json:"detail"`
		Status string `json:"status"`
	}
	if json.Unmarshal(body, &a) != nil {
		return ""
	}
	if a.Detail != "" {
		return a.Detail
	}
	return a.Status
}

// failed prints why the daemon could not be asked, and is the exit code.
func failed(env *Env, err error) error {
	var problems config.Problems
	if errors.As(err, &problems) {
		fmt.Fprintf(env.Stderr, "homing: cannot ask the daemon: %v\n", problems)
		return exitCode(exitUsage)
	}
	fmt.Fprintf(env.Stderr, "homing: %s\n", plainLines(err.Error()))
	return exitCode(exitFailed)
}
