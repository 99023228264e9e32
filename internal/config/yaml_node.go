package config

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// node is what stands at one place of a homing.yaml: an item, a key or a value.
type node struct {
	kind         nodeKind
	plain        bool   // a text without quotes
	text         string // as it is written: 0123 is not 83
	line, column int    // of its first character, from 1
	place        span
	parts        []*node // the items of a list; the keys and values of a mapping by turns
}

type nodeKind int

const (
	nullNode nodeKind = iota // ~ and its like, or what is not written at all
	textNode
	listNode
	mapNode
	refusedNode // an alias or a merge key, of which nothing can be said
)

// textOf is the text of a node that has one.
func (n *node) textOf() (words string, ok bool) {
	return n.text, n.kind == textNode || n.kind == nullNode
}

// items are the items of a list; anything else is the only item.
func (n *node) items() []*node {
	switch n.kind {
	case listNode:
		return n.parts
	case nullNode:
		return nil
	}
	return []*node{n}
}

// tree makes nodes of the library's, and finds where in the text they stand.
type tree struct {
	text             string
	at, line, column int // how far it is
	refused          []*node
}

// node is n, whose place is not before that of the one asked for last.
func (t *tree) node(n *yaml.Node) *node {
	out := &node{kind: kindOf(n), line: n.Line, column: n.Column}
	out.place = t.begin(n.Line, n.Column)
	if n.Tag == "!!merge" || t.isReference(n, out.place) {
		out.place = nowhere
		t.refused = append(t.refused, out)
	}
	switch {
	case out.kind == refusedNode:
		return out
	case out.kind == textNode:
		out.text, out.plain = n.Value, n.Style == 0
	}
	if n.Kind == yaml.ScalarNode {
		out.place = t.scalar(out.place, n)
		return out
	}
	out.parts = make([]*node, 0, len(n.Content))
	for i, part := range n.Content {
		out.parts = append(out.parts, t.node(part))
		if out.kind == mapNode && i%2 == 1 {
			t.unwritten(out.parts[i-1], out.parts[i])
		}
	}
	out.place = t.collection(out.place, out.parts, n.Style&yaml.FlowStyle != 0)
	return out
}

func kindOf(n *yaml.Node) nodeKind {
	switch {
	case n.Kind == yaml.MappingNode:
		return mapNode
	case n.Kind == yaml.SequenceNode:
		return listNode
	case n.Kind == yaml.AliasNode || n.Tag == "!!merge":
		return refusedNode
	case n.Tag == "!!null":
		return nullNode
	}
	return textNode
}

// isReference reports whether n has an anchor or a tag, or is an alias: these
// stand at its beginning, where no text may have such a sign. They may be those
// of the first key instead, which begins where its mapping does.
func (t *tree) isReference(n *yaml.Node, place span) bool {
	if len(n.Content) > 0 && n.Content[0].Line == n.Line && n.Content[0].Column == n.Column {
		return false
	}
	return place.known() && place.start < len(t.text) && strings.IndexByte("&*!", t.text[place.start]) >= 0
}
