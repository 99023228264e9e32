package status

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

var errNotPlain = errors.New("it is not a plain file")

// openRegular opens a plain file and nothing else: a link would lead out of the
// folder, and a device or a FIFO could keep homing waiting for ever.
func openRegular(path string, flags int) (*os.File, error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errNotPlain}
	}
	f, err := os.OpenFile(path, flags|openFlags, 0o600)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.Join(errNotPlain, err)}
	}
	return f, nil
}

// errForeign: a file holds nothing of homing's, and mending would cut all of it.
var errForeign = errors.New("it is not a history written by homing")

// moveAside renames a file that is somebody's.
func moveAside(path string) (to string, err error) {
	for n := 1; n <= 9; n++ {
		to = fmt.Sprintf("%s.foreign-%d", path, n)
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return to, os.Rename(path, to)
		}
	}
	return "", fmt.Errorf("%w, and nine such files are already beside it", errForeign)
}

// isTorn reports whether b holds no more than an entry that was cut short: the
// first one of all.
func isTorn(b []byte) bool {
	b = bytes.TrimSpace(b)
	begun := bytes.HasPrefix(b, []byte(entryMark)) || bytes.HasPrefix([]byte(entryMark), b)
	return begun && len(b) < lineLimit && !bytes.ContainsRune(b, '\n') && !json.Valid(b)
}
