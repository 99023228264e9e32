package route53

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/provider/rest"
)

// element is one of an XML document: a text, or what stands in it. Attributes and
// namespaces say nothing here.
type element struct {
	name     string
	text     string
	children []*element
}

// maxDepth bounds how deep elements lie in each other; those of Route 53 stand six
// deep at most.
const maxDepth = 16

// textAt returns the text of the element that these names lead to; empty where there is none.
func (e *element) textAt(path ...string) string {
	if e = e.find(path...); e == nil {
		return ""
	}
	return e.text
}

// find returns the first element that these names lead to; nil where there is none.
func (e *element) find(path ...string) *element {
	for _, name := range path {
		if e == nil {
			return nil
		}
		next := (*element)(nil)
		for _, k := range e.children {
			if k.name == name {
				next = k
				break
			}
		}
		e = next
	}
	return e
}

// childrenAt returns the children of the element that these names lead to.
func (e *element) childrenAt(path ...string) []*element {
	if e = e.find(path...); e == nil {
		return nil
	}
	return e.children
}

// parseListDocument reads a document with a list, of which each row is what the API's are: a
// list that is not there is none without rows.
func parseListDocument(r io.Reader, root, list string, whole func(row *element) bool) (*element, error) {
	doc, err := parseDocument(r, root)
	switch {
	case err != nil:
		return nil, err
	case doc.find(list) == nil:
		return nil, fmt.Errorf("it has no <%s>", list)
	}
	if rows := doc.childrenAt(list); !rest.AllRows(len(rows), func(i int) bool { return whole(rows[i]) }) {
		return nil, fmt.Errorf("a row of <%s> does not say what it is", list)
	}
	return doc, nil
}

// parseDocument reads a document whose root has this name.
func parseDocument(r io.Reader, root string) (*element, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	e, err := parseXML(string(b))
	switch {
	case err != nil:
		return nil, err
	case e.name != root:
		return nil, fmt.Errorf("it is <%.40s> and not <%s>", e.name, root)
	}
	return e, nil
}

// parseXML reads one document: elements, texts, comments and instructions, and no
// definitions, so that nothing in it stands for something else. Where it breaks
// off, what was read comes with the error.
func parseXML(s string) (*element, error) {
	var top element
	open := []*element{&top}
	for s != "" {
		text, rest, tagged := strings.Cut(s, "<")
		here := open[len(open)-1]
		if strings.TrimSpace(text) != "" || here.text == "" {
			if strings.TrimSpace(here.text) != "" || len(here.children) > 0 && strings.TrimSpace(text) != "" || len(open) == 1 && strings.TrimSpace(text) != "" {
				return top.first(), errors.New("a text stands where none can")
			}
			here.text = unescapeXML(text)
		}
		if !tagged {
			break
		}
		tag, after, err := cutTag(rest)
		if err != nil {
			return top.first(), err
		}
		s = after
		if open, err = applyTag(open, tag); err != nil {
			return top.first(), err
		}
	}
	if len(open) > 1 || len(top.children) != 1 {
		return top.first(), io.ErrUnexpectedEOF
	}
	return top.children[0], nil
}

// applyTag opens or closes an element, and returns those that are open then; an empty tag is none.
func applyTag(open []*element, tag string) ([]*element, error) {
	here := open[len(open)-1]
	name, closing := strings.CutPrefix(tag, "/")
	switch {
	case tag == "":
		return open, nil
	case closing && (len(open) == 1 || here.name != strings.TrimSpace(name)):
		return open, fmt.Errorf("</%.40s> closes what is not open", name)
	case closing:
		return open[:len(open)-1], nil
	case len(open) > maxDepth:
		return open, errors.New("its elements lie too deep in each other")
	}
	name, empty := strings.CutSuffix(tag, "/")
	name, _, _ = strings.Cut(strings.TrimSpace(strings.Map(blank, name)), " ")
	if name = strings.TrimSpace(name); name == "" {
		return open, errors.New("an element has no name")
	}
	if strings.ContainsAny(name, "/!?<=&\"'") {
		return open, fmt.Errorf("<%.40s> is no name of an element", name)
	}
	if strings.TrimSpace(here.text) != "" {
		return open, errors.New("a text stands where none can")
	}
	k := &element{name: name}
	here.text, here.children = "", append(here.children, k)
	if empty {
		return open, nil
	}
	return append(open, k), nil
}

func blank(r rune) rune {
	if r == '\t' || r == '\n' || r == '\r' {
		return ' '
	}
	return r
}

// first returns the root of a document, also of one that breaks off.
func (e *element) first() *element {
	if len(e.children) == 0 {
		return e
	}
	return e.children[0]
}

// cutTag reads a tag whose < is gone; a comment or an instruction is an empty one.
func cutTag(s string) (tag, rest string, err error) {
	end := ">"
	switch {
	case strings.HasPrefix(s, "!--"):
		end = "-->"
	case strings.HasPrefix(s, "?"):
		end = "?>"
	case strings.HasPrefix(s, "!"):
		return "", "", errors.New("it holds a definition")
	}
	tag, rest, ok := strings.Cut(s, end)
	if !ok {
		return "", "", io.ErrUnexpectedEOF
	}
	if end != ">" {
		tag = ""
	} else if strings.TrimSpace(tag) == "" {
		return "", "", errors.New("a tag is empty")
	}
	return tag, rest, nil
}

// unescapeXML replaces the escapes of XML in a text; what is none stays as it is.
func unescapeXML(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, "&")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		word, rest := after[:min(len(after), 12)], "" // no escape is longer
		word, _, ok = strings.Cut(word, ";")
		c, known := entityRune(word)
		if !ok || !known {
			b.WriteByte('&')
			s = after
			continue
		}
		rest = after[len(word)+1:]
		b.WriteRune(c)
		s = rest
	}
}

func entityRune(word string) (rune, bool) {
	switch word {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, numbered := strings.CutPrefix(word, "#")
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	return rune(n), numbered && err == nil
}

// writeElement writes an element with a text.
func writeElement(b *strings.Builder, name, text string) {
	b.WriteString("<" + name + ">")
	for i := range len(text) {
		switch c := text[i]; c {
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		default:
			b.WriteByte(c)
		}
	}
	b.WriteString("</" + name + ">")
}
