package config

import (
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/text"
)

// wording finds out what settings are called where this person sets them.
type wording struct {
	*loader
	rows     map[string]*Setting // by reference; of two hosts' that of the one in use
	written  map[string][]*value // of the values by pattern, those a person wrote for this setting alone
	accounts []string            // "accounts.default"
}

// wordsOf is how the person of these settings says one. Every row of the table
// has an answer; all else is said as homing.yaml would.
func (l *loader) wordsOf() text.Words {
	w := wording{loader: l, rows: make(map[string]*Setting), written: make(map[string][]*value)}
	w.read()
	said := make(map[string]spoken)
	for ref, s := range w.rows {
		said[ref] = w.withValue(s, w.call(s))
		if s.File {
			said[ref+"_file"] = w.callFile(s)
		}
	}
	for _, a := range w.accounts {
		for ref, s := range w.rows {
			if leaf, ok := strings.CutPrefix(ref, "accounts."); ok {
				said[a+"."+leaf] = w.callOf(a, s)
			}
		}
	}
	for _, name := range l.sitesSaid() {
		for _, s := range w.table.rows {
			if s.site != "" && s.set != nil {
				path := strings.Replace(s.Path, "*", name, 1)
				said[path], _ = l.callOfSite(path)
			}
		}
	}
	return func(s text.Setting) string { // which keeps nothing else of the loader
		if p, known := said[s.Path]; known {
			return p.say(s.Value)
		}
		return s.String()
	}
}

// sitesSaid are the sites that something was said of.
func (l *loader) sitesSaid() []string {
	names := l.in.siteNames()
	for _, v := range l.said.values {
		if name, of := strings.CutPrefix(owner(v.path), "sites."); of && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// callOfSite is what a setting of a site with a name is called: a variable, where
// the person names sites so.
func (l *loader) callOfSite(path string) (called spoken, of bool) {
	s, known := l.table.setting(path)
	if !known || s.site == "" {
		return spoken{}, false
	}
	name := strings.TrimPrefix(owner(path), "sites.")
	written := func(v *value) bool { return owner(v.path) == owner(path) }
	if said := l.said.at[path]; said != nil {
		written = func(v *value) bool { return v == said }
	}
	for _, v := range l.said.values {
		if written(v) && l.draftOf(v).yaml {
			return key(path), true
		} else if written(v) {
			return variable(siteVariable(name, s.site)), true
		}
	}
	if slices.ContainsFunc(l.drafts, func(d *Draft) bool { return d.yaml }) && !slices.Contains(l.in.siteNames(), name) {
		return key(path), true
	}
	return variable(siteVariable(name, s.site)), true
}

// refersTo is the path by which hints refer to a setting: without numbers and "*".
func refersTo(pattern string) string { return strings.Replace(pattern, ".*", "", 1) }

func (w *wording) read() {
	known := make(map[string]bool)
	for _, v := range w.said.values {
		if o := owner(v.path); strings.HasPrefix(o, "accounts.") && !known[o] {
			known[o] = true
			w.accounts = append(w.accounts, o)
		}
		if w.alone(v) {
			w.written[v.pattern] = append(w.written[v.pattern], v)
		}
	}
	in := w.hostInUse()
	for _, s := range w.table.rows {
		if old, known := w.rows[refersTo(s.Path)]; !known || old.host != in && s.host == in {
			w.rows[refersTo(s.Path)] = s
		}
	}
}

// alone reports whether a person wrote v in a place of its own. What a
// predecessor or homing's image does without being told was written by nobody,
// and what is a part of how a name is written has no place of its own.
func (w *wording) alone(v *value) bool {
	o, from := &v.entries[0].Origin, w.draftOf(v).From
	if from == "" || o.File == "" && o.Name == from {
		return false
	}
	name := w.said.at[owner(v.path)+".name"]
	return name == nil || leaf(v.path) == "name" || name.entries[0].Origin != *o
}

// draftOf is where v was written.
func (l *loader) draftOf(v *value) *Draft { return l.said.from[group(v.path)] }

// hostInUse is the host of the only account, or that of the environment's.
func (w *wording) hostInUse() string {
	of := "accounts." + DefaultAccount
	if len(w.accounts) == 1 {
		of = w.accounts[0]
	}
	word := ""
	if v := w.said.at[of+".provider"]; v != nil {
		word = v.text()
	}
	return w.in.Catalogue.host(word).Word
}

// call is what a setting is called.
func (w *wording) call(s *Setting) spoken {
	for _, p := range places(s.Path) {
		if at := w.written[p]; len(at) == 1 || len(at) > 1 && !strings.HasPrefix(p, "accounts.") {
			return w.where(s, at[0])
		}
	}
	for _, d := range w.drafts {
		for _, p := range places(s.Path) {
			if name := d.Names[strings.Replace(p, "*", DefaultAccount, 1)]; name != "" {
				return theirs(name)
			}
		}
		if d.yaml {
			return w.key(s.Path)
		}
	}
	env := w.env(s)
	switch k := w.key(s.Path); {
	case w.unread(env):
		k.behind = inYAML
		return k
	case s.braced != "":
		return variable(s.braced)
	case env == "":
		return k
	}
	return variable(env)
}

// unread reports whether a predecessor is at hand in whose place homing does not
// read this variable of its own; none is not read either.
func (w *wording) unread(env string) bool {
	for _, d := range w.drafts {
		if d.Names != nil {
			return !strings.HasPrefix(env, ownPrefix) && !slices.Contains(d.Own, env)
		}
	}
	return false
}

// ownPrefix begins variables that mean the same whoever's configuration is read.
const ownPrefix = "HOMING_"

// withValue has a value set by homing's own variable where a predecessor, who has
// other words for values, is read: those of homing's own prefix are read as well.
func (w *wording) withValue(s *Setting, called spoken) spoken {
	env := w.env(s)
	if strings.HasPrefix(env, ownPrefix) && slices.ContainsFunc(w.drafts, func(d *Draft) bool { return d.Names != nil }) {
		called.set = env
	}
	return called
}

// callOf is what a setting of one account is called.
func (w *wording) callOf(account string, s *Setting) spoken {
	if v := w.said.at[account+"."+leaf(s.Path)]; v != nil && w.alone(v) {
		return w.where(s, v)
	}
	for _, d := range w.drafts {
		if name := d.Names[account+"."+leaf(s.Path)]; name != "" {
			return theirs(name)
		}
	}
	if len(w.accounts) > 1 {
		return key(account + "." + leaf(s.Path))
	}
	return w.call(s)
}

// places are the patterns of what says a setting: of a record's, what is said of
// all records as well.
func places(pattern string) []string {
	switch {
	case pattern == "records", pattern == "lists":
		return []string{pattern, pattern + ".*.name"}
	case strings.HasPrefix(pattern, "records.*."):
		return []string{pattern, "record_defaults." + leaf(pattern)}
	case strings.HasPrefix(pattern, "lists.*."):
		return []string{pattern, "list_defaults." + leaf(pattern)}
	}
	return []string{pattern}
}

// where is what a setting is called in the place where it was written.
func (w *wording) where(s *Setting, v *value) spoken {
	switch d, o := w.draftOf(v), &v.entries[0].Origin; {
	case d.yaml && v.entries[0].file != "":
		return key(v.path + "_file")
	case d.yaml && strings.HasPrefix(v.path, "accounts."):
		return key(v.path)
	case d.yaml:
		return w.key(s.Path)
	case d.From == environment:
		return variable(w.env(s)) // under an old name values are other ones
	case ofEnvironment(o.Name):
		return variable(strings.TrimSuffix(o.Name, "_FILE"))
	case strings.HasPrefix(s.Path, "records.*."):
		return theirs(leaf(o.Name))
	default:
		return theirs(o.Name)
	}
}

// key is where a setting stands in homing.yaml; of a record or a list only the
// leaf, since which one is clear.
func (w *wording) key(pattern string) spoken {
	switch {
	case strings.HasPrefix(pattern, "records.*."), strings.HasPrefix(pattern, "lists.*."):
		return key(leaf(pattern))
	case !strings.HasPrefix(pattern, "accounts.*."):
		return key(pattern)
	case len(w.accounts) == 0:
		return key("accounts." + DefaultAccount + "." + leaf(pattern))
	case len(w.accounts) == 1:
		return key(w.accounts[0] + "." + leaf(pattern))
	}
	return key(pattern)
}

// env is homing's own variable for a setting; empty where there is none.
func (w *wording) env(s *Setting) string {
	for _, p := range places(s.Path) {
		if row := w.rows[refersTo(p)]; row != nil && row.Env != "" {
			return row.Env
		}
	}
	return ""
}

// callFile is what the setting is called that names a file for s.
func (w *wording) callFile(s *Setting) spoken {
	name := w.call(s).name
	switch {
	case strings.HasSuffix(name, "_file"):
		return key(name)
	case ofEnvironment(name):
		return variable(name + "_FILE")
	}
	for _, d := range w.drafts {
		if own := d.Names[strings.Replace(s.Path, "*", DefaultAccount, 1)]; ofEnvironment(own) {
			return variable(own + "_FILE")
		} else if own != "" {
			return spoken{name: leaf(s.Path) + "_file", to: ": ", behind: fileInYAML}
		}
	}
	return key(name + "_file")
}
