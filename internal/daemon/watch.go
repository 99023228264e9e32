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

// settle is how long what the system tells is gathered before the files are
// looked at: editors and cp write in several steps. It is counted from the first
// of it, as in /tmp or /run somebody always writes something.
const settle = 200 * time.Millisecond

// settingsRest is how long settings and tokens must be left alone: half of them may be
// valid too, and say something else. A file of addresses is looked at by its
// source, which waits by itself.
const settingsRest = time.Second

// How often the files are looked at where nothing was heard: a folder that was not
// there, one that was made anew, and a link on the way to it are not watched, nor is
// what changes on another machine. Where none of that can be, it is to be safe only:
// each look wakes an idle machine up.
const (
	lookAgain  = 5 * time.Second
	lookSeldom = 5 * time.Minute
)

// watch calls changed whenever one of the files has become another one than was
// seen, until ctx is done. Folders are watched, not files: editors and Kubernetes put a new
// file, or a new link, in the place of the old one. What the system tells makes
// it quick; that the files are looked at now and then makes it sure. still is how
// long they must have been as they are then.
func watch(ctx context.Context, seen sight, still time.Duration, changed func()) {
	rest := lookAgain
	heard, all := watchFolders(ctx, folders(seen.files)) // one that cannot be watched is looked at
	if all && sure(seen.files) {
		rest = lookSeldom
	}
	go func() {
		again := time.NewTimer(settle) // it may be another one since it was seen
		defer again.Stop()
		due := time.Now().Add(settle)
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
					rest = lookAgain // what takes the place of the folder is not watched
				}
				if time.Until(due) > settle {
					lookIn(settle)
				}
			case <-again.C:
				lookIn(rest)
				now := look(seen.files)
				if !same(last.prints, now.prints) {
					last, since = now, time.Now()
				}
				switch wait := still - time.Since(since); {
				case same(seen.prints, now.prints):
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

// sure says whether every change of these files is one of an entry of folders: no
// link leads to where they are, but for those that stay below (Kubernetes), and
// nobody elsewhere changes them.
func sure(files []string) bool {
	return !slices.ContainsFunc(files, func(f string) bool {
		folder, err := filepath.Abs(filepath.Dir(f))
		real, dead := filepath.EvalSymlinks(folder)
		target, gone := filepath.EvalSymlinks(f)
		return errors.Join(err, dead, gone) != nil || real != folder || !told(folder) ||
			!strings.HasPrefix(target, folder+string(filepath.Separator)) && filepath.IsAbs(target)
	})
}

// folders are those the files are in, and those that the files their links
// lead to are in.
func folders(files []string) []string {
	var all []string
	for _, f := range files {
		all = append(all, filepath.Dir(f))
		if real, err := filepath.EvalSymlinks(f); err == nil && filepath.Dir(real) != filepath.Dir(f) {
			all = append(all, filepath.Dir(real))
		}
	}
	return all
}

// sight is what files were like when they were looked at.
type sight struct {
	files  []string
	prints []fingerprint
}

// fingerprint is what differs when a file was written or replaced.
type fingerprint struct {
	info os.FileInfo // nil: it is not there
}

func look(files []string) sight {
	s := sight{files, make([]fingerprint, len(files))}
	for i, f := range files {
		s.prints[i].info, _ = os.Stat(f)
	}
	return s
}

func same(a, b []fingerprint) bool {
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
