package config

import "strings"

// remove takes out what steps lead to. What is not there is no mistake.
func (w *walk) remove(steps []step) ([]cut, bool) {
	if rest := w.follow(steps); len(rest) > 0 || w.parent.kind == nullNode {
		return nil, true
	}
	if w.parent.kind == mapNode {
		last := steps[len(steps)-1]
		key := w.parent.parts[w.nth-1].text
		alone := last.key == "" && len(steps) > 1 && key == steps[len(steps)-2].key // the only item of a list
		if !alone && key != last.key {
			return nil, false // a name that is all there is of a record
		}
		return w.takeOutPair(w.parent, w.nth-1)
	}
	if last := steps[len(steps)-1]; last.key != "" {
		return nil, false
	}
	return w.takeOut(w.parent, w.nth, w.nth)
}

// wholeLines are the lines from start to end, with the break behind them, or the
// one before them where none follows. Behind end only a comment may stand, which
// goes with it.
func (e *editor) wholeLines(start, end int) cut {
	from, to := e.lineStart(start), lineEnd(e.text, end)
	size := breakAt(e.text[to:])
	if size == 0 {
		switch before := e.text[:from]; {
		case strings.HasSuffix(before, "\r\n"):
			from -= 2
		case strings.HasSuffix(before, "\n"), strings.HasSuffix(before, "\r"):
			from--
		}
	}
	return cut{span{from, to + size}, ""}
}

// takeOutPair takes the key that is part k of a mapping out of it, with its value.
func (w *walk) takeOutPair(n *node, k int) ([]cut, bool) {
	key, value := n.parts[k], n.parts[k+1]
	end := max(key.place.end, value.place.end)
	if !key.place.known() || !value.place.known() {
		return nil, false
	}
	next := -1
	if k+2 < len(n.parts) {
		next = n.parts[k+2].place.start
	}
	if w.isFlow(n) {
		before := -1
		if k > 0 {
			before = max(n.parts[k-2].place.end, n.parts[k-1].place.end)
		}
		return w.outOfFlow(key.place.start, end, before, next)
	}
	return w.outOfBlock(key.place.start, end, next, "{}")
}

// isFlow reports whether n, which at stands in, is written in brackets or stands
// in such.
func (w *walk) isFlow(n *node) bool { return w.flow || w.bracketed(n) }

// takeOut takes the parts from i to last out of a list, with what stands between.
func (w *walk) takeOut(n *node, i, last int) ([]cut, bool) {
	start, end := n.parts[i].place.start, n.parts[last].place.end
	if !n.parts[i].place.known() || !n.parts[last].place.known() {
		return nil, false
	}
	next, before := -1, -1
	if w.isFlow(n) {
		if i > 0 {
			before = n.parts[i-1].place.end
		}
		if last+1 < len(n.parts) {
			next = n.parts[last+1].place.start
		}
		return w.outOfFlow(start, end, before, next)
	}
	dash, ok := w.dash(n, i)
	if last+1 < len(n.parts) && ok {
		next, ok = w.dash(n, last+1)
	}
	if !ok {
		return nil, false
	}
	return w.outOfBlock(dash, end, next, "")
}

// dash is where the sign before part i of a list stands.
func (w *walk) dash(n *node, i int) (at int, ok bool) {
	at = n.place.start
	if i > 0 {
		if !n.parts[i-1].place.known() {
			return 0, false
		}
		at = w.skip(n.parts[i-1].place.end)
	}
	return at, at < len(w.text) && w.text[at] == '-'
}

// outOfBlock takes out what stands from start to end over lines; next is where
// the next of its kind begins, or -1.
func (w *walk) outOfBlock(start, end, next int, only string) ([]cut, bool) {
	text := w.text
	if w.blankBefore(start) {
		return []cut{w.wholeLines(start, end)}, true
	}
	if next < 0 {
		return []cut{{span{start, end}, only}}, only != ""
	}
	if line := lineEnd(text, end); line < next && strings.Trim(text[line:next], " \r\n") != "" {
		return []cut{{span{start, line}, ""}}, true // a comment stands before the next
	}
	return []cut{{span{start, next}, ""}}, true
}

// outOfFlow takes out what stands from start to end in brackets, with one comma.
// Before is where what is before it ends and next where what follows begins, or -1.
func (w *walk) outOfFlow(start, end, before, next int) ([]cut, bool) {
	text := w.text
	comma := w.skip(end)
	hasComma := comma < len(text) && text[comma] == ','
	switch {
	case hasComma && w.blankBefore(start) && w.quietUntilBreak(comma+1):
		if line := lineEnd(text, end); line >= comma {
			return []cut{w.wholeLines(start, comma+1)}, true
		}
		return []cut{{span{start, end}, ""}, {span{comma, comma + 1}, ""}}, true
	case hasComma && next >= 0 && strings.Trim(text[comma+1:next], " ") == "":
		if lineEnd(text, end) < comma {
			return []cut{{span{start, end}, ""}, {span{comma, comma + 1}, ""}}, true
		}
		return []cut{{span{start, next}, ""}}, true
	case hasComma:
		return []cut{{span{start, end}, ""}, {span{comma, comma + 1}, ""}}, true
	case before < 0:
		return []cut{{span{start, end}, ""}}, true
	}
	sign := w.skip(before)
	if sign >= len(text) || text[sign] != ',' {
		return nil, false
	}
	if strings.Trim(text[before:start], " ,") == "" {
		return []cut{{span{before, end}, ""}}, true
	}
	return []cut{{span{sign, sign + 1}, ""}, {span{start, end}, ""}}, true
}

// quietUntilBreak reports whether nothing but a comment follows in the line.
func (w *walk) quietUntilBreak(i int) bool { return isQuiet(w.text[i:lineEnd(w.text, i)]) }
