//go:build unix

package program

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// What a program started and left behind, with its output, ends with it.
func TestWhatAProgramStartedIsKilledToo(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.fail(orphan)
	life := h.life()
	began := time.Now()
	_, err := h.with(t, Config{Timeout: time.Second}).Records(t.Context(), zoneNamed(t), nil)
	if kindOf(err) != "unavailable" {
		t.Errorf("the error is %v", err)
	}
	if took := time.Since(began); took > startTimeout+5*time.Second {
		t.Errorf("it took %s", took)
	}
	if !slices.ContainsFunc(h.notes(), func(n string) bool { return n == "child" }) {
		t.Fatal("the program left nothing behind")
	}
	if err := life.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := life.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("what the program left behind still runs: %v", err)
	}
}

// life is a pipe whose other end the child of an orphaning program holds: it
// ends when the child does.
func (h host) life() *os.File {
	h.t.Helper()
	path := filepath.Join(h.folder, "life")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		h.t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = f.Close() })
	return f
}
