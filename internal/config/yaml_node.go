package config

import (
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// textOf is the text of a scalar, as it is written: 0123 is not 83.
func textOf(n ast.Node) (text string, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.NullNode:
		return "", true
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	case *ast.MappingNode:
		if len(n.Values) == 1 && n.Start.Type != token.MappingStartType {
			return joined(n.Values[0])
		}
	}
	return "", false
}

// joined is the text "url:x", which the parser takes for a key and a value
// when it stands in brackets in braces.
func joined(pair *ast.MappingValueNode) (string, bool) {
	colon, value := pair.Start.Position, pair.Value.GetToken().Position
	key, isText := textOf(pair.Key)
	text, simple := textOf(pair.Value)
	adjacent := value.Line == colon.Line && value.Column == colon.Column+1
	return key + ":" + text, isText && simple && adjacent && pair.Value.Type() != ast.NullType
}

// pairsOf are the keys and values of a mapping.
func pairsOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// itemsOf are the items of a sequence; anything else is the only item.
func itemsOf(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.SequenceNode:
		return n.Values
	case *ast.NullNode:
		return nil
	}
	return []ast.Node{n}
}
