//go:build !linux

package daemon

import (
	"context"
	"slices"

	"github.com/fsnotify/fsnotify"
)

// watchFolders tells when something changed in these folders, and whether one of
// them is gone, until ctx is done; all reports whether each of them is watched.
func watchFolders(ctx context.Context, folders []string) (heard <-chan bool, all bool) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, false
	}
	all = true
	for _, folder := range folders {
		all = w.Add(folder) == nil && all
	}
	context.AfterFunc(ctx, func() { _ = w.Close() })
	gone := make(chan bool)
	go func() {
		defer close(gone)
		for {
			is := false
			select {
			case e, open := <-w.Events:
				if !open {
					return
				}
				is = slices.Contains(folders, e.Name)
			case _, open := <-w.Errors: // some were lost
				if !open {
					return
				}
			}
			select {
			case gone <- is:
			case <-ctx.Done():
				return
			}
		}
	}()
	return gone, all
}
