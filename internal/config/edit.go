package config

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// Edit is one change of what a homing.yaml says.
type Edit struct {
	// Path is a setting, such as schedule.every, records[3].ttl or
	// accounts.home.provider; records[3].name with as many records as there are
	// adds one, and so does a setting of an account that is not there. With
	// Remove it may be an account, a record or a list as a whole.
	Path   string
	Items  []string // what it is to be: one text, or the items of a list
	Remove bool
}

// maxEdits bounds what one change of a file may cost: each is a reading of it.
const maxEdits = 400

// Edited is a homing.yaml after edits, made one after the other. Comments, the
// order, the style and every octet outside of what is edited stay as they are.
// path is what the file is called in messages.
//
// What it gives was read again and says what the file said before, but for the
// edits. Where that cannot be had, because the file is no YAML, has anchors or
// is written in a way of which no part can be changed alone, the error is
// Problems, with the place of each. Whether the values make sense is what Build says.
func Edited(in *Input, path string, file []byte, edits []Edit) ([]byte, error) {
	e := &editor{in: in, file: path, table: newTable(in.Catalogue), text: string(file)}
	if len(edits) > maxEdits {
		return nil, Problems{{Origin: Origin{File: path}, Reason: fmt.Sprintf("these are more than %d changes at once", maxEdits), Hint: "make them one after the other, or edit the file by hand"}}
	}
	want, problems := e.says(file)
	if problems != nil {
		return nil, problems
	}
	for _, edit := range edits {
		for _, one := range e.apart(edit) {
			if err := e.make(one, want); err != nil {
				e.problems = append(e.problems, err)
			}
		}
	}
	if len(e.problems) > 0 {
		return nil, e.problems
	}
	got, problems := e.says([]byte(e.text))
	if problems != nil {
		return nil, problems
	}
	if !maps.Equal(want, got) {
		return nil, Problems{{Origin: Origin{File: path}, Reason: "the file is written in a way in which this cannot be changed alone", Hint: "edit it by hand"}}
	}
	return []byte(e.text), nil
}

// editor is a homing.yaml that is being edited.
type editor struct {
	in       *Input
	file     string
	table    *table
	text     string
	problems Problems
}

// says is what a file says, by path: the texts of a setting with NUL between.
// The problems are those with which it says nothing at all.
func (e *editor) says(file []byte) (map[string]string, Problems) {
	var d Draft
	d.readYAML(e.in, e.file, file)
	for _, p := range d.Problems {
		if p.path == "" || strings.HasPrefix(p.Reason, twice) {
			return nil, Problems{p}
		}
	}
	said := make(map[string]string)
	for _, v := range layer(&d).values {
		s, _ := e.table.setting(v.path)
		said[v.path] = joined(s, v)
	}
	return said, nil
}

// joined is what a value says, so that the same list is the same in each style.
func joined(s *Setting, v *value) string {
	items := []string{v.text()}
	if v.listed {
		items = v.items()
	}
	return together(s, items)
}

func together(s *Setting, items []string) string {
	if s.Form == List && len(items) == 0 {
		return ""
	}
	if len(items) == 1 && strings.ContainsRune(items[0], ',') {
		return items[0] + "\x00" // in a list of its own, or else it is taken apart
	}
	return strings.Join(items, "\x00")
}

// apart is an edit in the words of the file: the name of an IP list may hold the
// id of its account.
func (e *editor) apart(edit Edit) []Edit {
	if !strings.HasPrefix(edit.Path, "lists[") || leaf(edit.Path) != "name" || len(edit.Items) != 1 {
		return []Edit{edit}
	}
	account, name, whole := strings.Cut(edit.Items[0], "/")
	if !whole {
		return []Edit{edit}
	}
	return []Edit{{Path: edit.Path, Items: []string{name}}, {Path: owner(edit.Path) + ".account_id", Items: []string{account}}}
}

// make makes one edit, and says in want what the file should say then.
func (e *editor) make(edit Edit, want map[string]string) *Problem {
	steps, s, reason := e.look(edit)
	if reason != "" {
		return &Problem{Origin: Origin{Name: edit.Path, File: e.file}, Reason: reason, path: edit.Path}
	}
	d, bad := parseYAML(e.text)
	if bad != nil {
		return e.cannot(edit.Path, &node{line: bad.line})
	}
	w := walk{editor: e, form: s.Form, path: edit.Path, at: &node{}, parent: &node{}}
	if d.first != nil {
		w.at = d.first
	}
	var cuts []cut
	var ok bool
	if edit.Remove {
		cuts, ok = w.remove(steps)
		forget(want, edit.Path)
	} else {
		edit.Items = e.tidied(s, edit.Path, edit.Items)
		cuts, ok = w.set(steps, edit.Items)
		want[edit.Path] = together(s, edit.Items)
	}
	if !ok {
		return e.cannot(edit.Path, w.at)
	}
	if e.text, ok = spliced(e.text, cuts); !ok {
		return e.cannot(edit.Path, w.at)
	}
	return nil
}

// look is how an edit is to be followed into the file, and why it cannot be.
func (e *editor) look(edit Edit) (steps []step, s *Setting, reason string) {
	s, known := e.table.setting(edit.Path)
	whole := edit.Remove && owner(edit.Path) == edit.Path
	file := strings.TrimSuffix(edit.Path, "_file")
	if !known && file != edit.Path {
		if s, known = e.table.setting(file); known {
			s, known = s.ofFile(), s.File
		}
	}
	steps, ok := stepsOf(edit.Path)
	switch {
	case !ok || !known && !whole:
		return nil, s, "there is no such setting"
	case !edit.Remove && s.Form != List && len(edit.Items) != 1:
		return nil, s, "one value is expected here"
	}
	for _, text := range edit.Items {
		if !utf8.ValidString(text) {
			return nil, s, "it is not valid UTF-8"
		}
		if len(text) > maxYAML {
			return nil, s, "it is longer than 256 KiB"
		}
	}
	return steps, s, ""
}

// tidied are texts as reading them gives them back.
func (e *editor) tidied(s *Setting, path string, items []string) []string {
	items = slices.Clone(items)
	for i := range items {
		if s.Form != Text || !s.Secret || strings.HasSuffix(path, "_file") {
			items[i] = strings.TrimSpace(items[i])
		}
		if b, err := parseBool(items[i]); s.Form == Boolean && err == nil {
			items[i] = map[bool]string{true: "true", false: "false"}[b]
		}
	}
	return items
}

// forget takes out what is said at a path and below it. What follows an item of
// a list moves up.
func forget(want map[string]string, path string) {
	for p := range want {
		if rest, below := strings.CutPrefix(p, path); below && (rest == "" || rest[0] == '.') {
			delete(want, p)
		}
	}
	list, n, item := cutItem(path)
	for ; item; n++ {
		moved := false
		for p, text := range want {
			if rest, below := strings.CutPrefix(p, fmt.Sprintf("%s[%d].", list, n+1)); below {
				delete(want, p)
				want[fmt.Sprintf("%s[%d].%s", list, n, rest)] = text
				moved = true
			}
		}
		item = moved
	}
}

func (e *editor) cannot(path string, n *node) *Problem {
	return &Problem{Origin: Origin{Name: path, File: e.file, Line: n.line, Column: n.column}, path: path,
		Reason: "this place is written in a way in which it cannot be changed alone", Hint: "edit the file by hand"}
}

// cut is a part of a text that is to be another one.
type cut struct {
	span
	text string
}

// spliced is text with cuts; not where one of them reaches into another.
func spliced(text string, cuts []cut) (out string, ok bool) {
	sort.SliceStable(cuts, func(i, j int) bool { return cuts[i].start < cuts[j].start })
	var b strings.Builder
	at := 0
	for _, c := range cuts {
		if c.start < at || c.end < c.start {
			return text, false
		}
		b.WriteString(text[at:c.start] + c.text)
		at = c.end
	}
	b.WriteString(text[at:])
	return b.String(), true
}
