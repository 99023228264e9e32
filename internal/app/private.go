package app

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// writePrivate writes a file that nobody else may read.
func writePrivate(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return err
	}
	return os.Chmod(path, 0o600)
}

// replacePrivate puts a file that nobody else may read in the place of whatever
// stands there: a link is not followed, and a FIFO keeps nobody waiting. It
// belongs to whom the folder does, or what root makes the daemon could not read.
func replacePrivate(path string, content []byte) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, "."+filepath.Base(path)+"-*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	_ = f.Sync() // not every file system can; without it a power cut may leave an empty file
	if err = errors.Join(err, f.Close()); err == nil {
		err = give(f.Name(), folder)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// give makes a file belong to whom its folder does. Nothing is called where it does
// already: a service of systemd may not change owners, and need not.
func give(file, folder string) error {
	to, err := os.Stat(folder)
	if err != nil || os.Geteuid() != 0 {
		return nil
	}
	is, err := os.Stat(file)
	if err != nil {
		return err
	}
	uid, gid, ok := status.OwnerOf(to)
	if u, g, _ := status.OwnerOf(is); !ok || u == uid && g == gid {
		return nil
	}
	return os.Chown(file, uid, gid)
}

// readable adds who homing runs as to what went wrong with a file, and what
// else would do.
func readable(err error, cure text.Hint) error {
	if errors.Is(err, fs.ErrPermission) {
		return text.Errorf("%s; %s may not write there: give it that folder, or %s", err, cmp.Or(whoRuns(), "homing"), cure)
	}
	return err
}
