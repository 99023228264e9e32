package daemon

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// debounceTime is how long what the system tells is gathered before the files are
// looked at: editors and cp write in several steps. It is counted from the first
// of it, as in /tmp or /run somebody always writes something.
const debounceTime = 200 * time.Millisecond

// settingsQuietTime is how long settings and tokens must be left alone: half of them may be
// valid too, and say something else. A file of addresses is looked at by its
// source, which waits by itself.
const settingsQuietTime = time.Second

// How often the files are looked at where nothing was heard: a folder that was not
// there, one that was made anew, and a link on the way to it are not watched, nor is
// what changes on another machine. Where none of that can be, it is to be safe only:
// each look wakes an idle machine up.
const (
	pollInterval     = 5 * time.Second
	slowPollInterval = 5 * time.Minute
)

// watchForChanges calls changed whenever one of the files has become another one than was
// seen, until ctx is done. Folders are watched, not files: editors and Kubernetes put a new
// file, or a new link, in the place of the old one. What the system tells makes
// it quick; that the files are looked at now and then makes it sure. still is how
// long they must have been as they are then.
func watchForChanges(ctx context.Context, seen fileState, still time.Duration, changed func()) {
	rest := pollInterval
	heard, all := watchFolders(ctx, foldersOf(seen.files)) // one that cannot be watched is looked at
	if all && allChangesReported(seen.files) {
		rest = slowPollInterval
	}
	go func() {
		again := time.NewTimer(debounceTime) // it may be another one since it was seen
		defer again.Stop()
		due := time.Now().Add(debounceTime)
		lookIn := func(d time.Duration) { again.Reset(d); due = time.Now().Add(d) }
		last, since := seen, time.Time{} // what it was at the latest look, and since when
		for {
			select {
			case <-ctx.Done():
				return
			case gone, open := <-heard:
				if !open {
					heard = nil
				}
				if !open || gone {
					rest = pollInterval // what takes the place of the folder is not watched
				}
				if time.Until(due) > debounceTime {
					lookIn(debounceTime)
				}
			case <-again.C:
				lookIn(rest)
				now := readFileState(seen.files)
				if !sameFingerprints(last.fingerprints, now.fingerprints) {
					last, since = now, time.Now()
				}
				switch wait := still - time.Since(since); {
				case sameFingerprints(seen.fingerprints, now.fingerprints):
				case wait > 0:
					lookIn(wait)
				default:
					seen = now
					changed()
				}
			}
		}
	}()
}

// allChangesReported reports whether every change of these files is one of an entry of folders: no
// link leads to where they are, but for those that stay below (Kubernetes), and
// nobody elsewhere changes them.
func allChangesReported(files []string) bool {
	return !slices.ContainsFunc(files, func(f string) bool {
		folder, err := filepath.Abs(filepath.Dir(f))
		real, dead := filepath.EvalSymlinks(folder)
		target, gone := filepath.EvalSymlinks(f)
		return errors.Join(err, dead, gone) != nil || real != folder || !reportsAllChanges(folder) ||
			!strings.HasPrefix(target, folder+string(filepath.Separator)) && filepath.IsAbs(target)
	})
}

// foldersOf are those the files are in, and those that the files their links
// lead to are in.
func foldersOf(files []string) []string {
	var all []string
	for _, f := range files {
		all = append(all, filepath.Dir(f))
		if real, err := filepath.EvalSymlinks(f); err == nil && filepath.Dir(real) != filepath.Dir(f) {
			all = append(all, filepath.Dir(real))
		}
	}
	return all
}

// fileState is what files were like when they were looked at.
type fileState struct {
	files        []string
	fingerprints []fingerprint
}

// fingerprint is what differs when a file was written or replaced.
type fingerprint struct {
	info os.FileInfo // nil: it is not there
}

func readFileState(files []string) fileState {
	s := fileState{files, make([]fingerprint, len(files))}
	for i, f := range files {
		s.fingerprints[i].info, _ = os.Stat(f)
	}
	return s
}

func sameFingerprints(a, b []fingerprint) bool {
	for i := range a {
		x, y := a[i].info, b[i].info
		switch {
		case x == nil || y == nil:
			if x != y {
				return false
			}
		case !os.SameFile(x, y), x.Size() != y.Size(), !x.ModTime().Equal(y.ModTime()):
			return false
		}
	}
	return true
}
