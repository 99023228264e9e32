package detect

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// Exec returns the source exec:<command>: the addresses a program prints. The
// command is split into words as a shell would, and no shell sees it unless it
// names one. Of env, the environment as os.Environ gives it, the program gets
// what it needs to run; secrets stay behind.
func Exec(w Wanted, command string, env []string, allow addr.Allow) (Source, error) {
	words, err := SplitCommand(command)
	if err != nil {
		return nil, fmt.Errorf("read the command: %w", err)
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("a command is missing: write exec:<command>")
	}
	if filepath.Base(words[0]) != words[0] && !filepath.IsAbs(words[0]) {
		return nil, fmt.Errorf("%q is not an absolute path: homing may be started from anywhere", words[0])
	}
	p := program{args: words, env: append(filterEnv(env), fmt.Sprintf("HOMING_FAMILY=%d", w.Family))}
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		path, err := findProgram(words[0]) // each time: the disk it is on may be mounted later
		if err != nil {
			return nil, err
		}
		text, err := p.run(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", words[0], err)
		}
		ps, err := parseText(text, w, publicCheck(allow))
		if err != nil {
			return nil, fmt.Errorf("read what %s prints: %w", words[0], err)
		}
		return ps, nil
	}
	name := "exec:" + words[0]
	if len(words) > 1 {
		name += " …" // what follows may be secret
	}
	return &routeSource{voter: certainVoter(name), ask: ask}, nil
}

// NoProgram is a program that this machine does not have, or not at the moment,
// or that may not be run.
type NoProgram struct {
	Name string
	Err  error
}

func (e *NoProgram) Error() string { return fmt.Sprintf("find the command %q: %v", e.Name, e.Err) }
func (e *NoProgram) Unwrap() error { return e.Err }

// CheckProgram returns nil if the program of a command is there now and may be
// run; else it is a *NoProgram.
func CheckProgram(command string) error {
	words, err := SplitCommand(command)
	if err != nil || len(words) == 0 {
		return err
	}
	_, err = findProgram(words[0])
	return err
}

func findProgram(name string) (string, error) {
	path, err := exec.LookPath(name)
	if e, ok := errors.AsType[*exec.Error](err); ok {
		err = e.Err // the name is said beside it
	}
	if err != nil {
		return "", &NoProgram{name, err}
	}
	return path, nil
}

// filterEnv returns what a program needs of the environment.
func filterEnv(env []string) []string {
	var out []string
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		if slices.ContainsFunc([]string{"PATH", "HOME", "LANG", "TZ", "USER", "TMPDIR", "SystemRoot", "ComSpec", "PATHEXT", "TEMP", "USERPROFILE"},
			func(s string) bool { return strings.EqualFold(s, name) }) { // Windows writes Path
			out = append(out, e)
		}
	}
	return out
}

// A program prints addresses.
type program struct {
	args []string // with the name
	env  []string
}

// outputWait is how long the output is waited for after the program has ended, or
// was ended: something it started may hold it open, for ever.
const outputWait = 250 * time.Millisecond

// run returns what the program at path prints. When ctx is done, or too much is
// printed, it is ended with all it started.
func (p program) run(ctx context.Context, path string) ([]byte, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	out := &limitedOutput{limit: maxAnswer, more: func() { stop(&httpx.TooLarge{Limit: maxAnswer}) }}
	said := &limitedOutput{limit: 200, more: func() {}}

	cmd := exec.CommandContext(ctx, path)
	cmd.Args, cmd.Env, cmd.Stdout, cmd.Stderr = p.args, p.env, out, said
	cmd.WaitDelay = outputWait
	cmd.Cancel = killFunc(cmd)
	err := cmd.Start()
	if err == nil {
		err = cmd.Wait()
		_ = cmd.Cancel() // what it started may still run
	}
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, exec.ErrWaitDelay):
		return nil, errors.New("it ended, but something it started kept its output open")
	case err != nil:
		return nil, fmt.Errorf("%w%s", err, said.firstLine())
	}
	return out.text, nil
}

// limitedOutput keeps what is written to it, up to a limit, and calls more when
// there is more.
type limitedOutput struct {
	text  []byte
	limit int
	more  func()
}

func (p *limitedOutput) Write(b []byte) (int, error) {
	fits := min(len(b), p.limit-len(p.text))
	p.text = append(p.text, b[:fits]...)
	if fits < len(b) {
		p.more()
	}
	return len(b), nil
}

// firstLine is made for the end of a sentence; empty when nothing was printed.
func (p *limitedOutput) firstLine() string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(p.text)), "\n")
	if line == "" {
		return ""
	}
	return fmt.Sprintf(" and said %.120q", line)
}
