package app

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/status"
)

// SessionFile keeps the log-outs of the page in the state folder, beside the
// token.
type SessionFile struct {
	settings *Settings
	path     string
}

// SessionFile is the one of a configuration that was loaded from s; nil where the
// state folder is not used or there is none.
func (s *Settings) SessionFile(cfg *config.Config) *SessionFile {
	folder := s.Folder(cfg)
	if folder == "" || status.Foreign(folder, false) != nil {
		return nil
	}
	return &SessionFile{s, filepath.Join(folder, "sessions")}
}

// Read is what Write wrote.
func (f *SessionFile) Read() ([]byte, error) {
	if info, err := os.Lstat(f.path); err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("it is not a plain file")
	}
	return f.settings.ReadSmall(f.path)
}

// Write puts b in the place of what is there. Where that fails the file is taken
// away: what it says is no longer so.
func (f *SessionFile) Write(b []byte) error {
	err := replacePrivate(f.path, b)
	if err != nil {
		_ = os.Remove(f.path) // it may be what replacePrivate could not replace
	}
	return err
}
