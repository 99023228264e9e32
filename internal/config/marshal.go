package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Marshal writes a draft as homing.yaml, with the notices of the draft above
// it and the note of each entry behind it. Secrets are not written: in place
// of one stands the variable or the file it is to come from.
func Marshal(d Draft) []byte {
	w := &writer{table: newTable(), values: layer([]Draft{d}).values, at: make(map[string]int)}
	for i, v := range w.values {
		w.at[v.path] = i
	}
	for _, n := range d.Notices {
		for line := range strings.Lines(n) {
			w.line(0, "", clean(line))
		}
	}
	if len(d.Notices) > 0 {
		w.b.WriteByte('\n')
	}
	w.section("", "", 0)
	return []byte(w.b.String())
}

// writer writes values as YAML, in the order of the table.
type writer struct {
	table  *table
	values []value
	at     map[string]int // by path
	b      strings.Builder
}

// line writes one line; the note stands behind it.
func (w *writer) line(depth int, text, note string) {
	switch {
	case note != "" && text == "":
		text = "# " + clean(note)
	case note != "":
		text += "  # " + clean(note)
	}
	w.b.WriteString(strings.Repeat("  ", depth) + text + "\n")
}

// section writes the keys of a section; its pattern is that of path.
func (w *writer) section(path, pattern string, depth int) {
	for _, key := range w.table.sections[pattern] {
		child, below := strings.TrimPrefix(path+"."+key, "."), strings.TrimPrefix(pattern+"."+key, ".")
		if v, ok := w.value(child); ok {
			w.setting(depth, v)
			continue
		}
		if !w.any(child) {
			continue
		}
		w.line(depth, key+":", "")
		switch child {
		case "accounts":
			for _, o := range w.owners("accounts.") {
				w.line(depth+1, strings.TrimPrefix(o, "accounts.")+":", "")
				w.section(o, "accounts.*", depth+2)
			}
		case "records", "lists":
			for _, o := range w.owners(child + "[") {
				w.item(o, child+".*", depth+1)
			}
		default:
			w.section(child, below, depth+1)
		}
	}
}

// item writes a record or a list: as a name where it has nothing else.
func (w *writer) item(path, pattern string, depth int) {
	var found []value
	for _, key := range w.table.sections[pattern] {
		if v, ok := w.value(path + "." + key); ok {
			found = append(found, v)
		}
	}
	first := found[0].entries[0]
	if len(found) == 1 && leaf(found[0].path) == "name" {
		w.line(depth, "- "+scalar(Text, first.Text), first.Note)
		return
	}
	dash := "- "
	for i, v := range found {
		if i > 0 && v.entries[0].Note == first.Note {
			v.entries = slices.Clone(v.entries)
			v.entries[0].Note = "" // it was said of the name
		}
		w.keyed(depth, dash, v)
		dash = "  "
	}
}

// setting writes a key and what it is.
func (w *writer) setting(depth int, v value) { w.keyed(depth, "", v) }

// keyed is setting with something in front of the key.
func (w *writer) keyed(depth int, before string, v value) {
	s, known := w.table.setting(v.path)
	e := v.entries[0]
	key := before + leaf(v.path) + ": "
	switch text, note := w.masked(s, v); {
	case known && text == "" && note != "":
		w.line(depth, "", key+note)
	case known && text != "":
		if e.file != "" {
			key = before + leaf(v.path) + "_file: "
		}
		w.line(depth, key+text, strings.Trim(e.Note+"; "+note, "; "))
	case s.Form == List && !v.listed && v.text() == "":
		w.line(depth, key+"[]", e.Note)
	case v.listed:
		var items []string
		for _, item := range v.items() {
			items = append(items, scalar(Text, item))
		}
		w.line(depth, key+"["+strings.Join(items, ", ")+"]", e.Note)
	default:
		w.line(depth, key+scalar(s.Form, v.text()), e.Note)
	}
}

// masked is what stands for a value with a secret in it: a reference to where
// it comes from, or nothing but a note that says that it is there. Both are
// empty for a value that may be shown.
func (w *writer) masked(s Setting, v value) (text, note string) {
	e := v.entries[0]
	secret, lost := false, false
	for _, e := range v.entries {
		if s.Secret || s.URLs && redactURLs(e.Text) != e.Text {
			secret, lost = true, lost || e.hide
		}
	}
	switch {
	case !secret:
		return "", ""
	case e.file != "":
		return scalar(Text, e.file), ""
	case lost:
		return "", "it is not shown; " + e.Note
	case v.listed:
		return w.references(s, v), "set these variables to what was there"
	case isReference(e.written):
		return quote(e.written), ""
	}
	name := variableFor(s, v.path)
	if name != e.Origin.Name {
		note = "set " + name + " to what " + strings.TrimSuffix(e.Origin.Name+" of "+e.Origin.File, " of ") + " was"
	}
	return quote("${" + name + "}"), note
}

// isReference says whether text is ${NAME} and nothing else.
func isReference(text string) bool {
	name, ok := strings.CutPrefix(text, "${")
	name, closed := strings.CutSuffix(name, "}")
	return ok && closed && isVariable(name)
}

// references is a list in which variables stand for the items with a secret.
func (w *writer) references(s Setting, v value) string {
	var items []string
	for i, e := range v.entries {
		switch {
		case redactURLs(e.Text) == e.Text:
			items = append(items, scalar(Text, e.Text))
		case isReference(e.written):
			items = append(items, quote(e.written))
		default:
			items = append(items, quote(fmt.Sprintf("${%s_%d}", variableFor(s, v.path), i+1)))
		}
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// variableFor is the variable that a secret of homing.yaml is to stand in.
func variableFor(s Setting, path string) string {
	account := strings.TrimPrefix(owner(path), "accounts.")
	if account == "" || account == defaultAccount {
		return s.Env
	}
	return s.Env + "_" + strings.ToUpper(strings.ReplaceAll(account, "-", "_"))
}

func (w *writer) value(path string) (value, bool) {
	i, ok := w.at[path]
	if !ok {
		return value{}, false
	}
	return w.values[i], true
}

// any says whether anything stands below path.
func (w *writer) any(path string) bool {
	return slices.ContainsFunc(w.values, func(v value) bool {
		rest, below := strings.CutPrefix(v.path, path)
		return below && rest != "" && (rest[0] == '.' || rest[0] == '[')
	})
}

// owners are the accounts, records or lists, in order.
func (w *writer) owners(prefix string) (owners []string) {
	for _, v := range w.values {
		if o := owner(v.path); strings.HasPrefix(o, prefix) && !slices.Contains(owners, o) {
			owners = append(owners, o)
		}
	}
	return owners
}

// scalar is a text as YAML.
func scalar(form Form, text string) string {
	b, err := strconv.ParseBool(text)
	switch {
	case err == nil && (form == Boolean || form == Either):
		return strconv.FormatBool(b)
	case (form == Number || form == Count) && text != "" && strings.Trim(text, "0123456789") == "":
		return text
	case plain(text):
		return text
	}
	return quote(literal(text))
}

// plain says whether text needs no quotes, not even for readers who take yes
// for true.
func plain(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if text == "" || !strings.ContainsRune(letters+"/", rune(text[0])) && !strings.ContainsAny(text, letters) {
		return false
	}
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		return false
	}
	return strings.Trim(text, letters+"0123456789._/-") == "" && text[0] != '-' && text[0] != '.'
}

// quote is a text in double quotes, whose escapes YAML shares with Go.
func quote(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\ufffd")
	}
	return strconv.Quote(text)
}
