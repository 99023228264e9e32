package config

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// documents are what a text holds.
type documents struct {
	first, second *node
	refused       []*node // anchors, aliases, tags and merge keys
}

// syntaxError is why a text is no YAML.
type syntaxError struct {
	message      string
	line, column int
	within       *within // in what; nil where that is not known
}

type within struct {
	what         string // "while scanning a quoted scalar"
	line, column int
}

func (w *within) is(what string) bool { return strings.HasSuffix(w.what, "ing "+what) }

// tooDeep is the message about what is nested deeper than maxDepth.
const tooDeep = "it is nested too deeply"

// parseYAML reads all documents of a text. It is the only place that knows the
// library.
func parseYAML(text string) (d documents, bad *syntaxError) {
	defer func() {
		if p := recover(); p != nil { // in what is not ours
			bad = &syntaxError{message: "the parser gave up"}
		}
	}()
	loader, err := yaml.NewLoader(bytes.NewReader([]byte(text)), yaml.WithPlugin(strictness{}))
	t := tree{text: text, line: 1, column: 1}
	t.at = len(text) - len(strings.TrimPrefix(text, byteOrderMark))
	for err == nil {
		var document yaml.Node
		if err = loader.Load(&document); err == nil && len(document.Content) == 1 {
			d.add(t.node(document.Content[0]))
		}
	}
	d.refused = t.refused
	if errors.Is(err, io.EOF) {
		return d, nil
	}
	return documents{}, whyNot(err)
}

// add adds a document. One in which nothing stands is none.
func (d *documents) add(n *node) {
	switch {
	case n.kind == nullNode:
	case d.first == nil:
		d.first = n
	case d.second == nil:
		d.second = n
	}
}

func whyNot(err error) *syntaxError {
	bad, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		return &syntaxError{message: err.Error()}
	}
	out := &syntaxError{message: bad.Message, line: bad.Mark.Line, column: bad.Mark.Column}
	if bad.ContextMark.Line > 0 {
		out.within = &within{bad.ContextMsg, bad.ContextMark.Line, bad.ContextMark.Column}
	}
	return out
}

// strictness is what of YAML is taken. An alias is no error yet, even of an
// anchor that is not there, so that all of them can be told.
type strictness struct{}

func (strictness) CheckDepth(depth int, _ *yaml.DepthContext) error {
	if depth > maxDepth {
		return errors.New(tooDeep)
	}
	return nil
}

func (strictness) CheckAlias(int, int) error { return nil }

func (strictness) NewAliasDataContext(yaml.AliasDataServices) (yaml.AliasDataContext, error) {
	return strictness{}, nil
}

func (strictness) BeginDocument() error                  { return nil }
func (strictness) EndDocument() error                    { return nil }
func (strictness) DefineAnchor(string, *yaml.Node) error { return nil }

func (strictness) ResolveAlias(string) (*yaml.Node, bool, error) {
	return &yaml.Node{Kind: yaml.ScalarNode}, true, nil
}
