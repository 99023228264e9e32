package config

// value is what is said of one path: a text, or the items of a list.
type value struct {
	path    string
	pattern string  // of path, in the table
	entries []Entry // one, or one an item
	listed  bool    // item by item
	lost    []Entry // what drafts of less weight say of it, and has no effect
}

func (v value) text() string { return v.entries[0].Text }

// items are those of a list; a list in one text has commas between them.
func (v value) items() []string {
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
	values []value
	at     map[string]int     // by path
	of     map[string][]int   // by pattern
	from   map[string]int     // the draft, by group
	lost   map[string][]Entry // of what is taken as a whole: "records", "lists"
}

// layer puts drafts together; the first has the most weight.
func layer(drafts []Draft) layered {
	most := 0
	for _, d := range drafts {
		most += len(d.Entries)
	}
	at := make(map[string]int, most)
	from := make(map[string]int)
	said := layered{values: make([]value, 0, most), at: at, of: make(map[string][]int), from: from, lost: make(map[string][]Entry)}
	for i, d := range drafts {
		for _, e := range d.Entries {
			g := group(e.Path)
			if by, taken := from[g]; taken && by != i {
				said.lost[g] = append(said.lost[g], e)
				continue
			}
			from[g] = i
			path, _, listed := cutItem(e.Path)
			if n, known := at[path]; known {
				said.values[n].entries = append(said.values[n].entries, e)
				continue
			}
			at[path] = len(said.values)
			row := pattern(path)
			said.of[row] = append(said.of[row], at[path])
			said.values = append(said.values, value{path: path, pattern: row, entries: []Entry{e}, listed: listed})
		}
	}
	for i := range said.values {
		said.values[i].lost = said.lost[said.values[i].path]
	}
	return said
}
