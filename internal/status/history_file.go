package status

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

var errNotPlain = errors.New("it is not a plain file")

// openPlain opens a plain file and nothing else: a link would lead out of the
// folder, and a device or a FIFO could keep homing waiting for ever.
func openPlain(path string, flags int) (*os.File, error) {
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

// setAside renames a file that is no history: it is somebody's, and mending
// would cut it to nothing. It is one where there is not a single whole entry,
// nor a first one that was torn.
func setAside(path string) (to string, err error) {
	f, err := openPlain(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	whole := false
	_, err = readEntries(f, func(Entry, []byte) { whole = true })
	info, bad := f.Stat()
	if err != nil || bad != nil || whole || torn(f) || info.Size() == 0 {
		return "", errors.Join(err, bad)
	}
	for n := 1; n <= 9; n++ {
		to = fmt.Sprintf("%s.foreign-%d", path, n)
		if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) {
			return to, os.Rename(path, to)
		}
	}
	return "", errors.New("it is no history of homing's, and there is no name left to put it aside")
}

// torn reports whether f holds no more than the beginning of an entry.
func torn(f *os.File) bool {
	b := make([]byte, len(entryMark))
	n, err := f.ReadAt(b, 0)
	text := strings.TrimSpace(string(b[:n]))
	return (err == nil || errors.Is(err, io.EOF)) && strings.HasPrefix(entryMark, text)
}
