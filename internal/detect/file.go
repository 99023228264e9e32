package detect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// File returns the source file:<path>: the addresses in a text file, read anew at
// each question, once nobody writes to it any more.
func File(w Wanted, path string, allow addr.Allow) (Source, error) {
	if !filepath.IsAbs(path) {
		return nil, fmt.Errorf("%q is not an absolute path: homing may be started from anywhere", path)
	}
	f := &addressFile{path: path}
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		text, err := f.readSettled(ctx)
		if err != nil {
			return nil, err // it names the file
		}
		ps, err := parseText(text, w, publicCheck(allow))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		f.remember(text)
		return ps, nil
	}
	return &routeSource{voter: certainVoter("file:" + path), ask: ask}, nil
}

// A program that writes a file in several steps, and a copy that is under way,
// leave the beginning of an address there for a while, which often is an
// address too: 84.1.2.1 of 84.1.2.179.
const (
	settleTime     = 2 * time.Second // unchanged for so long, a file is taken as it is
	rereadInterval = time.Second     // a younger one is read until two readings so far apart are equal
	maxEmptyTime   = time.Minute     // for so long a file that is empty, or gone, is waited for: "cmd >file" empties it at once
)

// An addressFile is read by several who may ask side by side.
type addressFile struct {
	path string

	mu           sync.Mutex
	lastContent  []byte    // what it held when an address was last taken from it; nil: never yet
	missingSince time.Time // since when it is gone, after it was there
}

// snapshot is what a file was like at one moment.
type snapshot struct {
	text    []byte
	changed time.Time
	err     error
}

// readSettled reads the file when it is at rest. What it held when it was last
// believed is believed at once: that changes nothing.
func (f *addressFile) readSettled(ctx context.Context) ([]byte, error) {
	now, alike, wait := f.takeSnapshot(), 0, rereadDelay(ctx)
	for !f.isSettled(now) {
		select {
		case <-ctx.Done():
			return nil, f.unsettledError(now)
		case <-time.After(wait):
		}
		before := now
		if now = f.takeSnapshot(); !now.same(before) {
			alike = 0
		} else if alike++; alike > 1 || now.isComplete() || time.Since(now.changed) >= settleTime {
			break
		}
	}
	return now.text, now.err
}

// isSettled reports whether r may be used without another look.
func (f *addressFile) isSettled(r snapshot) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case errors.Is(r.err, fs.ErrNotExist):
		if f.lastContent != nil && f.missingSince.IsZero() {
			f.missingSince = time.Now()
		}
		return time.Since(f.missingSince) >= maxEmptyTime // so it is for one that never was there
	case r.err != nil:
		return true
	}
	f.missingSince = time.Time{}
	age := time.Since(r.changed) // below zero where the clock was put back: young
	switch {
	case !r.hasContent():
		return age >= maxEmptyTime
	case f.lastContent != nil && bytes.Equal(r.text, f.lastContent):
		return true
	}
	return age >= settleTime && r.isComplete()
}

func (f *addressFile) remember(text []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastContent = text
}

// unsettledError is the error for a file that was read as r and is not settled.
func (f *addressFile) unsettledError(r snapshot) error {
	switch {
	case r.err != nil:
		return r.err
	case !r.hasContent():
		return fmt.Errorf("read %s: it is empty, and may be about to be written", f.path)
	}
	return fmt.Errorf("read %s: it is still being written", f.path)
}

// hasContent reports whether something was read at all.
func (r snapshot) hasContent() bool { return r.err == nil && len(bytes.TrimSpace(r.text)) > 0 }

// isComplete reports whether the last line has its end. One that has none may go on, so
// it has to be seen for as long as the whole of settleTime.
func (r snapshot) isComplete() bool { return bytes.HasSuffix(r.text, []byte("\n")) }

func (r snapshot) same(before snapshot) bool {
	return r.hasContent() && before.err == nil && bytes.Equal(r.text, before.text) && r.changed.Equal(before.changed)
}

// rereadDelay returns how long after one reading the next is due: less where a look has
// no time for so much.
func rereadDelay(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return min(rereadInterval, time.Until(deadline)/3)
	}
	return rereadInterval
}

// takeSnapshot reads a plain file. Opening a pipe would wait for whoever writes to it,
// for ever.
func (f *addressFile) takeSnapshot() snapshot {
	info, err := os.Stat(f.path)
	if err != nil {
		return snapshot{err: err}
	}
	if !info.Mode().IsRegular() {
		return snapshot{err: fmt.Errorf("read %s: %w", f.path, errors.New("it is not a plain file"))}
	}
	file, err := os.Open(f.path)
	if err != nil {
		return snapshot{err: err}
	}
	defer file.Close()
	text, err := io.ReadAll(httpx.Limit(file, maxAnswer))
	if tooLarge, ok := errors.AsType[*httpx.TooLarge](err); ok {
		err = fmt.Errorf("read %s: it is longer than %d bytes", f.path, tooLarge.Limit)
	}
	if info, late := file.Stat(); err == nil && late == nil { // after the reading: it may have changed meanwhile
		return snapshot{text: text, changed: info.ModTime()}
	}
	return snapshot{err: err}
}
