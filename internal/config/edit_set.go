package config

import (
	"strings"
	"unicode"
)

// set makes what steps lead to say items.
func (w *walk) set(steps []step, items []string) ([]cut, bool) {
	rest := w.follow(steps)
	n := w.at
	switch {
	case n.kind != nullNode && !n.place.known() || n.kind == refusedNode:
		return nil, false
	case len(rest) == 0:
		return w.write(items)
	case elsewhere(rest, n):
		return nil, false
	case n.kind == nullNode:
		return w.begin(rest, items)
	case n.kind == mapNode && rest[0].key != "":
		return w.addKey(rest, items)
	case n.kind == listNode && rest[0].key == "" && rest[0].index == len(n.parts):
		return w.addItem(w.item(rest[1:], items))
	case n.kind == textNode && rest[0].key != "" && owner(w.path) != "":
		return w.widen(rest, items)
	case n.kind != listNode && rest[0].key == "" && rest[0].index == 1 && (w.flow || w.bracketed(n) || n.kind == textNode):
		item := w.flowOf(rest[1:], items)
		return []cut{{span{n.place.start, n.place.start}, "["}, {span{n.place.end, n.place.end}, ", " + item + "]"}}, true
	}
	return nil, false
}

// elsewhere reports whether what is to be added would not be the next of its kind.
func elsewhere(rest []step, n *node) bool {
	for i, s := range rest {
		there := 0
		if i == 0 && n.kind == listNode {
			there = len(n.parts)
		} else if i == 0 && n.kind != nullNode {
			there = 1
		}
		if s.key == "" && s.index != there {
			return true
		}
	}
	return false
}

// write writes items in the place of the value that is there.
func (w *walk) write(items []string) ([]cut, bool) {
	n := w.at
	value := w.value(items)
	switch {
	case n.kind == mapNode:
		return nil, false
	case n.kind == listNode && w.form == List && len(items) > 0:
		return w.rewrite(items)
	case n.kind == listNode && !w.flow && !w.bracketed(n):
		return w.empty(value)
	case n.kind == nullNode && n.place.start == n.place.end:
		if !n.place.known() {
			return nil, false
		}
		if !strings.HasSuffix(w.text[:n.place.start], ":") {
			value = ": " + value
		} else {
			value = " " + value
		}
		return []cut{{n.place, value}}, true
	case n.kind == textNode && len(items) == 1 && w.owns() != "":
		value = w.styled(n, w.owns()+items[0])
	case n.kind == textNode && len(items) == 1 && (w.form != List || !strings.Contains(items[0], ",")):
		value = w.styled(n, items[0])
	}
	return []cut{w.instead(n, value)}, true
}

// instead writes a value in the place of n. The comment of a text over lines,
// which stands in it, stays.
func (w *walk) instead(n *node, value string) cut {
	if c := w.text[n.place.start]; n.kind == textNode && (c == '|' || c == '>') {
		head := w.text[n.place.start:lineEnd(w.text, n.place.start)]
		if i := strings.Index(head, " #"); i >= 0 {
			value += head[i:]
		}
	}
	return cut{n.place, value}
}

// owns is the id of the account and a slash, with which the name of a list may begin.
func (w *walk) owns() string {
	account, _, whole := strings.Cut(w.at.text, "/")
	if whole && strings.HasPrefix(w.path, "lists[") && leaf(w.path) == "name" {
		return account + "/"
	}
	return ""
}

// empty writes a value behind a key below which a list stood over lines.
func (w *walk) empty(value string) ([]cut, bool) {
	if w.parent.kind != mapNode || w.nth == 0 {
		return nil, false
	}
	key := w.parent.parts[w.nth-1]
	colon := w.skip(key.place.end)
	text := w.text
	if colon >= len(text) || text[colon] != ':' || !w.blankBefore(w.at.place.start) {
		return nil, false
	}
	return []cut{{span{colon + 1, colon + 1}, " " + value}, w.wholeLines(w.at.place.start, w.at.place.end)}, true
}

// value is a value in one line.
func (w *walk) value(items []string) string {
	if len(items) == 1 && (w.form != List || !strings.Contains(items[0], ",") && items[0] != "") {
		return scalar(w.form, items[0])
	}
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = scalar(Text, item)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// styled is a text in the quotes in which another one stands.
func (w *walk) styled(n *node, text string) string {
	form := w.form
	if w.parent.kind == listNode && form == List {
		form = Text
	}
	switch old := w.text[n.place.start]; {
	case old == '\'' && !strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }):
		return "'" + strings.ReplaceAll(literal(text), "'", "''") + "'"
	case old == '"':
		return quote(literal(text))
	}
	return scalar(form, text)
}

// begin writes the first that stands below a key, an item or in a file.
func (w *walk) begin(rest []step, items []string) ([]cut, bool) {
	text, n := w.text, w.at
	switch {
	case w.parent.kind == nullNode: // nothing stands in the file
		block := w.lines(0, w.blockOf(rest, items))
		block = block[len(w.eol()):]
		if body := strings.TrimPrefix(text, byteOrderMark); body != "" && !strings.HasSuffix(body, "\n") && !strings.HasSuffix(body, "\r") {
			return []cut{{span{len(text), len(text)}, w.eol() + block}}, true
		}
		return []cut{{span{len(text), len(text)}, block + w.eol()}}, true
	case !n.place.known():
		return nil, false
	case n.place.start < n.place.end: // null, or ~
		return []cut{{n.place, w.flowOf(rest, items)}}, true
	case w.parent.kind != mapNode:
		return nil, false
	case w.flow || !strings.HasSuffix(text[:n.place.start], ":"):
		before := " "
		if !strings.HasSuffix(text[:n.place.start], ":") {
			before = ": "
		}
		return []cut{{n.place, before + w.flowOf(rest, items)}}, true
	}
	end := lineEnd(text, n.place.start)
	indent := w.parent.parts[w.nth-1].column - 1 + 2
	return []cut{{span{end, end}, w.lines(indent, w.blockOf(rest, items))}}, true
}

// addKey adds a key to the mapping that is there.
func (w *walk) addKey(rest []step, items []string) ([]cut, bool) {
	n, text := w.at, w.text
	if w.flow || w.bracketed(n) || len(n.parts) == 0 {
		pair := rest[0].key + ": " + w.flowOf(rest[1:], items)
		switch {
		case len(n.parts) == 0:
			return []cut{{span{n.place.start + 1, n.place.start + 1}, pair}}, true
		case text[n.place.start] != '{': // one pair in a list needs no braces
			return []cut{{span{n.place.start, n.place.start}, "{"}, {span{n.place.end, n.place.end}, ", " + pair + "}"}}, true
		}
		end := n.parts[len(n.parts)-1].place.end
		return []cut{{span{end, end}, ", " + pair}}, true
	}
	end := lineEnd(text, n.place.end)
	return []cut{{span{end, end}, w.lines(n.parts[0].column-1, w.blockOf(rest, items))}}, true
}

// widen makes a mapping of a record or a list that is a name alone.
func (w *walk) widen(rest []step, items []string) ([]cut, bool) {
	n, text := w.at, w.text
	if rest[0].key == "account_id" && strings.Contains(n.text, "/") {
		_, name, _ := strings.Cut(n.text, "/")
		return []cut{{n.place, w.styled(n, items[0]+"/"+name)}}, true
	}
	start, end := span{n.place.start, n.place.start}, span{n.place.end, n.place.end}
	if c := text[n.place.start]; c == '|' || c == '>' {
		name := w.instead(n, "name: "+w.styled(n, strings.TrimSpace(n.text)))
		name.text += w.lines(n.column-1, w.blockOf(rest, items))
		return []cut{name}, w.parent.kind == listNode
	}
	if w.flow || w.parent.kind != listNode {
		return []cut{{start, "{name: "}, {end, ", " + rest[0].key + ": " + w.flowOf(rest[1:], items) + "}"}}, true
	}
	line := lineEnd(text, n.place.end)
	return []cut{{start, "name: "}, {span{line, line}, w.lines(n.column-1, w.blockOf(rest, items))}}, true
}

// blockOf is what is new, over lines.
func (w *walk) blockOf(steps []step, items []string) []string {
	if len(steps) == 0 {
		return []string{w.value(items)}
	}
	s, indent := steps[0], "  "
	if s.key != "" && len(steps) == 1 {
		return []string{s.key + ": " + w.value(items)}
	}
	inner := w.blockOf(steps[1:], items)
	lines := []string{s.key + ":"}
	if s.key == "" {
		if len(steps) == 2 && steps[1].key == "name" {
			inner = []string{w.value(items)}
		}
		lines, inner = []string{"- " + inner[0]}, inner[1:]
	}
	for _, line := range inner {
		lines = append(lines, indent+line)
	}
	return lines
}

// flowOf is what is new, in brackets.
func (w *walk) flowOf(steps []step, items []string) string {
	switch {
	case len(steps) == 0:
		return w.value(items)
	case steps[0].key != "":
		if len(steps) == 1 && steps[0].key == "name" && owner(w.path) != "" && !strings.HasPrefix(w.path, "accounts.") {
			return w.value(items)
		}
		return "{" + steps[0].key + ": " + w.flowOf(steps[1:], items) + "}"
	}
	return "[" + w.flowOf(steps[1:], items) + "]"
}
