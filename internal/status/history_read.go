package status

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Read hands every entry from the time from on to each, oldest first. Lines that
// are damaged are passed over, and their number is returned. It may be called
// beside everything else: what is being appended meanwhile is read or not, and a
// file that is replaced is read as it was.
func (h *History) read(from time.Time, each func(*entry)) (damaged int, err error) {
	f, err := openRegular(h.path, os.O_RDONLY)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the history: %w", err)
	}
	defer f.Close()
	damaged, err = readEntries(io.LimitReader(f, historyHuge), func(e *entry, _ []byte) {
		if !e.At.Before(from) && e.Schema <= siteSchema {
			each(e)
		}
	})
	if err != nil {
		return damaged, fmt.Errorf("read the history: %w", err)
	}
	return damaged, nil
}

// readEntries hands each entry on with its line.
func readEntries(r io.Reader, each func(e *entry, line []byte)) (damaged int, err error) {
	b := bufio.NewReaderSize(r, lineLimit)
	for {
		line, err := b.ReadSlice('\n')
		if e, ok := parseEntry(line); ok {
			each(&e, line)
		} else if len(bytes.TrimSpace(line)) > 0 {
			damaged++
			for _, e := range salvage(line) {
				if own, err := e.line(); err == nil {
					each(&e, own)
				}
			}
		}
		switch {
		case err == io.EOF:
			return damaged, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return damaged, err
		}
	}
}
