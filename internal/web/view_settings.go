package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// settingsView is a part of the settings, to be changed.
type settingsView struct {
	frame
	At, Tag, File, ReadOnly, Note string
	Provider                      string
	Sections                      links
	Items                         links // of accounts, records or lists
	Pages                         []pageLink
	Named                         string   // accounts or sites, of which a new one gets a name
	NewAccount                    []string // the hosts there are
	answers
	Removable bool
	Movable   bool
	YAML      string
	NoteBad   bool           // Note says that something went wrong
	Services  []*serviceView // that are told; of the part notify alone
	MoreYAML  int            // lines that are not shown

	Variables []string // that can go once it is saved

	Review string // under which it can be saved; empty: nothing was reviewed
	Diff   []DiffLine
	Plan   *planView
	NoPlan string
}

// links lead to parts of a page.
type links []*link

type link struct {
	Text, Href string
	Here       bool
}

func (l *links) add(text, href string, here bool) { *l = append(*l, &link{text, href, here}) }

func (l links) has(text string) bool {
	return slices.ContainsFunc(l, func(o *link) bool { return o.Text == text })
}

// fieldView is a setting as a form has it.
type fieldView struct {
	ID, Path, Label, Doc, Type, Value, Was, Default string
	List, Secret, Set, Number, Must                 bool
	Words                                           []string      // what it may be; none: a text
	Choices                                         []*choiceView // of a list of words; none: a text
	Locked, Problem, Hint                           string
}

// choiceView is one of the words that a list may have.
type choiceView struct {
	Word   string
	Chosen bool
}

const (
	itemsEach = 100  // records on a page
	mostYAML  = 1000 // lines on a page
)

// firstLines is so many lines of a text, and how many follow.
func firstLines(s string, most int) (first string, more int) {
	at := 0
	for range most {
		next := strings.IndexByte(s[at:], '\n')
		if next < 0 {
			return s, 0
		}
		at += next + 1
	}
	return s[:at], strings.Count(s[at:], "\n")
}

// settingsView is the part that is asked for.
func (s *Server) settingsView(r *http.Request, e *Editable, q url.Values) *settingsView {
	v := &settingsView{frame: s.frame(r), At: q.Get("at"), Tag: e.Tag, File: e.File, ReadOnly: plain(e.ReadOnly), Provider: q.Get("provider"), Movable: e.Movable}
	section := v.At[:len(v.At)-len(strings.TrimLeft(v.At, "abcdefghijklmnopqrstuvwxyz_"))]
	if strings.Trim(v.At, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.[]") != "" || len(v.At) > 100 {
		v.At, section = "", ""
	}
	switch {
	case section == "":
		v.YAML, v.MoreYAML = firstLines(e.YAML, mostYAML)
	case v.At == "notify":
		v.Services = s.services(&v.frame)
	}
	for _, row := range e.Settings {
		of, _, _ := strings.Cut(row.Path, ".")
		if row.Locked == "" && !v.Sections.has(of) {
			v.Sections.add(of, query("settings", "at", of), of == section)
		}
	}
	several := slices.Contains([]string{"records", "lists", "accounts", "sites"}, section)
	if several && v.At == section {
		v.listItems(e, section, q)
		return v
	}
	v.Removable = several && slices.ContainsFunc(e.Said, func(s EditableSaid) bool { return strings.HasPrefix(s.Path, v.At+".") })
	said := make(map[string]EditableSaid)
	for _, s := range e.Said {
		said[s.Path] = s
	}
	if one, ok := said[v.At+".provider"]; ok && len(one.Items) > 0 && v.Provider == "" {
		v.Provider = one.Items[0]
	}
	for _, row := range e.Settings {
		rest, mine := strings.CutPrefix(row.Path, section+".*.")
		path := v.At + "." + rest
		if !several {
			_, mine = strings.CutPrefix(row.Path, section+".")
			path = row.Path
		}
		if v.Provider == "" && strings.HasSuffix(row.Path, ".provider") && len(row.Words) > 0 {
			v.Provider = row.Words[0]
		}
		if mine && section != "" && (len(row.Hosts) == 0 || slices.Contains(row.Hosts, v.Provider)) {
			f := newField(row, path, said[path])
			f.Label = strings.TrimPrefix(path, v.At+".")
			if !v.Removable && row.Path == "accounts.*.provider" {
				f.Value = v.Provider // of a new one
			}
			v.Fields = append(v.Fields, f)
		}
	}
	return v
}

func newField(row EditableRow, path string, said EditableSaid) *fieldView {
	f := &fieldView{ID: "f-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(path), Path: path, Label: path, Was: strings.Join(said.Items, "\n"), Doc: row.Doc, Type: row.Type, Default: row.Default,
		List: row.Form == "list", Secret: row.Secret, Number: row.Form == "number", Words: row.Words, Locked: row.Locked, Set: said.Path != "", Value: strings.Join(said.Items, "\n")}
	if said.Locked != "" {
		f.Locked = said.Locked
	}
	switch {
	case f.List:
		f.Words, f.Choices = nil, choices(row.Words, said.Items)
	case row.Form == "boolean":
		f.Words = []string{"true", "false"}
	}
	return f
}

// listItems leads to each account, record or list, and to a new one.
func (v *settingsView) listItems(e *Editable, section string, q url.Values) {
	if section == "accounts" || section == "sites" {
		v.Named = section
		for _, s := range e.Said {
			rest, mine := strings.CutPrefix(s.Path, section+".")
			name, _, _ := strings.Cut(rest, ".")
			if mine && !v.Items.has(name) {
				v.item(name, section+"."+name)
			}
		}
		for _, row := range e.Settings {
			if section == "accounts" && row.Path == "accounts.*.provider" {
				v.NewAccount = row.Words
			}
		}
		return
	}
	n := e.count(section)
	names := make([]string, n)
	for _, s := range e.Said {
		if at, isName := strings.CutSuffix(s.Path, "].name"); isName && strings.HasPrefix(at, section+"[") && len(s.Items) > 0 {
			if i, err := strconv.Atoi(at[len(section)+1:]); err == nil {
				names[i] = s.Items[0]
			}
		}
	}
	pages := pagesFor(n, itemsEach)
	here := pageAsked(q, pages)
	for i := (here - 1) * itemsEach; i < min(n, here*itemsEach); i++ {
		v.item(plain(names[i]), nth(section, i))
	}
	if pages > 1 {
		v.Pages = pageLinks(here, pages, func(p int) string { return query("settings", "at", section, "page", strconv.Itoa(p)) })
	}
	v.item("Add one", nth(section, n))
}

// item leads to a part of the settings.
func (v *settingsView) item(text, at string) { v.Items.add(text, query("settings", "at", at), false) }

func nth(section string, i int) string { return section + "[" + strconv.Itoa(i) + "]" }

// choices are the words that a list may have, where it has no other.
func choices(words, has []string) (all []*choiceView) {
	for _, w := range has {
		if !slices.Contains(words, w) {
			return nil
		}
	}
	for _, w := range words {
		all = append(all, &choiceView{w, slices.Contains(has, w)})
	}
	return all
}

// typed puts what somebody typed into the fields again, except for secrets.
func (v *settingsView) typed(form url.Values) {
	for i := range v.Fields {
		if f := v.Fields[i]; !f.Secret && f.Locked == "" && form.Has(f.Path) {
			f.Value = strings.TrimSpace(strings.Join(form[f.Path], "\n"))
			for n := range f.Choices {
				f.Choices[n].Chosen = slices.Contains(form[f.Path], f.Choices[n].Word)
			}
		}
	}
}

// answers is fields with what was typed into them, and what is wrong with it.
type answers struct {
	Fields   []*fieldView
	Problems []EditProblem // that are of no field
	Wrong    int           // problems, all of them
}

// wrong puts each problem at its field.
func (a *answers) wrong(problems []EditProblem) {
	a.Wrong = len(problems)
	for _, p := range problems {
		reason, hint := plain(p.Reason), plain(p.Hint)
		i := slices.IndexFunc(a.Fields, func(f *fieldView) bool { return f.Path == p.Path })
		if i >= 0 && a.Fields[i].Problem == "" {
			a.Fields[i].Problem, a.Fields[i].Hint = reason, hint
		} else {
			a.Problems = append(a.Problems, EditProblem{plain(p.Path), reason, hint})
		}
	}
}

// pointer leads to a field in which something is wrong.
type pointer struct{ ID, Name, Problem string }

// pointsAt is the fields in which something is wrong, by a name of theirs.
func pointsAt(fields []*fieldView, name func(*fieldView) string) (all []*pointer) {
	for _, f := range fields {
		if f.Problem != "" {
			all = append(all, &pointer{f.ID, name(f), f.Problem})
		}
	}
	return all
}

// described names what stands beside a field.
func (f *fieldView) described() string {
	if f.Problem != "" {
		return f.ID + "-wrong " + f.ID + "-hint"
	}
	return f.ID + "-hint"
}

// shown is what a field begins with: never a secret.
func (f *fieldView) shown() string {
	if f.Secret {
		return ""
	}
	return f.Value
}

// about is what a setting does and what it may be.
func (f *fieldView) about() string {
	about := f.Doc + " (" + f.Type
	switch {
	case len(f.Choices) > 0:
		about += "; none ticked is not set"
	case f.List && !strings.Contains(f.Type, "one a line"):
		about += "; one a line"
	}
	if f.Default != "" {
		about += "; without it " + f.Default
	}
	return about + ")"
}

func noteRole(bad bool) string {
	if bad {
		return "alert"
	}
	return "status"
}

// wrong is what is wrong with a field and what to do.
func (f *fieldView) wrong() string {
	if f.Hint == "" {
		return f.Problem
	}
	return f.Problem + "; " + f.Hint
}
