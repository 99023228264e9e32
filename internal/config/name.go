package config

import (
	"cmp"
	"strings"
)

// name is a setting as the person wrote it, or would have to write it.
//
//go:noinline // many callers: see dependencies.md
func (l *loader) name(path string) string { return l.origin(path).Name }

// toSet is how a setting would be set.
func (l *loader) toSet(path, example string) string {
	if of, file := strings.CutSuffix(path, "_file"); file && !l.table.has(path) {
		if name := l.name(of); isVariable(name) && name != of {
			return "export " + name + "_FILE=" + example
		}
	}
	switch name := l.name(path); {
	case isVariable(name) && name != path:
		return "export " + name + "=" + example
	case path == "records":
		return "records: [" + example + "]"
	default:
		return name + ": " + example
	}
}

// origin is where a setting is written. Of one that is written nowhere it has
// only the name that it goes by in what the person wrote.
func (l *loader) origin(path string) *Origin {
	if v := l.said.at[path]; v != nil {
		return &v.entries[0].Origin
	}
	if called, of := l.callOfSite(path); of {
		return Variable(called.name)
	}
	for _, d := range l.drafts {
		if n := d.Names[path]; n != "" {
			return &Origin{Name: n}
		}
		if d.yaml {
			return &Origin{Name: path}
		}
	}
	for _, s := range l.table.rows {
		if s.Path == pattern(path) && s.Env != "" && l.ofItsHost(path, s) && (owner(path) == "" || owner(path) == "accounts."+DefaultAccount) {
			return &Origin{Name: s.Env}
		}
	}
	return &Origin{Name: path}
}

// ofItsHost reports whether s is no other host's than the one of the account that
// path speaks of.
func (l *loader) ofItsHost(path string, s *Setting) bool {
	for _, a := range l.accounts {
		if owner(path) == "accounts."+a.Name {
			return s.host == "" || s.host == l.in.Catalogue.host(a.Provider).Word
		}
	}
	return s.host == "" || s.host == l.in.Catalogue.host("").Word
}

// wrong reports a setting that is well written and yet cannot be, unless
// something is wrong with it already.
func (l *loader) wrong(path, reason, hint string) {
	if len(l.problems) > 10*maxProblems {
		return // nobody is told
	}
	for _, p := range l.problems {
		if o := owner(path); p.path == path || group(path) == p.path || group(p.path) == path || o != "" && o == owner(p.path) && !p.unset {
			return
		}
	}
	l.tell(path, reason, hint)
}

// tell reports what is wrong with a setting, or with the lack of it.
func (l *loader) tell(path, reason, hint string) {
	p := &Problem{Origin: *l.origin(path), path: path, Reason: reason, Hint: hint}
	s, _ := l.table.setting(path)
	if v := l.said.at[path]; v != nil && !s.Secret {
		p.Value = shown(strings.Join(v.items(), ","))
		if s.Form != List {
			p.Value = shown(v.text())
		}
	}
	if s.Secret {
		p.Source = ""
	}
	p.Name = cmp.Or(p.Name, path)
	l.problems = append(l.problems, p)
}
