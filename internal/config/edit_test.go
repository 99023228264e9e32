package config

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
)

// wrote is something in a homing.yaml that a test writes.
type wrote struct {
	path  string
	text  string
	items []*wrote // of a list
	keys  []string // of a mapping
	below []*wrote
	list  bool
}

func (w *wrote) key(path, key string) *wrote {
	for i, k := range w.keys {
		if k == key {
			return w.below[i]
		}
	}
	w.keys = append(w.keys, key)
	w.below = append(w.below, &wrote{path: strings.TrimPrefix(path+"."+key, ".")})
	return w.below[len(w.below)-1]
}

// file is a configuration as a tree: what a file is to say.
func file(said map[string][]string) *wrote {
	top := &wrote{}
	table := newTable(testCatalogue())
	for _, path := range slices.Sorted(maps.Keys(said)) {
		steps, _ := stepsOf(path)
		at, where := top, ""
		for _, s := range steps {
			if s.key == "" {
				at.list = true
				for len(at.items) <= s.index {
					at.items = append(at.items, &wrote{path: fmt.Sprintf("%s[%d]", where, len(at.items))})
				}
				at, where = at.items[s.index], fmt.Sprintf("%s[%d]", where, s.index)
				continue
			}
			at, where = at.key(where, s.key), strings.TrimPrefix(where+"."+s.key, ".")
		}
		if s, _ := table.setting(path); s.Form == List {
			at.list = true
			for _, item := range said[path] {
				at.items = append(at.items, &wrote{path: path, text: item})
			}
			continue
		}
		at.text = said[path][0]
	}
	return top
}

// hand writes a file in a style of its own.
type hand struct {
	*rand.Rand
	comments int
	often    int // a comment stands in one of so many places; 0: nowhere
	indent   int
	eol      string
}

func (h *hand) one(of int) bool { return h.IntN(of) == 0 }

func (h *hand) comment(path string) string {
	if h.often == 0 || !h.one(h.often) {
		return ""
	}
	h.comments++
	return fmt.Sprintf(" # c%d <%s> é", h.comments, path)
}

// before is what may stand between lines.
func (h *hand) before(indent int, path string) string {
	switch c := h.comment(path); {
	case c != "":
		return strings.Repeat(" ", h.IntN(2)*indent) + c[1:] + h.eol
	case h.often > 0 && h.one(8):
		return h.eol
	}
	return ""
}

func (h *hand) scalar(text string, flow bool, indent int) string {
	switch h.IntN(5) {
	case 0:
		if !strings.ContainsAny(text, "\n\t") {
			return "'" + strings.ReplaceAll(literal(text), "'", "''") + "'"
		}
	case 1:
		if !flow && text != "" && text == strings.TrimSpace(text) && !strings.Contains(text, "\r") {
			pad := h.eol + strings.Repeat(" ", indent+2)
			return "|-" + pad + strings.ReplaceAll(literal(text), "\n", pad)
		}
	case 2:
		if plain(text) {
			return text
		}
	}
	return quote(literal(text))
}

func (h *hand) flow(w *wrote, breaks bool) string {
	gap := func(path string) string {
		if breaks {
			return h.comment(path) + h.eol + strings.Repeat(" ", 8)
		}
		return strings.Repeat(" ", h.IntN(2))
	}
	var b strings.Builder
	switch {
	case w.list:
		b.WriteString("[" + gap(w.path))
		for i, item := range w.items {
			b.WriteString(h.flow(item, breaks))
			if i < len(w.items)-1 || h.one(3) {
				b.WriteString(",")
			}
			b.WriteString(gap(item.path))
		}
		return b.String() + "]"
	case len(w.keys) > 0:
		if len(w.keys) == 1 && w.keys[0] == "name" && h.one(2) {
			return h.scalar(w.below[0].text, true, 0)
		}
		b.WriteString("{" + gap(w.path))
		for i, key := range w.keys {
			b.WriteString(key + ": " + h.flow(w.below[i], breaks))
			if i < len(w.keys)-1 || h.one(3) {
				b.WriteString(",")
			}
			b.WriteString(gap(w.below[i].path))
		}
		return b.String() + "}"
	}
	return h.scalar(w.text, true, 0)
}

func (h *hand) block(w *wrote, indent int) string {
	var b strings.Builder
	pad := strings.Repeat(" ", indent)
	for i, key := range w.keys {
		v := w.below[i]
		b.WriteString(h.before(indent, w.path) + pad + h.name(key) + ":" + h.value(v, indent))
	}
	for _, item := range w.items {
		b.WriteString(h.before(indent, w.path) + pad + "-")
		switch {
		case len(item.keys) == 1 && item.keys[0] == "name" && h.one(2):
			b.WriteString(h.line(h.scalar(item.below[0].text, false, indent), item.path))
		case len(item.keys) > 0 && !h.one(4):
			inner := hand{h.Rand, h.comments, h.often, h.indent, h.eol}
			first := &wrote{keys: item.keys[:1], below: item.below[:1]}
			plainFirst := hand{h.Rand, 0, 0, h.indent, h.eol}
			b.WriteString(" " + strings.TrimLeft(plainFirst.block(first, indent+2), " "))
			b.WriteString(inner.block(&wrote{path: item.path, keys: item.keys[1:], below: item.below[1:]}, indent+2))
			h.comments = inner.comments
		default:
			b.WriteString(h.value(item, indent))
		}
	}
	return b.String()
}

func (h *hand) name(key string) string {
	if h.one(6) {
		return `"` + key + `"`
	}
	return key
}

// after is the end of a line.
func (h *hand) after(path string) string { return h.comment(path) + h.eol }

// line is a text, and what stands behind it.
func (h *hand) line(text, path string) string {
	if strings.HasPrefix(text, "|") {
		head, rest, _ := strings.Cut(text, h.eol)
		return " " + head + h.comment(path) + h.eol + rest + h.eol
	}
	return " " + text + h.after(path)
}

func (h *hand) value(v *wrote, indent int) string {
	switch {
	case !v.list && len(v.keys) == 0:
		return h.line(h.scalar(v.text, false, indent), v.path)
	case h.one(3) || len(v.items)+len(v.keys) == 0:
		return " " + h.flow(v, h.one(2)) + h.after(v.path)
	}
	deeper := indent + h.indent
	if v.list && h.one(3) && indent == 0 {
		deeper = indent
	}
	return h.after(v.path) + h.block(v, deeper)
}

// oddFile is a file that says this, and nobody's like.
func oddFile(seed uint64, said map[string][]string) string {
	h := &hand{Rand: rand.New(rand.NewPCG(seed, 1)), often: []int{0, 2, 4}[seed%3], indent: 1 + int(seed/3%4), eol: "\n"}
	if seed%4 == 1 {
		h.eol = "\r\n"
	}
	var text string
	if top := file(said); seed%7 == 3 {
		text = h.flow(top, h.one(2)) + h.after("")
	} else {
		text = h.block(top, 0)
	}
	text = h.before(0, "") + text + h.before(0, "")
	if seed%5 == 2 {
		text = strings.TrimRight(text, "\r\n")
	}
	if seed%11 == 4 {
		text = byteOrderMark + text
	}
	return text
}

func someSettings(r *rand.Rand) map[string][]string {
	said := make(map[string][]string)
	odd := []string{"nas", "it's", "a # b", "a: b", "${x", "*", "", "5", "true", "größe 😀", "\"", "[x", "- a", "a, b", "x\ny"}
	pick := func() string { return odd[r.IntN(len(odd))] }
	for i := range r.IntN(4) {
		at := fmt.Sprintf("records[%d]", i)
		said[at+".name"] = []string{fmt.Sprintf("h%d.example.org", i)}
		if r.IntN(2) == 0 {
			said[at+".ttl"] = []string{fmt.Sprint(60 + i)}
		}
		if r.IntN(2) == 0 {
			said[at+".comment"] = []string{pick()}
		}
		if r.IntN(3) == 0 {
			said[at+".types"] = []string{"A", "AAAA"}[:1+r.IntN(2)]
		}
	}
	for path, values := range map[string][]string{
		"schedule.every": {"@every 1m", "@hourly", "*/5 * * * *"}, "schedule.on_start": {"true", "false"}, "log.level": {"debug", "warn"},
		"detect.timeout": {"3s"}, "detect.ipv4.prefix_len": {"24"}, "notify.title": odd, "accounts.default.token": {"good", "a b"}, "accounts.home.email": odd,
	} {
		if r.IntN(2) == 0 {
			said[path] = []string{values[r.IntN(len(values))]}
		}
	}
	for _, path := range []string{"notify.events", "serve.hosts", "detect.ipv6.sources"} {
		if r.IntN(2) == 0 {
			said[path] = []string{"a", "b c", "url:https://x/?a=b", "d, e"}[:1+r.IntN(4)]
		}
	}
	return said
}

// someEdit is a change, and what is said after it.
func someEdit(r *rand.Rand, said map[string][]string) (Edit, map[string][]string) {
	after := maps.Clone(said)
	paths := slices.Sorted(maps.Keys(said))
	records := 0
	for said[fmt.Sprintf("records[%d].name", records)] != nil {
		records++
	}
	texts := []string{"x", "it's", "a # b", "\"", "${y", "größe", "*", "1", "yes", "", "a: b", " padded ", "two\nlines", "{z", "é,f"}
	switch n := r.IntN(6); {
	case n == 0 && len(paths) > 0 && records > 1:
		i := r.IntN(records)
		e := Edit{Path: fmt.Sprintf("records[%d]", i), Remove: true}
		for _, p := range paths {
			var k int
			if _, err := fmt.Sscanf(p, "records[%d]", &k); err == nil && k >= i {
				delete(after, p)
			}
		}
		for _, p := range paths {
			var k int
			if _, err := fmt.Sscanf(p, "records[%d]", &k); err == nil && k > i {
				after[fmt.Sprintf("records[%d]%s", k-1, p[strings.IndexByte(p, ']')+1:])] = said[p]
			}
		}
		return e, after
	case n == 1 && len(paths) > 0:
		p := paths[r.IntN(len(paths))]
		if leaf(p) != "name" {
			delete(after, p)
			return Edit{Path: p, Remove: true}, after
		}
	case n == 2:
		p := fmt.Sprintf("records[%d].name", records)
		after[p] = []string{"new.example.org"}
		return Edit{Path: p, Items: after[p]}, after
	case n == 3 && records > 0:
		p := fmt.Sprintf("records[%d].%s", r.IntN(records), []string{"comment", "account", "content"}[r.IntN(3)])
		after[p] = []string{strings.TrimSpace(texts[r.IntN(len(texts))])}
		return Edit{Path: p, Items: after[p]}, after
	case n == 4:
		p := []string{"notify.events", "serve.hosts", "detect.ipv6.sources"}[r.IntN(3)]
		items := slices.Clone(said[p])
		for range 1 + r.IntN(3) {
			switch i := r.IntN(len(items) + 1); {
			case i < len(items) && r.IntN(3) == 0:
				items = slices.Delete(items, i, i+1)
			case i < len(items) && r.IntN(2) == 0:
				items[i] = "q" + items[i]
			default:
				items = slices.Insert(items, i, fmt.Sprintf("n%d: #", r.IntN(9)))
			}
		}
		after[p] = items
		return Edit{Path: p, Items: items}, after
	}
	p := []string{"schedule.every", "notify.title", "accounts.home.token", "accounts.new.email", "detect.ipv4.agree", "state", "record_defaults.comment", "policy.owner"}[r.IntN(8)]
	after[p] = []string{strings.TrimSpace(texts[r.IntN(len(texts))])}
	return Edit{Path: p, Items: after[p]}, after
}

// says is what a file is read as.
func says(t *testing.T, text string) map[string][]string {
	t.Helper()
	in := &Input{Catalogue: testCatalogue(), Getenv: func(string) string { return "" }}
	d := new(Draft)
	d.readYAML(in, "homing.yaml", []byte(text))
	if len(d.Problems) > 0 {
		t.Fatalf("%q: %v", text, d.Problems)
	}
	said := make(map[string][]string)
	for _, v := range layer(d).values {
		items := []string{v.text()}
		if s, _ := newTable(in.Catalogue).setting(v.path); s.Form == List {
			if items = nil; v.listed || v.text() != "" {
				items = v.items()
			}
		}
		said[v.path] = items
	}
	return said
}

func wanted(said map[string][]string) map[string][]string {
	out := make(map[string][]string)
	for p, items := range said {
		if items = slices.Clone(items); len(items) == 0 {
			items = nil
		}
		out[p] = items
	}
	return out
}

// TestEditsSayExactlyWhatWasPutIn: whatever is put into whichever file is either
// refused or is what the file says, and everything else in it stays as it was:
// each comment that is not at what is edited, and each octet around that.
func TestEditsSayExactlyWhatWasPutIn(t *testing.T) {
	in := &Input{Catalogue: testCatalogue(), Getenv: func(string) string { return "" }}
	made, refused := 0, 0
	for seed := range uint64(260) {
		r := rand.New(rand.NewPCG(seed, 2))
		said := someSettings(r)
		text := oddFile(seed, said)
		if diff := gocmp.Diff(wanted(said), says(t, text)); diff != "" {
			t.Fatalf("the file %d is not what it should be:\n%s\n%s", seed, text, diff)
		}
		for range 6 {
			edit, after := someEdit(r, said)
			edited, err := Edited(in, "homing.yaml", []byte(text), []Edit{edit})
			if err != nil {
				t.Logf("%d: %+v: %v\n%s", seed, edit, err, text)
				refused++
				continue
			}
			made++
			if diff := gocmp.Diff(wanted(after), says(t, string(edited))); diff != "" {
				t.Fatalf("file %d, %+v:\n%s\nbecame:\n%s\n%s", seed, edit, text, edited, diff)
			}
			leavesAllElse(t, text, string(edited), edit)
			said, text = after, string(edited)
			if strings.HasSuffix(edit.Path, "]") {
				break // the comments say of which record they are
			}
		}
	}
	if made < 1200 || refused > 0 {
		t.Errorf("%d edits were made and %d refused", made, refused)
	}
}

// leavesAllElse looks at what is not edited.
func leavesAllElse(t *testing.T, before, after string, edit Edit) {
	t.Helper()
	for _, part := range strings.Split(before, "# c")[1:] {
		comment, _, _ := strings.Cut(part, ">")
		_, of, _ := strings.Cut(comment, "<")
		mine := of == edit.Path || edit.Remove && strings.HasPrefix(of, edit.Path+".")
		if !mine && !strings.Contains(after, "# c"+comment+"> é") {
			t.Fatalf("%+v lost the comment %q:\n%s\nbecame:\n%s", edit, comment, before, after)
		}
	}
	if eol := "\r\n"; strings.Contains(before, eol) && strings.Count(after, eol) != strings.Count(after, "\n") {
		t.Fatalf("%+v mixed the line breaks of %q: %q", edit, before, after)
	}
	if strings.HasPrefix(before, byteOrderMark) != strings.HasPrefix(after, byteOrderMark) {
		t.Fatalf("%+v lost the mark of %q", edit, before)
	}
}

func TestEditsKeepTheStyleOfTheFile(t *testing.T) {
	in := &Input{Catalogue: testCatalogue(), Getenv: func(string) string { return "" }}
	set := func(path string, items ...string) []Edit { return []Edit{{Path: path, Items: items}} }
	remove := func(path string) []Edit { return []Edit{{Path: path, Remove: true}} }
	for _, c := range []struct {
		before string
		edits  []Edit
		after  string
	}{
		{"", set("schedule.every", "@hourly"), "schedule:\n  every: \"@hourly\"\n"},
		{"# mine", set("records[0].name", "a.example.org"), "# mine\nrecords:\n  - a.example.org"},
		{"records: # mine\n", set("records[0].name", "a"), "records: # mine\n  - a\n"},
		{"records: []\n", set("records[0].name", "a"), "records: [a]\n"},
		{"records: ~ # none\r\n", set("records[0].name", "a"), "records: [a] # none\r\n"},
		{"records: a # one", set("records[1].name", "b"), "records: [a, b] # one"},
		{"records: a # one", set("records[0].ttl", "60"), "records: {name: a, ttl: 60} # one"},
		{"records:\r\n- a # one\r\n- b", set("records[0].ttl", "60"), "records:\r\n- name: a # one\r\n  ttl: 60\r\n- b"},
		{"records: [a, b]\n", set("records[1].ttl", "60"), "records: [a, {name: b, ttl: 60}]\n"},
		{"records: [name: a]\n", set("records[0].ttl", "60"), "records: [{name: a, ttl: 60}]\n"},
		{"records:\n  - name: a\n    ttl: 60 # short\n", set("records[0].ttl", "120"), "records:\n  - name: a\n    ttl: 120 # short\n"},
		{"records:\n  - a # one\n  # two\n  - b\n", remove("records[0]"), "records:\n  # two\n  - b\n"},
		{"records:\n  - a\n  - b", remove("records[1]"), "records:\n  - a"},
		{"records: [a, b, c,]\n", remove("records[1]"), "records: [a, c,]\n"},
		{"records: [\n  a, # one\n  b  # two\n]\n", remove("records[0]"), "records: [\n  b  # two\n]\n"},
		{"records: a\nlog: {level: warn}\n", remove("records[0]"), "log: {level: warn}\n"},
		{"records: a\nlog: {level: warn}\n", remove("log.level"), "records: a\nlog: {}\n"},
		{"records:\n  - ttl: 60\n    name: a\n", remove("records[0].ttl"), "records:\n  - name: a\n"},
		{"notify: {title: 'it''s', body: \"x\"}\n", set("notify.title", "it isn't"), "notify: {title: 'it isn''t', body: \"x\"}\n"},
		{"notify:\n  title: |- # mine\n    a\n    b\n  body: x\n", set("notify.title", "c"), "notify:\n  title: c # mine\n  body: x\n"},
		{"notify:\n  events: # which\n    - failed\n    # good news\n    - recovered\n", set("notify.events", "failed"), "notify:\n  events: # which\n    - failed\n    # good news\n"},
		{"notify:\n  events:\n    - failed\n", set("notify.events"), "notify:\n  events: []\n"},
		{"notify: {events: [failed]}\n", set("notify.events", "changed", "failed", "stopped"), "notify: {events: [changed, failed, stopped]}\n"},
		{"lists: [\"0123/home\"]\n", set("lists[0].name", "office"), "lists: [\"0123/office\"]\n"},
		{"accounts:\n  default:\n    token_file: /x\n", set("accounts.default.token_file", "/y z"), "accounts:\n  default:\n    token_file: \"/y z\"\n"},
		{"state: ${X}\n", set("state", "${Y}"), "state: \"$${Y}\"\n"},
		{"a: b\n", nil, "a: b\n"},
	} {
		after, err := Edited(in, "homing.yaml", []byte(c.before), c.edits)
		if diff := gocmp.Diff(c.after, string(after)); diff != "" || err != nil {
			t.Errorf("%q with %+v: %v %s", c.before, c.edits, err, diff)
		}
	}
}

func TestEditsThatAreRefusedSayWhy(t *testing.T) {
	in := &Input{Catalogue: testCatalogue(), Getenv: func(string) string { return "" }}
	every := []Edit{{Path: "schedule.every", Items: []string{"@hourly"}}}
	for _, c := range []struct {
		file   string
		edits  []Edit
		reason string
	}{
		{"a: &x b\nrecords: *x\n", every, "anchors, aliases, tags and directives are not taken"},
		{"records: [a\n", every, "this is not YAML"},
		{"log: {}\n---\nlog: {}\n", every, "a second document begins here"},
		{"log: {}\nlog: {}\n", every, "it stands there twice, first in line 1"},
		{"\xff", every, "the file is not valid UTF-8"},
		{"schedule: {every: {x: y}}\n", every, "this place is written in a way in which it cannot be changed alone"},
		{"records:\n  name: a\n  ttl: 60\n", []Edit{{Path: "records[1].name", Items: []string{"b"}}}, "this place is written in a way in which it cannot be changed alone"},
		{"records: [a]\n", []Edit{{Path: "records[2].name", Items: []string{"b"}}}, "this place is written in a way in which it cannot be changed alone"},
		{"records: [a]\n", []Edit{{Path: "records[0].name", Remove: true}}, "this place is written in a way in which it cannot be changed alone"},
		{"", []Edit{{Path: "shedule.every", Items: []string{"b"}}}, "there is no such setting"},
		{"", []Edit{{Path: "records[x].name", Items: []string{"b"}}}, "there is no such setting"},
		{"", []Edit{{Path: "schedule.every", Items: []string{"a", "b"}}}, "one value is expected here"},
		{"", []Edit{{Path: "schedule.every", Items: []string{"\xff"}}}, "it is not valid UTF-8"},
		{"", make([]Edit, maxEdits+1), "these are more than 400 changes at once"},
	} {
		_, err := Edited(in, "homing.yaml", []byte(c.file), c.edits)
		problems, _ := errors.AsType[Problems](err)
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Reason, c.reason) {
			t.Errorf("%q with %+v: %v", c.file, c.edits, err)
		}
	}
}

// FuzzEdited: whatever file there is and whatever is put in, it is refused or it
// is what is read.
func FuzzEdited(f *testing.F) {
	for i, file := range oddFiles {
		f.Add(file, uint8(i), "a: b")
	}
	for seed := range uint64(30) {
		f.Add(oddFile(seed, someSettings(rand.New(rand.NewPCG(seed, 3)))), uint8(seed), "x")
	}
	paths := []string{"schedule.every", "records[0].comment", "records[1].name", "accounts.home.email", "serve.hosts", "records[0]", "records[1]", "accounts.default", "lists[0].name"}
	f.Fuzz(func(t *testing.T, file string, which uint8, text string) {
		if len(file) > 2000 || len(text) > 100 {
			return
		}
		edit := Edit{Path: paths[int(which)%len(paths)], Items: []string{text}}
		edit.Remove = owner(edit.Path) == edit.Path
		in := &Input{Catalogue: testCatalogue(), Getenv: func(string) string { return "" }}
		edited, err := Edited(in, "homing.yaml", []byte(file), []Edit{edit})
		if err != nil || edit.Remove || strings.Contains(text, "/") {
			return
		}
		d := new(Draft)
		d.readYAML(in, "homing.yaml", edited)
		got, _ := d.Get(edit.Path)
		if edit.Path == "serve.hosts" {
			got, _ = d.Get("serve.hosts[0]")
			if e, ok := d.Get("serve.hosts"); ok {
				got = e
			}
		}
		if want := strings.TrimSpace(text); got.Text != want || !utf8.Valid(edited) {
			t.Errorf("%q with %q is %q, which says %q", file, want, edited, got.Text)
		}
	})
}

// An edit takes time in proportion to the file.
func TestEditingTakesTimeInProportionToTheFile(t *testing.T) {
	in := &Input{Catalogue: testCatalogue(), Getenv: func(string) string { return "" }}
	for name, shape := range map[string]struct{ head, each, tail, path string }{
		"records":           {"records:\n", "  - name: a%d.example.org # x\n    ttl: 60\n", "", "records[1].ttl"},
		"records in a line": {"records: [", "{name: a%d.example.org, ttl: 60}, ", "]", "records[1].ttl"},
		"a list":            {"serve:\n  hosts:\n", "  - a%d\n", "", "serve.hosts"},
		"comments":          {"records: [a]\n", "# %d\n", "", "records[0].ttl"},
	} {
		text := func(n int) []byte {
			var b strings.Builder
			b.WriteString(shape.head)
			for i := range n {
				fmt.Fprintf(&b, shape.each, i)
			}
			return []byte(b.String() + shape.tail)
		}
		cost := func(n int) time.Duration {
			file, best := text(n), time.Hour
			for range 6 {
				start := time.Now()
				if _, err := Edited(in, "homing.yaml", file, []Edit{{Path: shape.path, Items: []string{"7"}}}); err != nil {
					t.Fatal(name, err)
				}
				best = min(best, time.Since(start))
			}
			return best
		}
		ratio := 0.0
		for range 10 { // something else may have been running
			if ratio = float64(cost(1600)) / float64(cost(400)); ratio <= 10 {
				break
			}
		}
		if ratio > 10 {
			t.Errorf("%s: four times as much takes %.1f times as long", name, ratio)
		}
	}
}
