package config

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxYAML   = 256 << 10 // octets of a homing.yaml: room for some thousand records
	maxDepth  = 16        // of brackets in brackets
	maxEmpty  = 1000      // keys without a value, over whose square the parser's time grows
	maxIndent = 120       // columns; so many blanks are a nesting that nothing here has
)

// readYAML adds what a homing.yaml says.
func (d *Draft) readYAML(in Input, path string, b []byte) {
	d.yaml = true
	d.Files = append(d.Files, path)
	r := yamlReader{d: d, in: in, file: path, table: newTable()}
	text := strings.TrimPrefix(string(b), "\ufeff")
	switch {
	case len(b) > maxYAML:
		r.wrong("", 0, 0, "the file is larger than 256 KiB", "a configuration is not that long; is it the right file?")
		return
	case !utf8.ValidString(text):
		r.wrong("", 0, 0, "the file is not valid UTF-8", "save it as UTF-8")
		return
	}
	r.lines = strings.Split(text, "\n")
	r.harmless = r.goesOn()
	// The lexer drops a tag that ends the text.
	if top := r.parse(text + "\n"); top != nil {
		r.section("", top)
	}
}

// parse is the one mapping that the file is; nil where it is empty or was
// refused.
func (r *yamlReader) parse(text string) ast.Node {
	tokens, err := tokenize(text)
	if err == nil {
		var f *ast.File
		if f, err = parseTokens(tokens); err == nil {
			return r.document(f)
		}
	}
	if bad, ok := errors.AsType[*misplaced](err); ok {
		r.wrong("", bad.token.Position.Line, bad.token.Position.Column, bad.reason, "write it out in full; a text with signs such as * & ! @ in front needs quotes")
		return nil
	}
	var at interface {
		GetMessage() string
		GetToken() *token.Token
	}
	line, column, message := 0, 0, err.Error()
	if errors.As(err, &at) && at.GetToken() != nil {
		message, line, column = at.GetMessage(), at.GetToken().Position.Line, at.GetToken().Position.Column
	}
	r.wrong("", line, column, "this is not YAML: "+unquoted(message), "look at indents, brackets and quotes; a text with signs such as * & ! @ in front needs quotes")
	return nil
}

// unquoted is the first line of a message without what it quotes of the file,
// which may be a secret; signs may stay.
func unquoted(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	for _, quote := range []string{`"`, "'", "`"} {
		parts := strings.Split(message, quote)
		for i := 1; i < len(parts); i += 2 {
			if len(parts[i]) > 2 {
				parts[i] = "…"
			}
		}
		message = strings.Join(parts, quote)
	}
	return clean(message)
}

// document is the only document of f.
func (r *yamlReader) document(f *ast.File) ast.Node {
	var top ast.Node
	for _, doc := range f.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.CommentType:
		case top != nil:
			p := doc.Body.GetToken().Position
			r.wrong("", p.Line, p.Column, "a second document begins here", "write everything into one, without a line of ---")
		default:
			top = doc.Body
		}
	}
	return top
}

// tokenize cuts a text into tokens, and refuses what would nest deeper than a
// parser that calls itself can go.
func tokenize(text string) (tokens token.Tokens, err error) {
	defer caught(&err)
	depth, empty := 0, 0
	tokens = lexer.Tokenize(text)
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType:
			if depth <= 0 && t.Prev != nil && t.Position.Column > maxIndent {
				return nil, &misplaced{t, "it is nested too deeply"}
			}
		case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType, token.DirectiveType:
			return nil, &misplaced{t, "anchors, aliases, tags and directives are not taken"}
		}
		if t.Type == token.MappingValueType && depth <= 0 && isEmpty(t) {
			if empty++; empty > maxEmpty {
				return nil, &misplaced{t, "so many keys with nothing behind them are no configuration"}
			}
		}
		if depth > maxDepth {
			return nil, &misplaced{t, "it is nested too deeply"}
		}
	}
	return tokens, nil
}

// isEmpty says whether nothing stands behind this colon.
func isEmpty(colon *token.Token) bool {
	next := colon.Next
	for next != nil && next.Type == token.CommentType {
		next = next.Next
	}
	return next == nil || colon.Prev == nil || next.Position.Line > colon.Position.Line &&
		next.Position.Column <= colon.Prev.Position.Column && next.Type != token.SequenceEntryType
}

func parseTokens(tokens token.Tokens) (f *ast.File, err error) {
	defer caught(&err)
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// caught turns a panic of the parser, which is not ours, into an error.
func caught(err *error) {
	if p := recover(); p != nil {
		*err = errors.New("the parser gave up")
	}
}

// misplaced is a token that does not belong there.
type misplaced struct {
	token  *token.Token
	reason string
}

func (m *misplaced) Error() string { return m.reason }
