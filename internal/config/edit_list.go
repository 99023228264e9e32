package config

import "strings"

// item is what is new in a list: in lines, and in one.
func (w *walk) item(rest []step, items []string) (block []string, flow string) {
	return w.blockOf(append([]step{{}}, rest...), items), w.flowOf(rest, items)
}

// addItem adds an item behind the last of the list that is there.
func (w *walk) addItem(block []string, flow string) ([]cut, bool) {
	n, text := w.at, w.text
	if w.flow || w.bracketed(n) {
		if len(n.parts) == 0 {
			return []cut{{span{n.place.start + 1, n.place.start + 1}, flow}}, true
		}
		end := n.parts[len(n.parts)-1].place.end
		return []cut{{span{end, end}, ", " + flow}}, true
	}
	end := lineEnd(text, n.place.end)
	return []cut{{span{end, end}, w.lines(n.column-1, block)}}, true
}

// rewrite makes the items of a list these, and leaves alone those that are the same.
func (w *walk) rewrite(items []string) ([]cut, bool) {
	old := w.at.parts
	same := func(n *node, item string) bool { return n.kind == textNode && n.text == literal(item) }
	head := 0
	for head < len(old) && head < len(items) && same(old[head], items[head]) {
		head++
	}
	tail := 0
	for tail < len(old)-head && tail < len(items)-head && same(old[len(old)-1-tail], items[len(items)-1-tail]) {
		tail++
	}
	was, is := old[head:len(old)-tail], items[head:len(items)-tail]
	both := min(len(was), len(is))
	var cuts []cut
	for i := range both {
		if was[i].kind != textNode || !was[i].place.known() {
			return nil, false
		}
		cuts = append(cuts, w.instead(was[i], w.styledItem(was[i], is[i])))
	}
	switch {
	case len(was) > both:
		gone, ok := w.takeOut(w.at, head+both, head+len(was)-1)
		if !ok {
			return nil, false
		}
		cuts = append(cuts, gone...)
	case len(is) > both:
		more, ok := w.insert(head+both, is[both:])
		if !ok {
			return nil, false
		}
		cuts = append(cuts, more...)
	}
	return cuts, true
}

func (w *walk) styledItem(n *node, text string) string {
	item := *w
	item.form = Text
	return item.styled(n, text)
}

// insert puts items into the list that is there, before its part i.
func (w *walk) insert(i int, items []string) ([]cut, bool) {
	n, text := w.at, w.text
	var lines, words []string
	for _, item := range items {
		words = append(words, scalar(Text, item))
		lines = append(lines, "- "+scalar(Text, item))
	}
	brackets := w.flow || w.bracketed(n)
	switch {
	case brackets && len(n.parts) == 0:
		return []cut{{span{n.place.start + 1, n.place.start + 1}, strings.Join(words, ", ")}}, true
	case brackets && i == 0:
		at := n.parts[0].place.start
		return []cut{{span{at, at}, strings.Join(words, ", ") + ", "}}, true
	case brackets:
		at := n.parts[i-1].place.end
		return []cut{{span{at, at}, ", " + strings.Join(words, ", ")}}, true
	case i == 0:
		at := n.place.start
		return []cut{{span{at, at}, strings.Join(lines, w.eol()+strings.Repeat(" ", n.column-1)) + w.eol() + strings.Repeat(" ", n.column-1)}}, true
	}
	at := lineEnd(text, n.parts[i-1].place.end)
	return []cut{{span{at, at}, w.lines(n.column-1, lines)}}, true
}
