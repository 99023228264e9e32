package app

import (
	"bytes"
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
	for _, path := range slices.Backward(m.Files()) {
		if m.stands(path) {
			continue
		}
		back, err := m.put(path, m.content(path))
		undo = append(undo, back)
		if err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	return nil
}

// Files are those that Save writes, homing.yaml first and the secrets last.
func (m *SetupMade) Files() []string {
	return slices.Concat([]string{m.Path}, slices.Sorted(maps.Keys(m.Beside)), slices.Sorted(maps.Keys(m.Secrets)))
}

// There are the files that Save would overwrite with something else.
func (m *SetupMade) There() []string {
	return slices.DeleteFunc(m.Files(), func(path string) bool {
		_, err := os.Lstat(path)
		return errors.Is(err, fs.ErrNotExist) || m.stands(path)
	})
}

// stands reports whether a file holds already what it is to hold.
func (m *SetupMade) stands(path string) bool {
	is, err := m.setup.settings.ReadSmall(path)
	return err == nil && bytes.Equal(bytes.TrimSpace(is), bytes.TrimSpace(m.content(path)))
}

func (m *SetupMade) content(path string) []byte {
	if secret, ok := m.Secrets[path]; ok {
		return []byte(secret + "\n")
	} else if b, ok := m.Beside[path]; ok {
		return b
	}
	return m.YAML
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
