package config

// value is what is said of one path: a text, or the items of a list.
type value struct {
	path    string
	pattern string   // of path, in the table
	entries []*Entry // one, or one an item
	listed  bool     // item by item
	lost    []*Entry // what drafts of less weight say of it, and has no effect
}

func (v *value) text() string { return v.entries[0].Text }

// items are those of a list; a list in one text has commas between them.
func (v *value) items() []string {
	if !v.listed {
		return words(v.text())
	}
	var items []string
	for _, e := range v.entries {
		items = append(items, e.Text)
	}
	return items
}

// layered is what several drafts say together.
type layered struct {
	values []*value
	at     map[string]*value   // by path
	of     map[string][]*value // by pattern
	from   map[string]*Draft   // by group
	lost   map[string][]*Entry // of what is taken as a whole: "records", "lists"
}

// layer puts drafts together; the first has the most weight.
func layer(drafts ...*Draft) *layered {
	most := 0
	for _, d := range drafts {
		most += len(d.Entries)
	}
	said := &layered{values: make([]*value, 0, most), at: make(map[string]*value, most), of: make(map[string][]*value),
		from: make(map[string]*Draft), lost: make(map[string][]*Entry)}
	for _, d := range drafts {
		for i := range d.Entries {
			e := &d.Entries[i]
			g := group(e.Path)
			if by, taken := said.from[g]; taken && by != d {
				said.lost[g] = append(said.lost[g], e)
				continue
			}
			said.from[g] = d
			said.add(e)
		}
	}
	for _, v := range said.values {
		v.lost = said.lost[v.path]
	}
	return said
}

// add takes an entry that nothing of more weight stands against.
func (said *layered) add(e *Entry) {
	path, _, listed := cutItem(e.Path)
	if v := said.at[path]; v != nil {
		v.entries = append(v.entries, e)
		return
	}
	v := &value{path: path, pattern: pattern(path), entries: []*Entry{e}, listed: listed}
	said.at[path] = v
	said.of[v.pattern] = append(said.of[v.pattern], v)
	said.values = append(said.values, v)
}
