package app

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// refusal is why nothing can be changed, and what helps; empty where something
// can. unread is why the file cannot be read.
func (e *Editing) refusal(path string, unread error) string {
	say := func(h text.Hint) string { return h.In(e.cfg.Words) }
	folder := e.settings.Folder(e.cfg)
	switch {
	case e.settings.Reading != nil:
		return "the settings are those of another program, so that homing.yaml is not read; \"homing migrate\" makes one of them"
	case path == "" || folder == "":
		return say("there is no folder for homing.yaml; set {state}")
	case unread != nil:
		return path + " cannot be read: " + unread.Error()
	}
	if err := status.Foreign(folder, false); err != nil {
		return text.ErrorIn(err, e.cfg.Words).Error()
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err := writable(filepath.Dir(whole(path))); err != nil {
		return say(text.Hint(fmt.Sprintf("homing may not write into %s (%s), where %s is replaced. %s", filepath.Dir(path), causeOf(err), filepath.Base(path), e.opening(path, folder))))
	}
	return ""
}

// opening is how a person lets homing write its settings.
func (e *Editing) opening(path, folder string) string {
	if e.settings.Getenv("STATE_DIRECTORY") == "" {
		return fmt.Sprintf("Give it that folder, or move the file to %s, where homing looks last", filepath.Join(folder, filepath.Base(path)))
	}
	return fmt.Sprintf("Move the file to %s, where homing looks last; or open the folder with a drop-in (systemctl edit homing): [Service] ReadWritePaths=%s, and give both to the user of the unit",
		filepath.Join(folder, filepath.Base(path)), filepath.Dir(path))
}

func causeOf(err error) string {
	if bad, ok := errors.AsType[*fs.PathError](err); ok {
		return bad.Err.Error()
	}
	return err.Error()
}

// writable reports why no file can be made in a folder; nil where one can.
func writable(folder string) error {
	f, err := os.CreateTemp(folder, ".homing-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// whole is a path without links: what they lead to is replaced, and not they.
func whole(path string) string {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to
	}
	return path
}

// save writes the secrets, and then the file in the place of the one that was
// read. What was there stays beside it as .bak. Where anything fails the
// settings are as before.
func (e *Editing) save(path string, before, after []byte, secrets map[string]string) error {
	written := make([]string, 0, len(secrets))
	undo := func() {
		for _, name := range written {
			_ = os.Remove(name)
		}
	}
	for name, secret := range secrets {
		written = append(written, name)
		if err := replacePrivate(name, []byte(secret+"\n")); err != nil {
			undo()
			return fmt.Errorf("keep a secret in the state folder: %w", err)
		}
	}
	if err := e.replace(whole(path), before, after); err != nil {
		undo()
		return fmt.Errorf("write %s: %w", path, err)
	}
	e.sweep(before, after)
	return nil
}

func (e *Editing) replace(path string, before, after []byte) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return replacePrivate(path, after)
	}
	if err != nil {
		return err
	}
	if now, err := e.settings.ReadSmall(path); err != nil || !bytes.Equal(now, before) {
		return errors.Join(errors.New("it was changed this very moment; load it anew"), err)
	}
	mine := filepath.Dir(path) == whole(e.settings.Folder(e.cfg))
	if err := replaceAlike(path+".bak", info, before, mine); err != nil {
		return fmt.Errorf("keep the one before: %w", err)
	}
	return replaceAlike(path, info, after, mine)
}

// replaceAlike puts content in the place of path, in a file of the mode and the
// owner of another one. In a folder that is homing's own (mine) it may become
// homing's, as where somebody moved a file of root's there.
func replaceAlike(path string, like fs.FileInfo, content []byte, mine bool) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	_ = f.Sync() // not every file system can
	err = errors.Join(err, f.Close(), os.Chmod(f.Name(), like.Mode().Perm()))
	if made, bad := os.Stat(f.Name()); err == nil && bad == nil {
		uid, gid, known := status.OwnerOf(like)
		isUID, isGID, _ := status.OwnerOf(made)
		if known && (uid != isUID || gid != isGID) {
			err = keepOwner(f.Name(), uid, gid, mine)
		}
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func keepOwner(path string, uid, gid int, mine bool) error {
	err := os.Chown(path, uid, gid)
	switch {
	case err == nil, mine && errors.Is(err, fs.ErrPermission):
		return nil
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("its owner, uid %d, could not be kept; chown it to the user that homing runs as", uid)
	}
	return err
}

// sweep removes secrets that neither homing.yaml names any more nor its .bak.
func (e *Editing) sweep(before, after []byte) {
	found, err := os.ReadDir(e.secretFolder())
	if err != nil {
		return
	}
	for _, f := range found {
		if named := func(b []byte) bool { return strings.Contains(string(b), f.Name()) }; !named(before) && !named(after) && f.Type().IsRegular() {
			_ = os.Remove(filepath.Join(e.secretFolder(), f.Name()))
		}
	}
}

// homeless is the state folder as it is known before any setting is read:
// homing.yaml is looked for there last. It is empty where others may write.
func (s *Settings) homeless() string {
	folder := s.Folder(&config.Config{State: s.Getenv("HOMING_STATE")})
	if folder == "" || status.Foreign(folder, false) != nil {
		return ""
	}
	return folder
}
