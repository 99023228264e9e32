package config

import (
	"slices"
	"strings"
)

// table is Settings, made ready to be searched.
type table struct {
	of       *Catalogue
	rows     []*Setting
	at       map[string]int      // by path
	sections map[string][]string // the keys of each section, in order; the whole file is ""
	harmless map[string]bool     // keys none of whose values is secret
}

func newTable(c *Catalogue) *table {
	t := &table{of: c, rows: c.rows(), at: make(map[string]int), sections: make(map[string][]string), harmless: make(map[string]bool)}
	for i, s := range t.rows {
		if s.set != nil {
			t.at[s.Path] = i
		}
		t.add(s.Path, !s.Secret)
		if s.File {
			t.add(s.Path+"_file", true)
		}
	}
	t.harmless["accounts"] = false
	return t
}

// add enters the keys of a path into their sections.
func (t *table) add(path string, harmless bool) {
	section := ""
	for key := range strings.SplitSeq(path, ".") {
		if key != "*" && !slices.Contains(t.sections[section], key) {
			t.sections[section] = append(t.sections[section], key)
		}
		section = strings.TrimPrefix(section+"."+key, ".")
		if _, known := t.harmless[key]; !known {
			t.harmless[key] = section != path || harmless
		}
	}
	t.harmless[leaf(path)] = t.harmless[leaf(path)] && harmless
}

// setting is the row of a path; an empty one where it is in no row.
func (t *table) setting(path string) (s *Setting, known bool) {
	i, known := t.at[pattern(path)]
	if !known {
		return &Setting{}, false
	}
	return t.rows[i], true
}

// has reports whether path is a setting of its own, and not the file of one.
func (t *table) has(path string) bool { _, known := t.setting(path); return known }

// rank is the place of a path in the table.
func (t *table) rank(path string) int {
	p := pattern(path)
	if i, ok := t.at[p]; ok {
		return i
	}
	return slices.IndexFunc(t.rows, func(s *Setting) bool { return s.Path == p })
}
