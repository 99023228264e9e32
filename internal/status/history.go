package status

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// History is what happened, for people, in one file: a JSON object a line,
// appended. What is changed is never decided by it; which of several records is
// homing's may be (see Memory). Its methods open the file anew, so
// that there is nothing to close, and that a file which was removed or replaced
// is no trouble. One goroutine may use it at a time.
type History struct {
	path string
	aged time.Time // when old entries were last looked for
}

// Bounds of the file.
const (
	historyName  = "history.jsonl"
	historyLimit = 1 << 20              // bytes; when it is reached, the newer half stays
	historyAge   = 400 * 24 * time.Hour // older entries are taken out
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
		return nil, m, errors.New("there is no folder for the history; set HOMING_STATE")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, m, fmt.Errorf("make the folder of the history: %w", err)
	}
	h = &History{path: filepath.Join(folder, historyName)}
	if m.Aside, err = setAside(h.path); err != nil {
		return nil, m, fmt.Errorf("look at the history: %w", err)
	}
	f, lost, err := h.open()
	if err != nil {
		return nil, m, err
	}
	if m.Lost = lost; f.Close() != nil {
		return nil, m, errors.New("mend the history: it cannot be closed")
	}
	return h, m, h.bound(0, now)
}

// ReadHistory is the history of a folder, to be read only: nothing is made, and
// nothing mended. It is nil without a folder.
func ReadHistory(folder string) *History {
	if folder == "" {
		return nil
	}
	return &History{path: filepath.Join(folder, historyName)}
}

// Add appends entries: all of them, or on an error none. A write that fails half
// way, on a full disk say, is taken back; when even that fails, or the process
// is killed, the next one does it.
func (h *History) Add(now time.Time, entries ...Entry) error {
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
	if err := h.bound(len(lines), now); err != nil {
		return err
	}
	f, _, err := h.open()
	if err != nil {
		return err
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

// open opens the file with its end in order. It is shortened by its name, never
// by what is opened here: Windows lets nobody shorten a file through a handle
// that may only append.
func (h *History) open() (f *os.File, lost int64, err error) {
	f, err = openPlain(h.path, os.O_RDWR|os.O_CREATE|os.O_APPEND)
	if err != nil {
		return nil, 0, fmt.Errorf("open the history: %w", err)
	}
	if lost, err = mend(f); err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("mend the history: %w", err)
	}
	return f, lost, nil
}

// mend cuts what stands behind the last whole entry: a line that was cut short,
// or filled with something else when the power went. Whole entries in that stay.
// Lost is how much was not one.
func mend(f *os.File) (lost int64, err error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	end, saved := size, []byte(nil)
	for end > 0 {
		start, line, err := lastLine(f, end)
		if err != nil {
			return 0, err
		}
		if _, whole := parseEntry(line); whole && line[len(line)-1] == '\n' {
			break
		}
		saved = append(salvaged(line), saved...)
		end = start
	}
	if end == size {
		return 0, nil
	}
	if err := os.Truncate(f.Name(), end); err != nil {
		return 0, err
	}
	return max(0, size-end-int64(len(saved))), appendWhole(f, saved)
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

// lastLine is the line that ends at end, with its line break if it has one, and
// where it begins. Of a line that is far too long it is the last part.
func lastLine(f *os.File, end int64) (start int64, line []byte, err error) {
	from := max(0, end-lineLimit)
	b := make([]byte, end-from)
	if _, err := f.ReadAt(b, from); err != nil && err != io.EOF {
		return 0, nil, err
	}
	body := bytes.TrimSuffix(b, []byte("\n"))
	at := bytes.LastIndexByte(body, '\n') + 1
	return from + int64(at), b[at:], nil
}

// line is e as it stands in the file.
func (e Entry) line() ([]byte, error) {
	e.Schema = HistorySchema
	b, err := json.Marshal(e)
	if err == nil && len(b) >= lineLimit {
		err = fmt.Errorf("an entry has %d bytes", len(b))
	}
	return append(b, '\n'), err
}
