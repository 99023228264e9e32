//go:build check

package cli_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// program is homing, running in a namespace.
type program struct {
	w    *internet
	cmd  *exec.Cmd
	done chan error // how it ended

	mu  sync.Mutex
	log bytes.Buffer
}

// start runs homing with nothing set but the token, these names, and what is
// given.
func (w *internet) start(domains string, args []string, settings ...string) *program {
	w.t.Helper()
	return w.startProgram("homing", domains, args, settings...)
}

// startProgram is start for another build of homing.
func (w *internet) startProgram(path, domains string, args []string, settings ...string) *program {
	w.t.Helper()
	p := &program{w: w, cmd: exec.Command(path, args...), done: make(chan error, 1)}
	p.cmd.Env = append([]string{"CLOUDFLARE_API_TOKEN=" + goodToken, "DOMAINS=" + domains}, settings...)
	p.begin()
	return p
}

// startIn starts homing in a folder, with nothing in its environment but this.
func (w *internet) startIn(folder string, args, env []string) *program {
	w.t.Helper()
	p := &program{w: w, cmd: exec.Command("homing", args...), done: make(chan error, 1)}
	p.cmd.Dir, p.cmd.Env = folder, slices.Clone(env)
	p.begin()
	return p
}

func (p *program) begin() {
	w := p.w
	w.t.Helper()
	// The file and an empty folder take the place of the roots of this machine.
	p.cmd.Env = append([]string{"HOMING_STATE=" + w.t.TempDir(), "SSL_CERT_FILE=" + w.roots, "SSL_CERT_DIR=" + w.t.TempDir(), raceOptions}, p.cmd.Env...)
	p.launch()
}

// launch starts what p.cmd says, until the test ends.
func (p *program) launch() {
	w := p.w
	w.t.Helper()
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	w.t.Cleanup(func() {
		p.end(os.Kill)
		if w.t.Failed() {
			w.t.Logf("%s said:\n%s", strings.Join(p.cmd.Args, " "), p.said())
		}
	})
}

func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

func (p *program) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// words is what it said in one line, however it was wrapped.
func (p *program) words() string { return strings.Join(strings.Fields(p.said()), " ") }

// rounds is how many it has made.
func (p *program) rounds() int { return strings.Count(p.said(), "INF round ") }

// end sends a signal, waits for the end, and gives the exit code.
func (p *program) end(s os.Signal) (code int, took time.Duration) {
	p.w.t.Helper()
	began := time.Now()
	_ = p.cmd.Process.Signal(s) // it may have ended by itself
	return p.wait(), time.Since(began)
}

// wait gives the exit code; -1 when a signal ended it.
func (p *program) wait() int {
	p.w.t.Helper()
	select {
	case err := <-p.done:
		p.done <- err // for whoever asks again
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			p.w.t.Errorf("wait for homing: %v", err)
		}
	case <-time.After(30 * time.Second):
		p.w.t.Fatal("homing does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

// get is the status of an answer; 0 where nobody answers.
func get(t *testing.T, url string) int {
	t.Helper()
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + url)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}
