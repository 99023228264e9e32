package config

import (
	"slices"
	"strings"
)

// Marshal writes a draft as homing.yaml, with the notices of the draft above
// it and the note of each entry behind it. Secrets are not written: in place
// of one stands the variable or the file it is to come from.
func Marshal(c *Catalogue, d *Draft) []byte {
	text, _ := Written(c, d)
	return text
}

// Written is what Marshal writes, and what the variables have to be that stand
// in it for secrets.
func Written(c *Catalogue, d *Draft) (text []byte, variables map[string]string) {
	w := &writer{table: newTable(c), layered: layer(d), variables: make(map[string]string)}
	for _, n := range d.Notices {
		for line := range strings.Lines(n) {
			w.line(0, "", clean(line))
		}
	}
	if len(d.Notices) > 0 {
		w.b.WriteByte('\n')
	}
	w.section("", "", 0)
	return []byte(w.b.String()), w.variables
}

// writer writes values as YAML, in the order of the table.
type writer struct {
	table *table
	*layered
	b strings.Builder

	variables map[string]string // what stands in them
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
		if v := w.at[child]; v != nil {
			w.keyed(depth, "", v)
			continue
		}
		if !w.any(child) {
			continue
		}
		w.line(depth, key+":", "")
		switch child {
		case "accounts", "sites":
			for _, o := range w.owners(child + ".") {
				w.line(depth+1, strings.TrimPrefix(o, child+".")+":", "")
				w.section(o, child+".*", depth+2)
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
	found := w.under(path, pattern)
	first := found[0].entries[0]
	if len(found) == 1 && leaf(found[0].path) == "name" {
		w.line(depth, "- "+scalar(Text, first.Text), first.Note)
		return
	}
	dash, within := "- ", path
	for i, v := range found {
		if i > 0 && v.entries[0].Note == first.Note {
			v = v.unnoted() // it was said of the name
		}
		section := strings.TrimSuffix(v.path, "."+leaf(v.path))
		if section == path {
			w.keyed(depth, dash, v)
		} else {
			if section != within {
				w.line(depth, dash+leaf(section)+":", "")
			}
			w.keyed(depth+2, "", v)
		}
		dash, within = "  ", section
	}
}

// under is what a record or a list has, in the order of the table, what stands in
// a section of its own included.
func (w *writer) under(path, pattern string) (found []*value) {
	for _, key := range w.table.sections[pattern] {
		if v := w.at[path+"."+key]; v != nil {
			found = append(found, v)
		} else {
			found = append(found, w.under(path+"."+key, pattern+"."+key)...)
		}
	}
	return found
}

// keyed writes a key with something in front of it, and what it is.
func (w *writer) keyed(depth int, before string, v *value) {
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

// unnoted is v without the note of its first entry.
func (v *value) unnoted() *value {
	bare, first := *v, *v.entries[0]
	first.Note = ""
	bare.entries = append([]*Entry{&first}, v.entries[1:]...)
	return &bare
}

// any reports whether anything stands below path.
func (w *writer) any(path string) bool {
	return slices.ContainsFunc(w.values, func(v *value) bool {
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
