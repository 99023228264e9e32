//go:build unix

package status

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// What is no plain file is neither followed, nor waited for, nor changed.
func TestTheHistoryIsAPlainFileOrThereIsNone(t *testing.T) {
	target := filepath.Join(t.TempDir(), "somebody's")
	if err := os.WriteFile(target, []byte("theirs\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, create := range map[string]func(path string) error{
		"a link":        func(path string) error { return os.Symlink(target, path) },
		"a FIFO":        func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a folder":      func(path string) error { return os.Mkdir(path, 0o700) },
		"a broken link": func(path string) error { return os.Symlink(target+"-none", path) },
	} {
		folder := t.TempDir()
		if err := create(filepath.Join(folder, historyName)); err != nil {
			t.Fatal(err)
		}
		done := inBackground(func() {
			if _, _, err := OpenHistory(folder, day(0)); err == nil {
				t.Errorf("%s is taken for a history", name)
			}
			if _, err := ReadHistory(folder).Memory(nil); err == nil {
				t.Errorf("%s is read", name)
			}
		})
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Fatalf("%s is waited for", name)
		}
	}
	if b, _ := os.ReadFile(target); string(b) != "theirs\n" {
		t.Errorf("what the link leads to is now %q", b)
	}
	if _, err := os.Lstat(target + "-none"); err == nil {
		t.Error("the target of a broken link was made")
	}
}

func inBackground(f func()) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	return done
}
