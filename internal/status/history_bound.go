package status

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// enforceLimit rewrites the file when more bytes would make it too long, and from time
// to time when there are entries in it that are too old.
func (h *History) enforceLimit(more int, now time.Time) error {
	info, err := os.Stat(h.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the history: %w", err)
	}
	full := info.Size()+int64(more) > historyLimit
	if !full && now.Sub(h.aged).Abs() < historyLook {
		return nil
	}
	room := historyLimit - more
	if full {
		room = historyLimit/2 - more
	}
	if err := h.compact(room, full, now); err != nil {
		return fmt.Errorf("shorten the history: %w", err)
	}
	h.aged = now
	return nil
}

// storedEntry is an entry with its line.
type storedEntry struct {
	entry
	line []byte
}

// compact leaves what may stay, at most room bytes of it, the newest. Where the
// file is full it is rewritten for damage alone, too, which takes room as well.
func (h *History) compact(room int, full bool, now time.Time) error {
	f, err := openRegular(h.path, os.O_RDONLY)
	if err != nil {
		return err
	}
	var all []*storedEntry
	damaged, err := readEntries(io.LimitReader(f, historyHuge), func(e *entry, line []byte) { all = append(all, &storedEntry{*e, bytes.Clone(line)}) })
	f.Close()
	if err != nil {
		return err
	}
	kept := entriesToKeep(all, room, now)
	if len(kept) == len(all) && !(full && damaged > 0) {
		return nil
	}
	var b []byte
	for _, s := range kept {
		b = append(b, s.line...)
	}
	return replaceFile(h.path, b)
}

// entriesToKeep is what may stay of entries: what still is so, and of the others the
// newest, as long as they are not too old and there is room. Their age is what
// lies between the entries, of which no more than historyStep counts from one to
// the next: a clock that was in the future once makes them no more than that
// older, and one that was in the past nothing.
func entriesToKeep(all []*storedEntry, room int, now time.Time) (kept []*storedEntry) {
	standing := currentEntries(all)
	for i := range standing {
		room -= len(all[i].line)
	}
	newer, age := now, time.Duration(0)
	for i := len(all) - 1; i >= 0; i-- {
		s := all[i]
		age += min(max(newer.Sub(s.At), 0), historyStep)
		newer = s.At
		if standing[i] {
			continue
		}
		if room -= len(s.line); room >= 0 && age <= historyAge {
			standing[i] = true
		}
	}
	for i, s := range all {
		if standing[i] {
			kept = append(kept, s)
		}
	}
	return kept
}

// currentEntries is the places of the entries that say what is so now: the latest
// addresses of each family, the latest change, and what has begun and not ended.
// They are few: families and codes are.
func currentEntries(all []*storedEntry) map[int]bool {
	type key struct {
		kind    entryKind
		origin  string
		code    Code
		subject string
	}
	latest := make(map[key]int)
	for i, s := range all {
		k := key{entryBegan, s.origin().String(), s.Code, s.Subject}
		switch s.Kind {
		case entryAddress, entryPublished:
			k.kind = s.Kind
			latest[k] = i
		case entryBegan:
			latest[k] = i
		case entryEnded:
			delete(latest, k)
		}
	}
	out := make(map[int]bool)
	for _, i := range latest {
		out[i] = true
	}
	return out
}

// replaceFile puts b in the place of a file, so that there is the old one or the new
// one whole, whatever happens meanwhile.
func replaceFile(path string, b []byte) (err error) {
	next := path + ".new" // one name: what a kill left behind is overwritten
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		os.Remove(next)
	}
	return err
}
