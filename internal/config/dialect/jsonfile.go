package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/config"
)

const (
	maxJSON  = 256 << 10 // octets; room for some thousand names
	maxDepth = 32
	maxLine  = 4 << 10 // octets of a line that are looked at to show it
)

// kind is what a JSON value is.
type kind byte

const (
	jsonObject kind = iota + 1
	jsonArray
	jsonText
	jsonNumber
	jsonBoolean
	jsonNull
)

// node is a value of a JSON file, and where it stands.
type node struct {
	kind       kind
	text       string // of a text, a number, a boolean
	from       string // the variable that a text was put in from, where it is nothing else
	unset      bool   // a variable in it is not set
	start, end int    // octets
	fields     []field
	items      []*node
}

type field struct {
	name  string
	value *node
	start int // of the name
}

// field is the value of this name, which may be null; nil where it is not there.
//
//go:noinline // many callers: see dependencies.md
func (n *node) field(name string) *node {
	if n == nil {
		return nil
	}
	for _, f := range n.fields {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// jsonFile is a JSON file whose values know where they stand.
type jsonFile struct {
	path   string
	data   []byte
	root   *node
	secret []*node // values that no message may show
	open   bool    // it is known which values those are; otherwise no line is shown
}

// jsonError is what makes a file no JSON, and where.
type jsonError struct {
	reason string
	at     int    // octets
	hint   string // empty: how JSON is written
}

func (e *jsonError) Error() string { return e.reason }

// parseJSON reads a file. Its error is a *jsonError; the file is there for its
// places even then.
func parseJSON(path string, data []byte) (*jsonFile, error) {
	f := &jsonFile{path: path, data: bytes.TrimPrefix(data, []byte("\ufeff"))}
	switch {
	case len(data) > maxJSON:
		return f, &jsonError{reason: "the file is larger than 256 KiB", hint: "a configuration is not that long; is it the right file?"}
	case len(bytes.TrimSpace(f.data)) == 0:
		return f, &jsonError{reason: "the file is empty"}
	case !utf8.Valid(data):
		return f, &jsonError{reason: "the file is not valid UTF-8", hint: "save it as UTF-8"}
	}
	var whole json.RawMessage
	if err := json.Unmarshal(f.data, &whole); err != nil {
		at := len(f.data)
		if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = int(bad.Offset) - 1
		}
		return f, &jsonError{reason: "this is not JSON: " + err.Error(), at: at}
	}
	p := &jsonParser{dec: json.NewDecoder(bytes.NewReader(f.data)), data: f.data}
	p.dec.UseNumber()
	var err error
	f.root, err = p.value(0)
	return f, err
}

type jsonParser struct {
	dec  *json.Decoder
	data []byte
}

// start is where the next token begins.
func (p *jsonParser) start() int {
	at := int(p.dec.InputOffset())
	for at < len(p.data) && strings.IndexByte(" \t\r\n:,", p.data[at]) >= 0 {
		at++
	}
	return at
}

func (p *jsonParser) value(depth int) (*node, error) {
	n := &node{start: p.start()}
	if depth > maxDepth {
		return n, &jsonError{"it is nested too deeply", n.start, "no configuration is; is it the right file?"}
	}
	t, err := p.dec.Token()
	if err != nil {
		return n, &jsonError{reason: err.Error(), at: n.start}
	}
	switch v := t.(type) {
	case json.Delim:
		if err := p.inside(n, v, depth); err != nil {
			return n, err
		}
	case string:
		n.kind, n.text = jsonText, v
	case json.Number:
		n.kind, n.text = jsonNumber, v.String()
	case bool:
		n.kind, n.text = jsonBoolean, fmt.Sprint(v)
	default:
		n.kind = jsonNull
	}
	n.end = int(p.dec.InputOffset())
	return n, nil
}

// inside reads what is between two brackets, and the second of them.
func (p *jsonParser) inside(n *node, open json.Delim, depth int) error {
	n.kind = jsonArray
	if open == '{' {
		n.kind = jsonObject
	}
	for p.dec.More() {
		f := field{start: p.start()}
		if n.kind == jsonObject {
			t, err := p.dec.Token()
			if err != nil {
				return &jsonError{reason: err.Error(), at: f.start}
			}
			f.name, _ = t.(string)
			if n.field(f.name) != nil {
				return &jsonError{fmt.Sprintf("the key %.40q stands there twice", f.name), f.start, "keep one of the two"}
			}
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		if f.value = v; n.kind == jsonObject {
			n.fields = append(n.fields, f)
		} else {
			n.items = append(n.items, v)
		}
	}
	_, err := p.dec.Token()
	return err
}

// showOnly lets messages show the lines of the file, and in them no values but
// those of these keys.
func (f *jsonFile) showOnly(keys ...string) {
	f.open = true
	f.hide(f.root, keys)
}

func (f *jsonFile) hide(n *node, keys []string) {
	for _, field := range n.fields {
		if slices.Contains(keys, field.name) {
			f.hide(field.value, keys)
		} else {
			f.secret = append(f.secret, field.value)
		}
	}
	for _, item := range n.items {
		f.hide(item, keys)
	}
	if strings.Contains(n.text, "://") {
		f.secret = append(f.secret, n) // an address may have a password in it
	}
}

// origin is a place in the file. Its line is shown without what is secret in
// it.
func (f *jsonFile) origin(name string, at int) *config.Origin {
	at = min(max(at, 0), len(f.data))
	begin := bytes.LastIndexByte(f.data[:at], '\n') + 1
	end := len(f.data)
	if i := bytes.IndexByte(f.data[begin:], '\n'); i >= 0 {
		end = begin + i
	}
	o := &config.Origin{Name: name, File: f.path, Line: bytes.Count(f.data[:begin], []byte("\n")) + 1,
		Column: utf8.RuneCount(f.data[begin:at]) + 1}
	if f.open {
		o.Source = f.shown(begin, end)
	}
	return o
}

// shown is a part of the file as a message may show it.
func (f *jsonFile) shown(begin, end int) string {
	end = min(end, begin+maxLine)
	line := bytes.Clone(f.data[begin:end])
	for _, s := range f.secret {
		for i := max(s.start, begin); i < min(s.end, end); i++ {
			line[i-begin] = 0
		}
	}
	masked := false
	out := strings.Map(func(c rune) rune {
		again := masked
		masked = c == 0
		switch {
		case c == 0 && again:
			return -1
		case c == 0:
			return '…'
		case c == '\t':
			return ' '
		case unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c):
			return -1
		}
		return c
	}, string(line))
	if runes := []rune(out); len(runes) > 120 {
		out = string(runes[:119]) + "…"
	}
	return strings.TrimRight(out, " ")
}
