package config

import (
	"fmt"
	"slices"
	"strings"
)

// yamlReader walks a homing.yaml along the table of settings.
type yamlReader struct {
	d     *Draft
	in    *Input
	file  string
	table *table

	lines    []string
	harmless []bool         // of each line, whether its beginning may be shown
	sources  map[int]string // lines as messages may show them
}

// maxProblems is how many are told of one file. Whoever has more has given the
// wrong file.
const maxProblems = 100

// twice begins what is said of a key that stands in one place twice.
const twice = "it stands there twice"

// wrong reports what stands at a line and a column; 0 is the file as a whole.
func (r *yamlReader) wrong(path string, line, column int, reason, hint string) {
	if len(r.d.Problems) >= maxProblems {
		return
	}
	o := Origin{Name: path, File: r.file, Line: line, Column: column, Source: r.source(line)}
	r.d.Problems = append(r.d.Problems, &Problem{Origin: o, Reason: reason, Hint: hint, path: path})
}

func (r *yamlReader) wrongAt(path string, n *node, reason, hint string) {
	r.wrong(path, n.line, n.column, reason, hint)
}

// section reads a mapping whose keys are settings, or sections of them, below
// path.
func (r *yamlReader) section(path string, n *node) {
	if n.kind == nullNode || n.kind == refusedNode {
		return
	}
	if n.kind != mapNode {
		example := "name" // of an account, for one
		if keys := r.table.sections[pattern(path)]; len(keys) > 0 {
			example = keys[0]
		}
		if slices.Contains(r.table.sections[pattern(path)], "name") {
			example = "name"
		}
		r.wrongAt(path, n, "keys and values are expected here", "write a key, a colon and a value, such as \""+example+": …\"")
		return
	}
	if len(n.parts) > 2*maxKeys {
		r.wrongAt(path, n.parts[2*maxKeys], "so much in one place is no configuration", "is it the right file?")
		return
	}
	r.pairs(path, n)
}

// pairs reads the keys of a mapping and their values.
func (r *yamlReader) pairs(path string, n *node) {
	first := make(map[string]int)
	for i := 0; i+1 < len(n.parts); i += 2 {
		at := n.parts[i]
		key, ok := at.textOf()
		child := strings.TrimPrefix(path+"."+key, ".")
		switch line, again := first[key]; {
		case at.kind == refusedNode: // that is told already
			continue
		case !ok:
			r.wrongAt(path, at, "this is no key", "write a word")
		case again:
			r.wrongAt(child, at, fmt.Sprintf(twice+", first in line %d", line), "keep one of the two")
		case !r.known(path, key):
			r.unknown(path, key, at.line, at.column)
		default:
			r.read(child, n.parts[i+1])
		}
		first[key] = at.line
	}
}

// known reports whether key may stand in the section path.
func (r *yamlReader) known(path, key string) bool {
	switch path {
	case "accounts":
		return key != "" && strings.Trim(strings.ToLower(key), "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
	case "sites":
		return checkSiteName(key, r.table) == nil
	}
	return slices.Contains(r.table.sections[pattern(path)], key)
}

func (r *yamlReader) unknown(path, key string, line, column int) {
	where := "here"
	if path != "" {
		where = "in " + path
	}
	candidates := r.table.sections[pattern(path)]
	hint := DidYouMean(key, candidates)
	if hint == "" {
		hint = "the keys are " + strings.Join(candidates, ", ")
	}
	switch path {
	case "accounts":
		hint = "the name of an account is made of letters, digits, - and _"
	case "sites":
		err := checkSiteName(key, r.table)
		r.wrong(brief("sites."+key), line, column, "a site cannot be called so: "+err.Error(), hintOf(err).String())
		return
	}
	r.wrong(brief(strings.TrimPrefix(path+"."+key, ".")), line, column, "there is no such key "+where, hint)
}

// read reads what stands at path, which is a setting or a section.
func (r *yamlReader) read(path string, n *node) {
	secret := path
	s, known := r.table.setting(path)
	if !known {
		secret = strings.TrimSuffix(path, "_file")
		s, known = r.table.setting(secret)
	}
	switch {
	case path == "records" || path == "lists":
		r.items(path, n)
	case !known:
		r.section(path, n)
	case path != secret:
		r.value(s.ofFile(), path, n)
	default:
		r.value(s, path, n)
	}
}

// items reads records or lists: each is a name, or a mapping.
func (r *yamlReader) items(path string, n *node) {
	r.d.Entries = slices.Grow(r.d.Entries, len(n.items()))
	for i, item := range n.items() {
		here := fmt.Sprintf("%s[%d]", path, i)
		if item.kind != textNode {
			r.section(here, item)
			continue
		}
		s, _ := r.table.setting(here + ".name")
		r.value(s, here+".name", item)
	}
}

// value reads a setting.
func (r *yamlReader) value(s *Setting, path string, n *node) {
	if n.kind == nullNode {
		return
	}
	if n.kind != listNode {
		r.scalar(s, path, n)
		return
	}
	items := n.items()
	switch {
	case s.Form != List:
		r.wrongAt(path, n, "one value is expected here, and this is a list", "write one, without the dash or the brackets")
	case len(items) == 0:
		r.set(path, "", "", n)
	}
	for i, item := range items {
		if s.Form == List {
			r.scalar(s, fmt.Sprintf("%s[%d]", path, i), item)
		}
	}
}

// scalar reads one text.
func (r *yamlReader) scalar(s *Setting, path string, n *node) {
	if n.kind == refusedNode {
		return
	}
	written, ok := n.textOf()
	if line := r.swallowed(path, n); line > 0 {
		r.wrong(path, line, indentOf(r.lines[line-1])+1, fmt.Sprintf("this item goes on with the text in line %d, because it is indented further", n.line),
			"indent all items of a list alike")
		return
	}
	if !ok {
		r.wrongAt(path, n, "one value is expected here, and this is a mapping", "write "+s.Type+"; a text with a colon and a blank in it needs quotes")
		return
	}
	text, err := r.in.substitute(written)
	switch {
	case err != nil:
		r.wrongAt(path, n, err.Error(), hintOf(err).String())
		return
	case s.Form == Boolean && !strings.EqualFold(text, "true") && !strings.EqualFold(text, "false"):
		r.wrongAt(path, n, "it is neither true nor false", "write true or false")
		return
	}
	if s.Form != Text || !s.Secret {
		text = strings.TrimSpace(text)
	}
	r.set(path, text, written, n)
}

func (r *yamlReader) set(path, text, written string, n *node) {
	e := Entry{Path: path, Text: text, Origin: Origin{Name: path, File: r.file, Line: n.line, Column: n.column, Source: r.source(n.line)}}
	if written != text {
		e.written = written
	}
	account, name, whole := strings.Cut(text, "/")
	if strings.HasPrefix(path, "lists[") && leaf(path) == "name" && whole {
		id := e
		id.Path, id.Text, id.written = owner(path)+".account_id", account, ""
		r.d.Entries = append(r.d.Entries, id)
		e.Text, e.written = name, ""
	}
	r.d.Entries = append(r.d.Entries, e)
}
