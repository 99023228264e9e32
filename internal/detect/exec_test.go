//go:build unix

package detect

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/homing-dns/homing/internal/addr"
)

func exe(t *testing.T, w Wanted, command string) Source {
	t.Helper()
	return must(t)(Exec(w, command, os.Environ(), 0))
}

func TestExecTakesWhatAProgramPrints(t *testing.T) {
	wantSame(t, exe(t, want4, `printf '8.8.4.4\n# x\n8.8.8.8/28\n'`).Observe(t.Context()), known("8.8.4.4", "8.8.8.8/28"))
	wantSame(t, exe(t, want6, `echo 2a00:1450::1`).Observe(t.Context()), known("2a00:1450::1/64"))
	wantSame(t, exe(t, want4, `/bin/sh -c 'echo 8.8.4.4 | cat; echo noise >&2'`).Observe(t.Context()), truth)
	private := must(t)(Exec(want4, "echo 10.0.0.1", os.Environ(), addr.AllowPrivate))
	wantSame(t, private.Observe(t.Context()), known("10.0.0.1"))
}

func TestExecStartsNoShell(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	o := exe(t, want4, "echo 8.8.4.4 ; touch '"+mark+"' $(touch '"+mark+"') > '"+mark+"'").Observe(t.Context())
	wantRefused(t, o, `"8.8.4.4 ; touch `)
	if _, err := os.Stat(mark); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a shell was there: %v", err)
	}
}

func TestExecRefuses(t *testing.T) {
	for _, c := range []struct{ name, command, says string }{
		{"a status that is not 0", `sh -c 'echo 8.8.4.4; exit 3'`, "run sh: exit status 3"},
		{"with the reason", `sh -c 'echo "no modem" >&2; echo more >&2; exit 1'`, `run sh: exit status 1 and said "no modem"`},
		{"without its control characters", `sh -c 'printf "\n\033[2Jno modem\n" >&2; exit 1'`, `and said "\x1b[2Jno modem"`},
		{"a long reason", `sh -c 'yes | head -c 100000 | tr -d "\n" >&2; exit 1'`, `and said "` + strings.Repeat("y", 120) + `"`},
		{"a program that is killed", `sh -c 'kill -9 $$'`, "signal: killed"},
		{"nothing", "true", "read what true prints: it holds no address"},
		{"more than 4 KiB", "yes 8.8.4.4", "run yes: the answer is longer than 4096 bytes"},
		{"more than 4 KiB and a good end", `sh -c 'yes 8.8.4.4 | head -n 1000'`, "longer than 4096 bytes"},
		{"a web page", "echo '<html>8.8.4.4</html>'", "web page"},
		{"one bad line among good ones", `printf '8.8.4.4\nx\n'`, `line 2: "x" is not an address`},
		{"the other family", "echo 2a00:1450::1", "not an IPv4 address"},
		{"a private address", "echo 10.0.0.1", "RFC 1918"},
		{"CGNAT", "echo 100.64.0.1", "CGNAT"},
		{"a zone", "echo fe80::1%eth0", "has a zone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			why := exe(t, want4, c.command).Observe(t.Context()).Why()
			if why == nil || !strings.Contains(why.Error(), c.says) || strings.ContainsAny(why.Error(), "\x1b\n") {
				t.Errorf("got %v", why)
			}
		})
	}
}

func TestExecRefusesWhatCannotBeRun(t *testing.T) {
	for command, says := range map[string]string{
		"":         "a command is missing",
		"  ":       "a command is missing",
		"'' x":     "a command is missing",
		"sh -c 'x": "read the command: the quote ' is not closed",
		"./wan":    "not an absolute path",
		"bin/wan":  "not an absolute path",
	} {
		if _, err := Exec(want4, command, os.Environ(), 0); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", command, err)
		}
	}
}

// A program may come after homing has started, with the disk it is on.
func TestExecWaitsForItsProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wan")
	s := exe(t, want4, path)
	missed := func(says string) {
		t.Helper()
		wantRefused(t, s.Observe(t.Context()), says)
		if missing, ok := errors.AsType[*NoProgram](CheckProgram(path + " x")); !ok || missing.Name != path {
			t.Errorf("it is not missed: %v", CheckProgram(path))
		}
	}
	missed("no such file")
	write(t, path, "#!/bin/sh\necho 8.8.4.4\n")
	missed("permission denied")
	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
	wantSame(t, s.Observe(t.Context()), truth)
	if err := CheckProgram(path); err != nil {
		t.Error(err)
	}
	wantRefused(t, exe(t, want4, "no-such-program-here").Observe(t.Context()), `find the command "no-such-program-here"`)
}

func TestExecPassesNoSecretOn(t *testing.T) {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=/h", "LANG=C", "TZ=UTC", "USER=u", "TMPDIR=/t", "SystemRoot=C:",
		"CLOUDFLARE_API_TOKEN=hunter2", "PATHS=hunter2", "HOMING_FAMILY=hunter2", "LD_PRELOAD=hunter2", "=hunter2", "hunter2"}
	for _, w := range []Wanted{want4, want6} {
		out := filepath.Join(t.TempDir(), "env")
		s := must(t)(Exec(w, "sh -c 'env > \"$1\"' sh '"+out+"'", env, 0))
		wantRefused(t, s.Observe(t.Context()), "holds no address")
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for line := range strings.Lines(string(b)) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			got[name] = value
		}
		family := map[addr.Family]string{addr.IPv4: "4", addr.IPv6: "6"}[w.Family]
		if got["HOMING_FAMILY"] != family || got["HOME"] != "/h" || got["LANG"] != "C" || got["TZ"] != "UTC" || got["USER"] != "u" || got["TMPDIR"] != "/t" || got["SystemRoot"] != "C:" || strings.Contains(string(b), "hunter2") {
			t.Errorf("the environment is %q", b)
		}
	}
}

func TestExecReadsNothing(t *testing.T) {
	wantSame(t, exe(t, want4, `sh -c 'cat; echo 8.8.4.4'`).Observe(t.Context()), truth)
}

func TestExecShowsNoArguments(t *testing.T) {
	for command, want := range map[string]string{"sh -c 'echo hunter2 >&2; exit 0'": "exec:sh …", "true": "exec:true"} {
		s := exe(t, want4, command)
		if got := s.Voter(); got != (addr.Voter{Source: want, Operator: want, Route: want, Authenticated: true, Certain: true}) {
			t.Errorf("it is %+v", got)
		}
		if said := s.Observe(t.Context()).Describe(); strings.Contains(said, "hunter2") {
			t.Error(said)
		}
	}
}

// held makes a pipe with a name. taken is closed when somebody holds its other
// end; released hears when nobody does any more.
func held(t *testing.T) (path string, taken chan struct{}, released chan error) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "held")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	taken, released = make(chan struct{}), make(chan error, 1)
	go func() {
		f, err := os.Open(path) // waits for the other end
		if err == nil {
			close(taken)
			_, err = io.Copy(io.Discard, f)
			f.Close()
		}
		released <- err
	}()
	return path, taken, released
}

func TestExecEndsAllThatItStarted(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, c := range []struct {
		name, script string
		says         string // empty: it goes on until it is called off
	}{
		{"a program that hangs", `exec 3>"$1"; sleep 600`, ""},
		{"one that ignores what it is told", `exec 3>"$1"; trap "" TERM INT HUP PIPE; while :; do sleep 600; done`, ""},
		{"one that trickles", `exec 3>"$1"; while :; do printf 8; sleep 0.05; done`, ""},
		{"one that starts another and waits", `exec 3>"$1"; sleep 600 & wait`, ""},
		{"one that complains for ever", `exec 3>"$1"; yes >&2`, ""},
		{"one that never stops", `exec 3>"$1"; yes 8.8.4.4`, "longer than 4096 bytes"},
		{"one that never stops and does not care", `exec 3>"$1"; trap "" PIPE; while :; do echo 8.8.4.4; done`, "longer than 4096 bytes"},
		{"one that leaves another behind", `exec 3>"$1"; sleep 600 & echo 8.8.4.4`, "kept its output open"},
		{"one that fails and leaves another behind", `exec 3>"$1"; sleep 600 >/dev/null 2>&1 & exit 1`, "exit status 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			path, taken, released := held(t)
			if c.says == "" {
				c.says = errDown.Error()
				go func() { <-taken; cancel(errDown) }()
			}
			wantRefused(t, exe(t, want4, "sh -c '"+c.script+"' sh '"+path+"'").Observe(ctx), c.says)
			if err := <-released; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestExecCostsAtMostTheTimeout(t *testing.T) {
	p := panelOf(addr.First(), exe(t, want4, "sleep 600"))
	p.Timeout = 100 * ms
	start := time.Now()
	wantRefused(t, p.Observe(t.Context()), "run sleep: no answer within 100ms")
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestExecStartsNothingForACallerThatHasLeft(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errDown)
	mark := filepath.Join(t.TempDir(), "mark")
	wantRefused(t, exe(t, want4, "touch '"+mark+"'").Observe(ctx), errDown.Error())
	if _, err := os.Stat(mark); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it was started: %v", err)
	}
}
