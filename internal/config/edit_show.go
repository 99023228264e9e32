package config

import (
	"slices"
	"strings"
)

// Row is a setting as the page offers it: once for all records, accounts or
// lists, whose places in Path are "*".
type Row struct {
	Path, Type, Default, Doc string
	Form                     Form
	Words                    []string
	Hosts                    []string // whose accounts have it; none: it is no host's
	Secret                   bool
	Locked                   string // why it cannot be set; may be empty
}

// Said is what homing.yaml, or what has more weight, says of one path. No secret
// is in it.
type Said struct {
	Path   string
	Items  []string // none where it is secret
	Secret bool
	Locked string // why it cannot be changed; may be empty
}

// Editable is what can be set, and what is. The drafts are those in force.
func Editable(in *Input, drafts []*Draft) (rows []Row, said []Said) {
	j := judge{table: newTable(in.Catalogue), drafts: drafts}
	for _, s := range j.table.rows {
		if s.set == nil || slices.ContainsFunc(rows, func(r Row) bool { return r.Path == s.Path }) {
			continue
		}
		row := Row{Path: s.Path, Type: s.Type, Default: s.Default, Doc: s.Doc, Form: s.Form, Words: s.Words, Secret: s.Secret, Locked: s.Locked()}
		if by := j.overrides(strings.Replace(s.Path, ".*.", "[0].", 1)); by != "" && row.Locked == "" && !strings.HasPrefix(s.Path, "accounts.") {
			row.Locked = "it is set by " + by
		}
		for _, h := range in.Catalogue.Hosts {
			if slices.ContainsFunc(h.Settings, func(of HostSetting) bool { return "accounts.*."+of.Key == s.Path }) {
				row.Hosts = append(row.Hosts, h.Word)
			}
		}
		rows = append(rows, row)
	}
	for _, v := range layer(j.drafts...).values {
		path := strings.TrimSuffix(v.path, "_file")
		s, known := j.table.setting(v.path)
		if !known {
			s, known = j.table.setting(path)
		} else {
			path = v.path
		}
		if !known || v.entries[0].Origin == (Origin{}) {
			continue
		}
		one := Said{Path: path, Secret: s.Secret}
		one.Locked, _ = j.against(Edit{Path: path})
		if !s.Secret {
			for _, e := range v.entries {
				text := presentable(s, e.Text)
				if e.written != "" && strings.Contains(e.written, "${") {
					text = e.written
				}
				one.Items = append(one.Items, text)
				if !v.listed {
					break
				}
			}
			if s.Form == List && !v.listed && !s.URLs && one.Locked == "" {
				one.Items = v.items()
			}
		}
		said = append(said, one)
	}
	return rows, said
}

// Line is a line of a file that another version of it has, or has not.
type Line struct {
	Added bool
	Text  string // without secrets, and cut where it is long
}

// mostCompared bounds the work of comparing lines.
const mostCompared = 1000

// Differences are the lines in which two versions of a homing.yaml differ.
func Differences(in *Input, before, after []byte) (lines []Line) {
	a, b := presentLines(in, before), presentLines(in, after)
	for len(a.lines) > 0 && len(b.lines) > 0 && a.lines[0] == b.lines[0] {
		a, b = a.from(1), b.from(1)
	}
	for len(a.lines) > 0 && len(b.lines) > 0 && a.lines[len(a.lines)-1] == b.lines[len(b.lines)-1] {
		a.lines, b.lines = a.lines[:len(a.lines)-1], b.lines[:len(b.lines)-1]
	}
	common := make([][]int, len(a.lines)+1) // how many lines both have from i and k on
	if len(a.lines)*len(b.lines) > mostCompared*mostCompared {
		common = nil
	}
	for i := range common {
		common[i] = make([]int, len(b.lines)+1)
	}
	for i := len(common) - 2; i >= 0; i-- {
		for k := len(b.lines) - 1; k >= 0; k-- {
			if common[i][k] = max(common[i+1][k], common[i][k+1]); a.lines[i] == b.lines[k] {
				common[i][k] = common[i+1][k+1] + 1
			}
		}
	}
	i, k := 0, 0
	for i < len(a.lines) || k < len(b.lines) {
		switch {
		case common != nil && i < len(a.lines) && k < len(b.lines) && a.lines[i] == b.lines[k]:
			i, k = i+1, k+1
		case i < len(a.lines) && (k == len(b.lines) || common == nil || common[i+1][k] >= common[i][k+1]):
			lines = append(lines, Line{Text: a.text(i)})
			i++
		default:
			lines = append(lines, Line{Added: true, Text: b.text(k)})
			k++
		}
	}
	return lines
}

// presented is lines, and how messages may show them.
type presented struct {
	lines []string
	first int
	r     *yamlReader
}

func presentLines(in *Input, file []byte) presented {
	text := strings.TrimPrefix(string(file), byteOrderMark)
	r := &yamlReader{d: &Draft{}, in: in, table: newTable(in.Catalogue), lines: linesOf(text)}
	r.harmless = r.goesOn()
	p := presented{lines: r.lines, r: r}
	if n := len(p.lines); p.lines[n-1] == "" {
		p.lines = p.lines[:n-1]
	}
	return p
}

func (p presented) from(n int) presented { return presented{p.lines[n:], p.first + n, p.r} }

func (p presented) text(i int) string { return p.r.source(p.first + i + 1) }

// Path is the setting that is wrong; empty where it is the file as a whole.
func (p *Problem) Path() string { return p.path }

// Moved is what has homing.yaml say what variables do, except for what the page
// cannot set and what is not to be shown; and which variables these are.
func Moved(in *Input, drafts []*Draft) (edits []Edit, variables []string) {
	t := newTable(in.Catalogue)
	for _, d := range drafts {
		if d.From != environment {
			continue
		}
		l := newLoader(in, []*Draft{d}) // secrets in files are read
		for _, v := range l.said.values {
			s, known := t.setting(v.path)
			whole := owner(v.path) == "" || strings.HasPrefix(v.path, "accounts.") || strings.HasPrefix(v.path, "records[") || strings.HasPrefix(v.path, "lists[")
			if !known || !whole || s.Locked() != "" || !s.Secret && presentable(s, v.text()) != v.text() || s.barred(v.text()) != "" {
				continue
			}
			items := []string{v.text()}
			switch sources, err := l.splitSources(v.text()); {
			case leaf(v.path) == "sources" && err == nil && len(sources) > 0:
				items = nil
				for _, source := range sources {
					items = append(items, source.String())
				}
			case s.Form == List && !s.Secret && !s.URLs:
				items = v.items()
			}
			edits = append(edits, Edit{Path: v.path, Items: items})
			if name := v.entries[0].Origin.Name; !slices.Contains(variables, name) {
				variables = append(variables, name)
			}
		}
	}
	return append(instead(drafts, edits), edits...), variables
}

// instead takes the records and lists of the file out, where those of edits have
// more weight anyway.
func instead(drafts []*Draft, edits []Edit) (gone []Edit) {
	for _, kind := range []string{"records[", "lists["} {
		if !slices.ContainsFunc(edits, func(e Edit) bool { return strings.HasPrefix(e.Path, kind) }) {
			continue
		}
		for _, d := range drafts {
			for _, e := range d.Entries {
				if o := owner(e.Path); d.From == fileName && strings.HasPrefix(o, kind) && !slices.ContainsFunc(gone, func(g Edit) bool { return g.Path == o }) {
					gone = append(gone, Edit{Path: o, Remove: true})
				}
			}
		}
	}
	slices.Reverse(gone) // or those behind one would move up
	return gone
}
