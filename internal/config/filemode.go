package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// tellOpenFile tells of a file with settings that holds a secret itself and
// that everybody may read or change.
func (l *loader) tellOpenFile(entries []Entry) {
	for _, e := range entries {
		s, known := l.table.setting(e.Path)
		if !known || !s.Secret || e.file != "" || e.Origin.File == "" || isReference(e.written) {
			continue
		}
		if may := l.in.everybodyMay(e.Origin.File); may != "" {
			l.notice(e.Origin.File + " holds a secret and everybody on this machine may " + may + "; chmod 0600 " + e.Origin.File)
			return
		}
	}
}

// everybodyMay says what all users of this machine may do to a file that holds
// a secret: read it, change it, or nothing. Where secrets are mounted that is
// normal and does no harm: nobody else is there, or the folder is closed.
func (in *Input) everybodyMay(path string) string {
	if !in.hasModes() {
		return ""
	}
	for _, folder := range []string{"/run/secrets", "/var/run/secrets", in.Env("CREDENTIALS_DIRECTORY")} {
		if folder != "" && strings.HasPrefix(filepath.Clean(path), filepath.Clean(folder)+"/") {
			return ""
		}
	}
	if _, err := in.Stat(filepath.Join(filepath.Dir(path), "..data")); err == nil {
		return "" // a volume of Kubernetes
	}
	info, err := in.Stat(path)
	if err != nil {
		return ""
	}
	var may []string
	if info.Mode().Perm()&0o004 != 0 {
		may = append(may, "read it")
	}
	if info.Mode().Perm()&0o002 != 0 {
		may = append(may, "change it")
	}
	return strings.Join(may, " and ")
}

// hasModes reports whether the mode of a file says who may read it. On Windows
// access lists do; the mode there is one that Go makes up, 0666 mostly.
func (in *Input) hasModes() bool { return in.Stat != nil && in.System != "windows" }

// who is by whom a file cannot be read, and whose it is.
func (in *Input) who(path string) string {
	text := ""
	if in.User != "" {
		text = " by " + in.User
	}
	if !in.hasModes() {
		return text
	}
	info, err := in.Stat(path)
	if err != nil {
		return text
	}
	text += fmt.Sprintf(": its mode is %04o", info.Mode().Perm())
	if uid, ok := ownerOf(info); ok {
		text += fmt.Sprintf(" and it belongs to uid %d", uid)
	}
	return text
}

// chown is the command that gives a file to whom homing runs as, or that shows
// who may read it.
func (in *Input) chown(path string) string {
	if in.System == "windows" {
		return fmt.Sprintf(`: icacls "%s" shows who may`, path)
	}
	if uid, ok := strings.CutPrefix(in.User, "uid "); ok {
		return fmt.Sprintf(": chown %s %s", uid, path)
	}
	return ""
}

// readCredentials takes from systemd's folder what is in no variable: a file
// that is called like the variable, in capitals or not
// (systemd.exec(5), LoadCredential=). An empty one is not set, as an empty
// variable is not: a unit has it where a file may be missing (SetCredential=).
func (d *Draft) readCredentials(in *Input, s *Setting, path string) {
	folder := in.Env("CREDENTIALS_DIRECTORY")
	if folder == "" || in.ReadFile == nil {
		return
	}
	for _, name := range []string{s.Env, strings.ToLower(s.Env)} {
		file := filepath.Join(folder, name)
		b, err := in.ReadFile(file)
		missing := errors.Is(err, fs.ErrNotExist) || err == nil && len(bytes.TrimSpace(b)) == 0
		if !missing { // one that cannot be read is told of
			d.Set(path+"_file", file, Variable("$CREDENTIALS_DIRECTORY/"+name))
			return
		}
	}
}
