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
	maxKeys   = 2000      // in one mapping, over whose square the parser's time grows
	maxItems  = 20_000    // that begin with a dash, for the same reason
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
		r.wrong("", bad.token.Position.Line, bad.token.Position.Column, bad.reason, bad.hint)
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
	hint := "look at indents, brackets and quotes; a text with signs such as * & ! @ in front needs quotes"
	if r.tabbed(line) {
		hint = "indent with blanks; YAML takes no tabs there"
	}
	r.wrong("", line, column, "this is not YAML: "+unquoted(message), hint)
	return nil
}

// tabbed says whether a tab stands in the indent of a line.
func (r *yamlReader) tabbed(line int) bool {
	return line > 0 && line <= len(r.lines) && strings.HasPrefix(strings.TrimLeft(r.lines[line-1], " "), "\t")
}

// unquoted is the first line of a message without what it quotes of the file,
// which may be a secret; signs may stay.
func unquoted(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	var b strings.Builder
	for {
		i := strings.IndexAny(message, "\"'`")
		if i < 0 {
			return brief(b.String() + message)
		}
		quote := message[i : i+1]
		inside, rest, closed := strings.Cut(message[i+1:], quote)
		if inside == "\t" {
			inside = "tab"
		} else if len(inside) > 2 || !closed {
			inside = "…"
		}
		b.WriteString(message[:i] + quote + inside + quote)
		message = rest
	}
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
	depth, items := 0, 0
	keys := make(map[int]int) // of the mappings that are open, by their columns; -depth for one in brackets
	tokens = lexer.Tokenize(text)
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType:
			if depth <= 0 && t.Prev != nil && t.Position.Column > maxIndent {
				return nil, tooMuch(t, "it is nested too deeply")
			}
			if t.Type == token.SequenceEntryType {
				items++
			}
		case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType, token.DirectiveType:
			return nil, &misplaced{t, "anchors, aliases, tags and directives are not taken",
				"write it out in full; a text with signs such as * & ! @ in front needs quotes"}
		}
		if countKeys(keys, t, depth) > maxKeys || items > maxItems {
			return nil, tooMuch(t, "so much in one place is no configuration")
		}
		if depth > maxDepth {
			return nil, tooMuch(t, "it is nested too deeply")
		}
	}
	return tokens, nil
}

// countKeys is how many keys the mapping has in which t begins the value of
// one, so far; 0 for other tokens.
func countKeys(keys map[int]int, t *token.Token, depth int) int {
	column := -depth
	if depth <= 0 && t.Prev != nil {
		column = t.Prev.Position.Column
	}
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		delete(keys, column)
	case token.SequenceEntryType:
		for open := range keys {
			if open > t.Position.Column {
				delete(keys, open) // it is of the item before
			}
		}
	case token.MappingValueType:
		for open := range keys {
			if open > column && column > 0 {
				delete(keys, open)
			}
		}
		keys[column]++
		return keys[column]
	}
	return 0
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
	token        *token.Token
	reason, hint string
}

func (m *misplaced) Error() string { return m.reason }

// tooMuch is for what no configuration has, and a parser would take too long over.
func tooMuch(t *token.Token, reason string) error {
	return &misplaced{t, reason, "is it the right file?"}
}
