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

// File is the source file:<path>: the addresses in a text file, read anew at
// each question, once nobody writes to it any more.
func File(w Wanted, path string, allow addr.Allow) (Source, error) {
	if !filepath.IsAbs(path) {
		return nil, fmt.Errorf("%q is not an absolute path: homing may be started from anywhere", path)
	}
	f := &addressFile{path: path}
	ask := func(ctx context.Context) ([]netip.Prefix, error) {
		text, err := f.rested(ctx)
		if err != nil {
			return nil, err // it names the file
		}
		ps, err := parseText(text, w, public(allow))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		f.believe(text)
		return ps, nil
	}
	return &way{voter: certain("file:" + path), ask: ask}, nil
}

// A program that writes a file in several steps, and a copy that is under way,
// leave the beginning of an address there for a while, which often is an
// address too: 84.1.2.1 of 84.1.2.179.
const (
	restTime  = 2 * time.Second // unchanged for so long, a file is taken as it is
	lookApart = time.Second     // a younger one is read until two readings so far apart are equal
	blankTime = time.Minute     // for so long a file that is empty, or gone, is waited for: "cmd >file" empties it at once
)

// An addressFile is read by several who may ask side by side.
type addressFile struct {
	path string

	mu       sync.Mutex
	believed []byte    // what it held when an address was last taken from it; nil: never yet
	missed   time.Time // since when it is gone, after it was there
}

// reading is what a file was like at one moment.
type reading struct {
	text    []byte
	changed time.Time
	err     error
}

// rested reads the file when it is at rest. What it held when it was last
// believed is believed at once: that changes nothing.
func (f *addressFile) rested(ctx context.Context) ([]byte, error) {
	now, alike, wait := f.read(), 0, apart(ctx)
	for !f.atRest(now) {
		select {
		case <-ctx.Done():
			return nil, f.unrested(now)
		case <-time.After(wait):
		}
		before := now
		if now = f.read(); !now.same(before) {
			alike = 0
		} else if alike++; alike > 1 || now.ended() || time.Since(now.changed) >= restTime {
			break
		}
	}
	return now.text, now.err
}

// atRest says whether r may be used without another look.
func (f *addressFile) atRest(r reading) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case errors.Is(r.err, fs.ErrNotExist):
		if f.believed != nil && f.missed.IsZero() {
			f.missed = time.Now()
		}
		return time.Since(f.missed) >= blankTime // so it is for one that never was there
	case r.err != nil:
		return true
	}
	f.missed = time.Time{}
	age := time.Since(r.changed) // below zero where the clock was put back: young
	switch {
	case !r.whole():
		return age >= blankTime
	case f.believed != nil && bytes.Equal(r.text, f.believed):
		return true
	}
	return age >= restTime && r.ended()
}

func (f *addressFile) believe(text []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.believed = text
}

// unrested is why nothing was learnt although r was read.
func (f *addressFile) unrested(r reading) error {
	switch {
	case r.err != nil:
		return r.err
	case !r.whole():
		return fmt.Errorf("read %s: it is empty, and may be about to be written", f.path)
	}
	return fmt.Errorf("read %s: it is still being written", f.path)
}

// whole says whether something was read at all.
func (r reading) whole() bool { return r.err == nil && len(bytes.TrimSpace(r.text)) > 0 }

// ended says whether the last line has its end. One that has none may go on, so
// it has to be seen for as long as the whole of restTime.
func (r reading) ended() bool { return bytes.HasSuffix(r.text, []byte("\n")) }

func (r reading) same(before reading) bool {
	return r.whole() && before.err == nil && bytes.Equal(r.text, before.text) && r.changed.Equal(before.changed)
}

// apart is how long after one reading the next is due: less where a look has
// no time for so much.
func apart(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return min(lookApart, time.Until(deadline)/3)
	}
	return lookApart
}

// read reads a plain file. Opening a pipe would wait for whoever writes to it,
// for ever.
func (f *addressFile) read() reading {
	info, err := os.Stat(f.path)
	if err != nil {
		return reading{err: err}
	}
	if !info.Mode().IsRegular() {
		return reading{err: fmt.Errorf("read %s: %w", f.path, errors.New("it is not a plain file"))}
	}
	file, err := os.Open(f.path)
	if err != nil {
		return reading{err: err}
	}
	defer file.Close()
	text, err := io.ReadAll(httpx.Limit(file, maxAnswer))
	if tooLarge, ok := errors.AsType[*httpx.TooLarge](err); ok {
		err = fmt.Errorf("read %s: it is longer than %d bytes", f.path, tooLarge.Limit)
	}
	if info, late := file.Stat(); err == nil && late == nil { // after the reading: it may have changed meanwhile
		return reading{text: text, changed: info.ModTime()}
	}
	return reading{err: err}
}
