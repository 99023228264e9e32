package config

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
)

// oddFiles are YAML as people write it, each in its own way.
var oddFiles = []string{
	everything,
	"a: b\n", "a: b # c\n# d\n", "a:   b   \n\n\n", "\n\n# first\na: b\n\n# last", "---\na: b\n...\n# end\n", "# x\n--- # y\n- a\n",
	"a:\nb: ~\nc:\n  d:\n  # none\n\ne: null # x\n", "a: \"#b\"\nc: d#e\n'#f': g\n", "a: \tb\t# c\n", "- a\n-\n- # x\n- b:\n  c:\n- - d\n  -\n",
	"größe: {ü: ö, 日本: '語'} # é\nnach: \"😀\\u00e9\\x41\\\"\\\\\"\n", "'a''b' : 'it''s' # '\n\"c d\": \"e # f\"\n'': \"\"\n",
	"a: 'x\n\n   y'\nb: \"u \\\n   v\n\n  w\" # z\nc: one\n  two\n\n  three\nd: e\n",
	"a: |\n  x # no comment\n    y\n\nb: >-  # folded\n\n  u\n   v\n\n  w\n\n# z\nc: |+\n  k\n\n\nd: |2-\n    two\n  x  \ne: >+\n\nf: |\ng: h\n",
	"- |\n  a\n\n  # b\n # c\n- >\n d\n e\n-\n  |\n  f", "a: |+\n  x\n   \n\n", "a: |-\n\n\n  x\n",
	"{a: b, \"c\":d, 'e' : [f, g,], h: {}, i: [] , j: {k}, l: , m: ~,\n  # n\n  o: p # q\n  , r: [ s\n # t\n, u ] }\n",
	"[a, b: c, {d: e}, [], [[f]], \"g\":h, i: , {o}: , [p]:,? q, # j\n k l\n m, 'n ''o''']\n", "a: [x, y,]\nb: {x: y,}\n", "{}\n", "[ # x\n]\n", "a: { # x\n\n} # y\n",
	"? a\n: b\n? [c, d]\n: e\n? f\n# g\nh:\n  ? i\n  : j\n", "? |\n  a\n: - b\n? - c\n:   d: e\n", "x:\n  ? z\n\n# c\ny: 1\n", "{? a : b, ? c, ? , : d}\n",
	"a:\n- b\n- c:\n  - d\n  e:\n  -\n  - f: g\n    h: i\n\n-    j: k\n     l: m\n", "a: http://x/?y=z#w\nb: ::1\nc: [::1, \"::10\", mac(00:11:22:33:44:55)]\nd: ${X}, ${Y}\n",
	"a: b\u2028 c\nd: \u0085 e\nf: g\n", "a: b\rc: d\r\re: |\r  f\r  g\rh: i",
}

// variants are a file as other editors would have saved it.
func variants(text string) []string {
	dos := strings.ReplaceAll(text, "\n", "\r\n")
	bare := strings.TrimRight(text, "\n")
	return []string{text, dos, bare, strings.TrimRight(dos, "\r\n"), "\ufeff" + text, "\ufeff# é\r\n\r\n" + dos, "# 語 #\n\n" + bare + " ", "\n" + text + "\n\n# 😀 end"}
}

// TestEveryPlaceCanBeWrittenAnew is what an editor needs that leaves all it does
// not change as it is: whatever stands in a file has a place, and who writes
// something else there has changed that and nothing else.
func TestEveryPlaceCanBeWrittenAnew(t *testing.T) {
	read, places := 0, 0
	for _, file := range oddFiles {
		for _, text := range variants(file) {
			if n := writtenAnew(t, text, true); n > 0 {
				read, places = read+1, places+n
			}
		}
	}
	if read < 200 || places < 3000 {
		t.Errorf("only %d files, with %d places", read, places)
	}
}

// writtenAnew writes another text at each place of a file where a text stands,
// or at each there is, and says how many there are; 0 where the file is refused.
func writtenAnew(t *testing.T, file string, all bool) int {
	t.Helper()
	before, bad := parseYAML(file)
	if bad != nil || before.first == nil || len(before.refused) > 0 {
		return 0
	}
	nodes, colons := []*node{before.first}, []string{""}
	for i := 0; i < len(nodes); i++ {
		for j := range nodes[i].parts {
			nodes, colons = append(nodes, nodes[i].parts[j]), append(colons, colonFor(file, nodes[i], j))
		}
	}
	for i, n := range nodes {
		if !n.place.known() || n.place.end < n.place.start || n.place.end > len(file) {
			t.Fatalf("%q: %q at %d:%d has the place %v", file, n.text, n.line, n.column, n.place)
		}
		if !all && (n.kind != textNode || n.place.start == n.place.end) {
			continue
		}
		written := `"anew"`
		if n.place.start < n.place.end && n.inBlock(file) {
			written = " " + written // a list may begin at the column of its key, and a text may not
		}
		if n.place.start == n.place.end {
			written = colons[i] + " " + written
		}
		edited := file[:n.place.start] + written + file[n.place.end:]
		after, bad := parseYAML(edited)
		if bad != nil || after.first == nil {
			t.Fatalf("%q is %q with another %q: %+v", file, edited, file[n.place.start:n.place.end], bad)
		}
		was := *n
		*n = node{kind: textNode, text: "anew"}
		if want, got := outline(before), outline(after); want != got {
			t.Fatalf("%q became %q: %s", file, edited, gocmp.Diff(want, got))
		}
		*n = was
	}
	return len(nodes)
}

// inBlock reports whether n is written over lines of its own.
func (n *node) inBlock(file string) bool {
	first := file[n.place.start]
	return n.kind == textNode && (first == '|' || first == '>') ||
		(n.kind == listNode || n.kind == mapNode) && first != '[' && first != '{'
}

// colonFor is what has to stand before part i of n where it is not written: a
// colon, where its key has none.
func colonFor(file string, n *node, i int) string {
	part := n.parts[i]
	if n.kind != mapNode || i%2 == 0 || !part.place.known() || strings.HasSuffix(file[:part.place.start], ":") {
		return ""
	}
	if file[n.place.start] != '?' {
		return ":"
	}
	return "\n" + strings.Repeat(" ", n.column-1) + ":"
}

// outline is all that documents say, without its places.
func outline(d documents) string {
	var b strings.Builder
	var write func(n *node)
	write = func(n *node) {
		fmt.Fprintf(&b, "(%d %q", n.kind, n.text)
		for _, part := range n.parts {
			write(part)
		}
		b.WriteString(")\n")
	}
	write(d.first)
	if d.second != nil {
		write(d.second)
	}
	return b.String()
}

// FuzzPlaces: whatever is taken for a homing.yaml, each place in it is found.
func FuzzPlaces(f *testing.F) {
	for _, file := range oddFiles {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file string) {
		if len(file) < 1000 && utf8.ValidString(file) {
			writtenAnew(t, file, false)
		}
	})
}
