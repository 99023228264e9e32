package cli

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long a file must be left alone before it counts as written:
// editors and cp write in several steps.
const settle = 200 * time.Millisecond

// watch calls changed whenever one of the files has become another one, until
// ctx is done. Folders are watched, not files: editors and Kubernetes put a new
// file, or a new link, in the place of the old one. Where the system cannot
// watch it returns why, and nothing is called.
func watch(ctx context.Context, files []string, changed func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	for _, folder := range folders(files) {
		if err := w.Add(folder); err != nil {
			w.Close()
			return err
		}
	}
	go func() {
		defer w.Close()
		before := fingerprints(files)
		quiet := time.NewTimer(time.Hour)
		defer quiet.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-w.Events:
				quiet.Reset(settle)
			case <-w.Errors: // events were lost; look at the files themselves
				quiet.Reset(settle)
			case <-quiet.C:
				if now := fingerprints(files); !same(before, now) {
					before = now
					changed()
				}
			}
		}
	}()
	return nil
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

// fingerprint is what differs when a file was written or replaced.
type fingerprint struct {
	info os.FileInfo // nil: it is not there
}

func fingerprints(files []string) []fingerprint {
	out := make([]fingerprint, len(files))
	for i, f := range files {
		out[i].info, _ = os.Stat(f)
	}
	return out
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
