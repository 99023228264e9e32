package config

import (
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/text"
)

// readSecrets has d hold what counts, in entries of its own: without what is empty
// and thereby not set, and with the contents of files where d names files that hold
// secrets: accounts.default.token for accounts.default.token_file.
func (l *loader) readSecrets(d *Draft) {
	entries := make([]Entry, 0, len(d.Entries))
	for _, e := range d.Entries {
		if l.counts(d, &e) {
			entries = append(entries, e)
		}
	}
	d.Entries = entries
	l.tellOpenFile(entries)
}

// counts reports whether e says something, and has it say what its file holds.
func (l *loader) counts(d *Draft, e *Entry) bool {
	path, isFile := strings.CutSuffix(e.Path, "_file")
	s, known := l.table.setting(path)
	_, _, item := cutItem(e.Path)
	switch {
	case l.elsewhere(e):
		d.Notices = slices.DeleteFunc(slices.Clone(d.Notices), func(n string) bool { return n == e.notice })
		return false
	case known && e.Text == "" && !s.Empty && !item:
		return false
	case l.namesFile(e):
		e.Text = besides(e)
		d.Files = append(d.Files, e.Text)
	case known && isFile && s.File:
		return l.readSecret(d, e, s, path)
	}
	return true
}

// readSecret makes e what the file it names holds.
func (l *loader) readSecret(d *Draft, e *Entry, s *Setting, path string) bool {
	e.file, e.Path = e.Text, path
	inFile := e.Origin.File != ""
	e.file = besides(e)
	text, reason, hint := "", "the path does not begin at the root", "write the whole path, such as /run/secrets/"+l.in.Catalogue.host("").Word
	relative := !filepath.IsAbs(e.file) && !inFile
	if _, err := l.in.read(e.file); relative && err == nil {
		l.notice(e.Origin.Name + ": " + e.file + " is looked for in the folder that homing is started in; write its whole path")
		relative = false
	}
	if !relative {
		text, reason, hint = l.secret(e.file, s, strings.TrimSuffix(e.Origin.Name, "_FILE"))
	}
	if reason != "" {
		d.Wrong(path, &e.Origin, e.file, reason, hint)
		if _, err := l.in.read(e.file); err != nil {
			d.Problems[len(d.Problems)-1].open = true
		}
		return false
	}
	e.Text = text
	d.Files = append(d.Files, e.file)
	return true
}

// namesFile reports whether an entry is the path of a file that is no secret's.
func (l *loader) namesFile(e *Entry) bool {
	s, known := l.table.setting(e.Path)
	return known && s.path && e.Text != ""
}

// besides is the path that an entry holds: a relative one in homing.yaml begins
// at its folder.
func besides(e *Entry) string {
	if filepath.IsAbs(e.Text) || e.Origin.File == "" {
		return e.Text
	}
	return filepath.Join(filepath.Dir(e.Origin.File), e.Text)
}

// checkFile looks at what the file of a setting holds.
func (p *place) checkFile(path string, check func(content string) error) error {
	if e := p.value.entries[0]; e.Origin.File == "" && !filepath.IsAbs(path) {
		return hinted("the path does not begin at the root", "write the whole path, such as /etc/homing/ca.pem")
	}
	if p.in.ReadFile == nil {
		return nil
	}
	b, err := p.in.ReadFile(path)
	if err != nil {
		reason, hint := p.in.Unreadable(path, err)
		return &missingFile{hintedError{errors.New(reason), text.Advise("%s", hint)}}
	}
	return check(string(b))
}

// missingFile is the error of a file that may be there where the settings are used.
type missingFile struct{ hintedError }

func (in *Input) read(path string) ([]byte, error) {
	if in.ReadFile == nil {
		return nil, fs.ErrNotExist
	}
	return in.ReadFile(path)
}

// secret is what a file holds, or why that cannot be had. The variable is what
// the setting is called where it is written.
func (l *loader) secret(path string, s *Setting, variable string) (text, reason, hint string) {
	if l.in.ReadFile == nil {
		return "", "files cannot be read here", ""
	}
	b, err := l.in.ReadFile(path)
	text = strings.TrimSpace(strings.TrimPrefix(string(b), "\ufeff")) // which editors on Windows put in front
	switch {
	case err != nil:
		reason, hint = l.in.Unreadable(path, err)
		return "", reason, hint
	case text == "":
		return "", "the file is empty", "write the " + s.Type + " into it"
	}
	for _, name := range []string{s.Env, variable} {
		if isVariable(name) && strings.HasPrefix(text, name+"=") {
			return "", "it is an env file, with " + name + "= in it", "write the " + s.Type + " alone into it"
		}
	}
	if value, comment := cutComment(text); comment != "" && !s.Literal && value != "" {
		text = value
		l.notice(path + ": what stands behind \"#\" is taken for a comment and left out")
	}
	if may := l.in.everybodyMay(path); may != "" {
		l.notice(path + " holds a secret and everybody on this machine may " + may + "; chmod 0400 " + path)
	}
	return text, "", ""
}

// Unreadable is why a file could not be read, and what to do about it.
func (in *Input) Unreadable(path string, err error) (reason, hint string) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file", "check the path; in a container the file has to be mounted"
	case errors.Is(err, fs.ErrPermission):
		return "it cannot be read" + in.who(path), "let " + cmp.Or(in.User, "homing") + " read it" + in.chown(path)
	}
	return "the file cannot be read: " + cause(err), "check that it is the right file"
}

// cause is what went wrong with a file, without its path, which stands beside it.
func cause(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}
