package status

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/homing-dns/homing/internal/text"
)

// History is what happened, for people, in one file: a JSON object a line,
// appended. What is changed is never decided by it; which of several records is
// homing's may be (see Memory). Its methods open the file anew, so
// that there is nothing to close, and that a file which was removed or replaced
// is no trouble. One goroutine may use it at a time.
type History struct {
	path string
	aged time.Time // when old entries were last looked for

	found Mended // by Add
}

// Bounds of the file.
const (
	historyName  = "history.jsonl"
	historyLimit = 1 << 20              // bytes; when it is reached, the newer half stays
	historyHuge  = 4 * historyLimit     // so long homing never lets it become: it is another file
	historyAge   = 400 * 24 * time.Hour // older entries are taken out
	historyStep  = 30 * 24 * time.Hour  // as much as lies between two entries counts for their age, see stay
	historyLook  = 30 * 24 * time.Hour  // how often they are looked for
	lineLimit    = 64 << 10             // bytes of a line; longer ones are damage
)

// Mended is what was found wrong with a history, and put in order.
type Mended struct {
	Lost  int64  // bytes of a damaged end that were cut off
	Aside string // where a file was put that is no history at all; empty: none was there
}

// OpenHistory prepares the history in a folder, which is made if need be. An
// error means that there is no history; everything else goes on without.
func OpenHistory(folder string, now time.Time) (h *History, m Mended, err error) {
	if folder == "" {
		return nil, m, text.Errorf("there is no folder for the history; set {state}")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, m, fmt.Errorf("create the folder for the history: %w", err)
	}
	h = &History{path: filepath.Join(folder, historyName)}
	if m, err = h.repair(); err != nil {
		return nil, m, err
	}
	return h, m, h.enforceLimit(0, now)
}

// ReadHistory is the history of a folder, to be read only: nothing is made, and
// nothing mended. It is nil without a folder.
func ReadHistory(folder string) *History {
	if folder == "" {
		return nil
	}
	return &History{path: filepath.Join(folder, historyName)}
}

// Add appends what of these events is worth keeping: all of it, or on an error none. A write that fails half
// way, on a full disk say, is taken back; when even that fails, or the process
// is killed, the next one does it.
func (h *History) Add(now time.Time, events ...Event) error { return h.add(now, entriesOf(events)...) }

func (h *History) add(now time.Time, entries ...entry) error {
	var lines []byte
	for _, e := range entries {
		line, err := e.line()
		if err != nil {
			return fmt.Errorf("write the history: %w", err)
		}
		lines = append(lines, line...)
	}
	if len(lines) == 0 {
		return nil
	}
	m, err := h.repair() // before it is bounded, or somebody's file would be
	h.found = Mended{h.found.Lost + m.Lost, cmp.Or(m.Aside, h.found.Aside)}
	if err != nil {
		return err
	}
	if err := h.enforceLimit(len(lines), now); err != nil {
		return err
	}
	f, err := openRegular(h.path, os.O_RDWR|os.O_CREATE|os.O_APPEND)
	if err != nil {
		return fmt.Errorf("open the history: %w", err)
	}
	if err := appendWhole(f, lines); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	return nil
}

// appendWhole writes lines at the end of f, or leaves it as it was.
func appendWhole(f *os.File, lines []byte) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	if _, err := f.Write(lines); err != nil {
		return errors.Join(fmt.Errorf("write the history: %w", err), os.Truncate(f.Name(), size))
	}
	return nil
}

// Found is what was mended since the last time this was asked.
func (h *History) Found() Mended {
	m := h.found
	h.found = Mended{}
	return m
}

// repair makes the file one to append to. What is no history is put aside first,
// at the start and whenever somebody puts it there later.
func (h *History) repair() (m Mended, err error) {
	for {
		f, err := openRegular(h.path, os.O_RDWR|os.O_CREATE|os.O_APPEND)
		if err != nil {
			return m, fmt.Errorf("open the history: %w", err)
		}
		m.Lost, err = mend(f)
		err = errors.Join(err, f.Close())
		switch {
		case err == nil:
			return m, nil
		case !errors.Is(err, errForeign) || m.Aside != "":
			return m, fmt.Errorf("repair the history: %w", err)
		}
		if m.Aside, err = moveAside(h.path); err != nil {
			return m, fmt.Errorf("move a file aside that is not a history: %w", err)
		}
	}
}

// mend cuts what stands behind the last whole entry: a line that was cut short,
// or filled with something else when the power went. Whole entries in that stay.
// Lost is how much was not one. It is shortened by its name: Windows lets nobody
// shorten a file through a handle that may only append. The error is errForeign, and nothing is cut,
// where nothing in it is of homing's.
func mend(f *os.File) (lost int64, err error) {
	size, err := f.Seek(0, io.SeekEnd)
	switch {
	case err != nil:
		return 0, err
	case size > historyHuge:
		return 0, errForeign
	}
	if whole, err := endsWhole(f, size); whole || err != nil {
		return 0, err
	}
	b := make([]byte, size)
	if _, err := f.ReadAt(b, 0); err != nil {
		return 0, err
	}
	end, saved := wholeEnd(b)
	if end == 0 && len(saved) == 0 && !isTorn(b) {
		return 0, errForeign
	}
	if err := os.Truncate(f.Name(), int64(end)); err != nil {
		return 0, err
	}
	return max(0, size-int64(end)-int64(len(saved))), appendWhole(f, saved)
}

// endsWhole reports whether f ends with a whole entry, or is empty.
func endsWhole(f *os.File, size int64) (bool, error) {
	b := make([]byte, min(size, lineLimit))
	if _, err := f.ReadAt(b, size-int64(len(b))); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	line := b[bytes.LastIndexByte(bytes.TrimSuffix(b, []byte("\n")), '\n')+1:]
	_, whole := parseEntry(line)
	return size == 0 || whole && line[len(line)-1] == '\n', nil
}

// wholeEnd is where the last whole entry of b ends, and what entries can be
// saved of that which stands behind.
func wholeEnd(b []byte) (end int, saved []byte) {
	end = len(b)
	for end > 0 {
		start := bytes.LastIndexByte(b[:end-1], '\n') + 1
		line := b[start:end]
		if _, whole := parseEntry(line); whole && line[len(line)-1] == '\n' {
			break
		}
		saved = append(salvaged(line), saved...)
		end = start
	}
	return end, saved
}

// salvaged is the lines of the entries in a damaged one.
func salvaged(line []byte) []byte {
	var out []byte
	for _, e := range salvage(line) {
		if l, err := e.line(); err == nil {
			out = append(out, l...)
		}
	}
	return out
}

// line is e as it stands in the file.
func (e *entry) line() ([]byte, error) {
	w := *e
	if w.Schema = HistorySchema; e.Site != "" || originNamed(e.Subject).Site != "" {
		w.Schema = siteSchema
	}
	b, err := json.Marshal(w)
	if err == nil && len(b) >= lineLimit {
		err = fmt.Errorf("an entry has %d bytes", len(b))
	}
	return append(b, '\n'), err
}
