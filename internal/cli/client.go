package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/httpx"
)

// caller talks to the daemon that runs with these settings.
type caller struct {
	client *httpx.Client
	base   string
}

// answerLimit is far above what a daemon with thousands of names says.
const answerLimit = 16 << 20

// call makes a caller of the settings; the daemon has the same ones.
func call(ctx context.Context, env Env) (*caller, error) {
	a, err := build(ctx, env, forRecords)
	if err != nil {
		return nil, err
	}
	spec := a.cfg.Serve.Listen
	if spec == config.Off {
		return nil, config.Hinted("the daemon listens nowhere: HOMING_LISTEN=off", "set it to 127.0.0.1:8245, or take it out")
	}
	o := httpx.Options{UserAgent: userAgent(), Header: http.Header{}}
	if t := a.keptToken(env); !t.IsZero() {
		o.Header.Set("Authorization", "Bearer "+t.Reveal())
	}
	c := &caller{base: "http://" + spec}
	if path, ok := strings.CutPrefix(spec, "unix:"); ok {
		c.base = "http://localhost"
		o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}
	} else if host, port, err := net.SplitHostPort(spec); err == nil {
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			c.base = "http://" + net.JoinHostPort("localhost", port)
		}
	}
	c.client = httpx.New(o)
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
		return nil, fmt.Errorf("ask the daemon at %s: %w; does it run, with the same settings?", c.base, err)
	}
	body, err := httpx.ReadBody(resp, answerLimit)
	if err != nil {
		return nil, fmt.Errorf("read the daemon's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return body, &refusedBy{resp.StatusCode, said(body)}
	}
	return body, nil
}

// refusedBy is an answer of the daemon other than 200.
type refusedBy struct {
	status int
	detail string
}

func (r *refusedBy) Error() string {
	s := fmt.Sprintf("the daemon answers %d %s", r.status, http.StatusText(r.status))
	if r.detail != "" {
		s += ": " + r.detail
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

// failed prints why the daemon could not be asked, for exit code 1.
func failed(env Env, err error) error {
	var problems config.Problems
	if errors.As(err, &problems) {
		return err
	}
	fmt.Fprintf(env.Stderr, "homing: %s\n", plain(err.Error()))
	return exitCode(exitFailed)
}

func statusCommand(env Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Show what the running daemon knows: what is published, and what is wrong",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			daemon, err := call(c.Context(), env)
			if err != nil {
				return failed(env, err)
			}
			body, err := daemon.ask(c.Context(), http.MethodGet, "/api/v1/status", 10*time.Second)
			if err != nil {
				return failed(env, err)
			}
			if asJSON {
				_, err = env.Stdout.Write(body)
				return err
			}
			return writeStatus(env.Stdout, painter(env, env.Stdout), body)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// daemonStatus is what of /api/v1/status a person sees in a terminal.
type daemonStatus struct {
	Level     string     `json:"level"`
	Sentence  string     `json:"sentence"`
	LastCheck *time.Time `json:"last_check"`
	Next      *time.Time `json:"next"`
	Families  []struct {
		Family    string     `json:"family"`
		Known     bool       `json:"known"`
		Addresses []string   `json:"addresses"`
		Since     *time.Time `json:"since"`
	} `json:"families"`
	Conditions []struct {
		Failure bool   `json:"failure"`
		Subject string `json:"subject"`
		Text    string `json:"text"`
		Hint    string `json:"hint"`
	} `json:"conditions"`
}

func writeStatus(w io.Writer, p paint, body []byte) error {
	var s daemonStatus
	if err := json.Unmarshal(body, &s); err != nil {
		return fmt.Errorf("read the daemon's answer: %w", err)
	}
	var b strings.Builder
	colour := map[string]func(string) string{"good": p.green, "bad": p.red}[s.Level]
	if colour == nil {
		colour = p.yellow
	}
	fmt.Fprintln(&b, colour(plain(s.Sentence)))
	for _, f := range s.Families {
		line := "not known"
		if f.Known {
			line = strings.Join(f.Addresses, ", ")
		}
		if f.Known && f.Since != nil {
			line += p.dim(" since " + f.Since.Local().Format(time.DateTime))
		}
		fmt.Fprintf(&b, "%s  %s\n", p.bold(f.Family), line)
	}
	for _, c := range s.Conditions {
		mark := p.yellow("!")
		if c.Failure {
			mark = p.red("✗")
		}
		fmt.Fprintf(&b, "%s %s: %s\n", mark, plain(c.Subject), plain(c.Text))
		if c.Hint != "" {
			fmt.Fprintf(&b, "    → %s\n", plain(c.Hint))
		}
	}
	if s.LastCheck != nil {
		fmt.Fprintf(&b, "last round %s", s.LastCheck.Local().Format(time.DateTime))
		if s.Next != nil {
			fmt.Fprintf(&b, ", the next %s", s.Next.Local().Format(time.DateTime))
		}
		fmt.Fprintln(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func syncCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "sync",
		Short: "Have the running daemon make a round now, and wait for it",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			daemon, err := call(c.Context(), env)
			if err != nil {
				return failed(env, err)
			}
			body, err := daemon.ask(c.Context(), http.MethodPost, "/api/v1/sync?wait=true", 3*time.Minute)
			if err != nil {
				return failed(env, err)
			}
			var r struct {
				Outcome string `json:"outcome"`
				Calls   int    `json:"calls"`
			}
			if err := json.Unmarshal(body, &r); err != nil {
				return failed(env, fmt.Errorf("read the daemon's answer: %w", err))
			}
			fmt.Fprintf(env.Stdout, "The round is done: %s, %s.\n", plain(r.Outcome), count(r.Calls, "API call"))
			if r.Outcome == "failed" {
				return exitCode(exitFailed)
			}
			return nil
		},
	}
}

func healthcheckCommand(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "healthcheck",
		Short: "Exit 0 when the running daemon makes its rounds in time, else 1",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			daemon, err := call(c.Context(), env)
			if err == nil {
				_, err = daemon.ask(c.Context(), http.MethodGet, "/healthz", 5*time.Second)
			}
			if err != nil {
				fmt.Fprintf(env.Stderr, "homing: %s\n", plain(err.Error()))
				return exitCode(exitFailed)
			}
			return nil
		},
	}
}
