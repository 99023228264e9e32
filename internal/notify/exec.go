package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Hook is a program to run after records were changed. It is run without a
// shell, with the arguments given here and nothing added. It gets
//
//	HOMING_EVENT    changed
//	HOMING_CHANGES  how many records were changed
//	HOMING_NAMES    their names, with a blank between; at most 100
//	HOMING_IPV4     the addresses that are known, with a blank between
//	HOMING_IPV6     the same
//	PATH            as given here
//
// and nothing else as its environment, and the JSON document of a webhook on
// its standard input. Its working folder is the root. A status other than 0 is
// a failure. When its time is over it is killed, with all it has started.
type Hook struct {
	Command []string      // an absolute path, and arguments
	Path    string        // PATH for it
	Timeout time.Duration // 0: 30 s
}

const (
	hookTimeout   = 30 * time.Second
	hookKillDelay = time.Second / 2 // for its output to end once it was killed; homing's own end waits for it
	maxHookNames  = 100
	maxHookOutput = 4 << 10 // bytes that are kept
)

// NewHook makes the sink of a program.
func NewHook(h Hook) (Sink, error) {
	if len(h.Command) == 0 || h.Command[0] == "" {
		return nil, errors.New("it names no program")
	}
	if !filepath.IsAbs(h.Command[0]) {
		return nil, fmt.Errorf("%q is no absolute path", h.Command[0])
	}
	if h.Timeout == 0 {
		h.Timeout = hookTimeout
	}
	return &hook{h}, nil
}

type hook struct{ Hook }

func (h *hook) Name() string { return "exec " + filepath.Base(h.Command[0]) }

func (h *hook) deliveries(e Event) []delivery {
	var out []delivery
	for i := range e.Messages {
		m := &e.Messages[i]
		if m.Kind != Changed {
			continue
		}
		env, input := h.environment(m), newDocument(m)
		out = append(out, delivery{timeout: h.Timeout + hookKillDelay, noRetry: true,
			send: func(ctx context.Context) error { return h.run(ctx, env, input) }})
	}
	return out
}

func (h *hook) environment(m *Message) []string {
	var names []string
	seen := make(map[string]bool)
	for i := range m.Changes {
		for _, k := range m.Changes[i].Keys {
			if n := k.Name.String(); !seen[n] && len(names) < maxHookNames {
				seen[n] = true
				names = append(names, n)
			}
		}
	}
	env := []string{
		"HOMING_EVENT=" + string(m.Kind),
		"HOMING_CHANGES=" + strconv.Itoa(m.changedRecords()),
		"HOMING_NAMES=" + strings.Join(names, " "),
		"HOMING_IPV4=" + strings.Join(m.IPv4, " "),
		"HOMING_IPV6=" + strings.Join(m.IPv6, " "),
	}
	if h.Path != "" {
		env = append(env, "PATH="+h.Path)
	}
	return env
}

// run runs the program once. What it printed last is part of the error.
func (h *hook) run(ctx context.Context, env []string, input []byte) error {
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	said := &tailWriter{}
	c := exec.CommandContext(ctx, h.Command[0], h.Command[1:]...)
	c.Env, c.Stdin, c.Stdout, c.Stderr = env, bytes.NewReader(input), said, said
	c.Dir = filepath.VolumeName(h.Command[0]) + string(filepath.Separator)
	c.WaitDelay = hookKillDelay
	killProcessGroup(c)
	err := c.Run()
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // it is done, and left something running
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("run %s: it was killed because homing did not wait for it any longer", h.Command[0])
	case ctx.Err() != nil:
		return &Failure{Err: fmt.Errorf("run %s: it was killed after %s", h.Command[0], h.Timeout), Hint: "it has to end sooner"}
	}
	if last := said.lastLine(); last != "" {
		return fmt.Errorf("run %s: %w: %s", h.Command[0], err, last)
	}
	return fmt.Errorf("run %s: %w", h.Command[0], err)
}

// tailWriter keeps the end of what is written to it.
type tailWriter struct{ data []byte }

func (t *tailWriter) Write(p []byte) (int, error) {
	t.data = append(t.data, p[max(0, len(p)-maxHookOutput):]...)
	t.data = t.data[max(0, len(t.data)-maxHookOutput):]
	return len(p), nil
}

// lastLine is the last line that is not empty, for a person.
func (t *tailWriter) lastLine() string {
	s := strings.TrimSpace(string(t.data))
	return truncate(stripControl(s[strings.LastIndexByte(s, '\n')+1:]), 200)
}
