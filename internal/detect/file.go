package detect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/httpx"
)

// File is the source file:<path>: the addresses in a text file, read anew at
// each question.
func File(w Wanted, path string, allow addr.Allow) (Source, error) {
	if !filepath.IsAbs(path) {
		return nil, fmt.Errorf("%q is not an absolute path: homing may be started from anywhere", path)
	}
	ask := func(context.Context) ([]netip.Prefix, error) {
		text, err := readSmall(path)
		if err != nil {
			return nil, err // it names the file
		}
		ps, err := parseText(text, w, public(allow))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		return ps, nil
	}
	return &way{voter: certain("file:" + path), ask: ask}, nil
}

// readSmall reads a plain file. Opening a pipe would wait for whoever writes
// to it, for ever.
func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: %w", path, errors.New("it is not a plain file"))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(httpx.Limit(f, maxAnswer))
	if tooLarge, ok := errors.AsType[*httpx.TooLarge](err); ok {
		return nil, fmt.Errorf("read %s: it is longer than %d bytes", path, tooLarge.Limit)
	}
	return text, err
}
