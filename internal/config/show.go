package config

import (
	"fmt"
	"strings"
)

// Show writes the settings that are in force as homing.yaml: what was set,
// what holds because it was not set, and behind each where it comes from and
// what it was set instead of. Without drafts it reads what Load reads.
//
// No secret is in it, and no argument of a command. One from a file or a variable is written as a reference
// to that; one that stands in homing.yaml itself only as a comment. But for
// these, loading what Show writes gives the same Config.
//
// The text is whole even where something is wrong; the error is then Problems.
func Show(in *Input, drafts ...*Draft) ([]byte, error) {
	d, _, err := inForce(in, drafts)
	return append([]byte("# the settings that are in force, and where each of them comes from\n"), Marshal(in.Catalogue, d)...), err
}

// Shown is one setting in force, for a table.
type Shown struct {
	Path   string
	Value  string // no secret is in it
	Origin string // where it was set, and instead of what; "default" where it was not
}

// Listed is what Show writes, setting by setting.
func Listed(in *Input, drafts ...*Draft) []Shown {
	d, l, _ := inForce(in, drafts)
	var out []Shown
	for _, e := range d.Entries {
		s, _ := l.table.setting(e.Path)
		out = append(out, Shown{e.Path, brief(presentable(s, e.Text)), e.Note})
	}
	return out
}

// inForce is a Draft of what is in force.
func inForce(in *Input, drafts []*Draft) (*Draft, *loader, error) {
	if len(drafts) == 0 {
		drafts = []*Draft{FromEnvironment(in), FromFile(in)}
	}
	_, err := Build(in, drafts...)
	l := newLoader(in, drafts)
	d := new(Draft)
	for _, s := range l.table.rows {
		l.show(d, s)
	}
	return d, l, err
}

// show adds what holds of one setting.
func (l *loader) show(d *Draft, s *Setting) {
	found := false
	for _, v := range l.said.values {
		if s.set == nil || v.pattern != s.Path {
			continue
		}
		found = true
		l.showValue(d, s, v)
	}
	if s.set == nil || found || s.Default == "" || strings.Contains(s.Path, "*") || l.mayEnforce(s.Path) {
		return
	}
	if s.Form != List {
		d.Entries = append(d.Entries, Entry{Path: s.Path, Text: s.Default, Note: "default"})
		return
	}
	for i, text := range words(s.Default) {
		d.Entries = append(d.Entries, Entry{Path: fmt.Sprintf("%s[%d]", s.Path, i), Text: text, Note: "default"})
	}
}

func (l *loader) showValue(d *Draft, s *Setting, v *value) {
	for i, written := range v.entries {
		if i > 0 && !v.listed {
			return // it says the same
		}
		e := *written
		if e.Note = ""; i == 0 {
			e.Note = e.whence() + l.insteadOf(s, v)
		}
		if v.listed {
			e.Path = fmt.Sprintf("%s[%d]", v.path, i)
		}
		if e.Origin.File == "" && isVariable(e.Origin.Name) {
			e.written = "${" + e.Origin.Name + "}"
		}
		e.forOthers = true
		e.hide = !isReference(e.written) || s.mayRun(e.Text) && !l.standsFor(&e)
		d.Entries = append(d.Entries, e)
	}
}

// standsFor reports whether reading the reference of e gives e again. It does not
// where a predecessor's variable holds a part of it.
func (l *loader) standsFor(e *Entry) bool {
	text, err := l.in.substitute(e.written)
	return err == nil && strings.TrimSpace(text) == strings.TrimSpace(e.Text)
}

// whence is where an entry was written.
func (e *Entry) whence() string {
	if at := e.Origin.place(); at != "" {
		return at
	}
	return e.Origin.Name
}

// insteadOf says which drafts of less weight v was set against.
func (l *loader) insteadOf(s *Setting, v *value) string {
	lost := v.lost
	if g := group(v.path); g != v.path && v.path == g+"[0].name" { // said once, of the first record
		lost = nil
		for _, e := range l.said.lost[g] {
			if leaf(e.Path) == "name" {
				lost = append(lost, e)
			}
		}
	}
	switch {
	case len(lost) == 0 || lost[0].Text == "":
		return ""
	case len(lost) > 1:
		return fmt.Sprintf(", instead of the %d of %s", len(lost), lost[0].whence())
	case s.Secret || s.URLs || s.Command:
		return ", instead of that of " + lost[0].whence()
	}
	return fmt.Sprintf(", instead of %s of %s", brief(lost[0].Text), lost[0].whence())
}
