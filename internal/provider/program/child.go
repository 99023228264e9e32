package program

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// process is the program as it runs.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	lines  *bufio.Reader
	stderr *stderrLog
	kill   func() error
	ended  bool
}

// start starts the program, in the root folder.
func (p *Provider) start() (*process, error) {
	c := &process{cmd: exec.Command(p.config.Command[0], p.config.Command[1:]...), stderr: &stderrLog{log: p.config.Log, name: filepath.Base(p.config.Command[0]), clean: p.sanitize}}
	c.cmd.Env, c.cmd.Stderr, c.cmd.WaitDelay = p.env, c.stderr, stopTimeout
	if c.cmd.Env == nil {
		c.cmd.Env = []string{} // nil would be homing's own
	}
	c.cmd.Dir = filepath.VolumeName(p.config.Command[0]) + string(filepath.Separator)
	c.kill = killFunc(c.cmd)
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if c.out, err = c.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	c.lines = bufio.NewReaderSize(c.out, 4<<10)
	if err := c.cmd.Start(); err != nil {
		if e, ok := errors.AsType[*exec.Error](err); ok {
			err = e.Err // the name is said beside it
		}
		return nil, err
	}
	return c, nil
}

// exchange writes a line and reads one. When ctx is done the program is killed,
// whatever it does: it cannot be asked anything further.
func (c *process) exchange(ctx context.Context, line []byte) ([]byte, error) {
	stop := context.AfterFunc(ctx, func() {
		_ = c.kill()
		c.out.Close() // what it started may hold the other end
		c.in.Close()
	})
	defer stop()
	_, err := c.in.Write(line)
	var said []byte
	if err == nil {
		said, err = readLine(c.lines, maxLine)
	}
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, errTooLong):
		return nil, err
	case err != nil:
		return nil, errors.New("it ended without an answer")
	}
	return said, nil
}

// stop has the program end, by the end of its input or by force, with all it
// started. It is how it ended and what it said last, where that was not well.
func (c *process) stop() string {
	if c.ended {
		return ""
	}
	c.ended = true
	c.in.Close()
	force := time.AfterFunc(stopTimeout, func() {
		_ = c.kill()
		c.out.Close()
	})
	_, _ = io.Copy(io.Discard, io.LimitReader(c.lines, maxLine)) // until it ends
	_ = c.out.Close()
	err := c.cmd.Wait()
	force.Stop()
	_ = c.kill() // what it started may still run
	c.stderr.flush()
	said := ""
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		said = e.Error()
	}
	if last := c.stderr.lastLine(); last != "" {
		if said != "" {
			said += ", "
		}
		said += fmt.Sprintf("it said %q", last)
	}
	return said
}

var errTooLong = fmt.Errorf("its answer is longer than %d MiB", maxLine>>20)

// readLine reads up to the end of a line, which it leaves out.
func readLine(r *bufio.Reader, most int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > most {
			return nil, errTooLong
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimRight(line, "\r\n"), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// Bounds of what a program says on its standard error in one run.
const (
	maxErrorLine  = 2 << 10 // octets that are kept of a line
	maxErrorLines = 200     // lines that go to the log
)

// stderrLog hands each line to the log, and keeps the last.
type stderrLog struct {
	log   *slog.Logger
	name  string
	clean func(string) string

	mu    sync.Mutex
	part  []byte
	last  string
	count int
}

func (e *stderrLog) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := len(b)
	for {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		e.part = append(e.part, line[:min(len(line), maxErrorLine-len(e.part))]...)
		if !whole {
			return n, nil
		}
		e.logLine()
		b = rest
	}
}

// flush takes a last line that has no end.
func (e *stderrLog) flush() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.logLine()
}

func (e *stderrLog) logLine() {
	line := e.clean(string(e.part))
	e.part = e.part[:0]
	if line == "" {
		return
	}
	e.last = line
	if e.count++; e.count <= maxErrorLines && e.log != nil {
		e.log.Debug("program", "name", e.name, "said", line)
	}
}

func (e *stderrLog) lastLine() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last
}
