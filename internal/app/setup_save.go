package app

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Save writes the secrets, and then homing.yaml; what fails leaves nothing behind.
// Without replace nothing is overwritten: the error is then an fs.ErrExist, and
// names the file. With it what was there stays beside each as .bak.
func (m *SetupMade) Save(replace bool) (err error) {
	if there := m.There(); !replace && len(there) > 0 {
		return &fs.PathError{Op: "write", Path: there[0], Err: fs.ErrExist}
	}
	var undo []func()
	defer func() {
		if err != nil {
			for _, u := range slices.Backward(undo) {
				u()
			}
		}
	}()
	if err := m.folder(); err != nil {
		return fmt.Errorf("make the folder of %s: %w", m.Path, err)
	}
	for _, path := range append(slices.Sorted(maps.Keys(m.Secrets)), m.Path) {
		content := m.YAML
		if path != m.Path {
			content = []byte(m.Secrets[path] + "\n")
		}
		back, err := m.put(path, content)
		undo = append(undo, back)
		if err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	return nil
}

// There are the files that Save would overwrite.
func (m *SetupMade) There() (paths []string) {
	for _, path := range append([]string{m.Path}, slices.Sorted(maps.Keys(m.Secrets))...) {
		if _, err := os.Lstat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
			paths = append(paths, path)
		}
	}
	return paths
}

// folder makes the folder of the files. That of a service is open to all, since the
// user of the unit reads homing.yaml there.
func (m *SetupMade) folder() error {
	if !m.setup.Service {
		return nil // whoever writes makes it
	}
	return os.MkdirAll(filepath.Dir(m.Path), 0o755)
}

// put writes a file whole, and says how to take back what was done.
func (m *SetupMade) put(path string, content []byte) (back func(), err error) {
	path, back = whole(path), func() {}
	kept := path + ".bak"
	before, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := replacePrivate(kept, before); err != nil {
			return back, err
		}
		back = func() { _ = os.Rename(kept, path) }
	case errors.Is(err, fs.ErrNotExist):
		back = func() { _ = os.Remove(path) }
	default:
		return back, err
	}
	if err = replacePrivate(path, content); err == nil && m.setup.Service && path == whole(m.Path) {
		err = os.Chmod(path, 0o644) // no secret is in it, and the user of the unit reads it
	}
	return back, err
}
