package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// YAMLText is a text of a YAML file, and where it stands: "a.b[0].c". Keys are
// in lower case.
type YAMLText struct {
	Path, Text string
	Line       int // from 1
}

// YAMLTexts are the texts of somebody else's YAML, in order. Aliases are passed
// over. The error says, without a word of the file, why it is none.
func YAMLTexts(file string) (texts []YAMLText, err error) {
	if len(file) > maxYAML || !utf8.ValidString(file) {
		return nil, errors.New("this is no YAML file of at most 256 KiB in UTF-8")
	}
	d, bad := parseYAML(file)
	switch {
	case bad != nil:
		return nil, fmt.Errorf("this is no YAML (line %d)", bad.line)
	case d.first == nil:
		return nil, nil
	}
	return d.first.texts("", nil), nil
}

// texts adds those of n, which stands at path.
func (n *node) texts(path string, all []YAMLText) []YAMLText {
	switch n.kind {
	case textNode:
		return append(all, YAMLText{path, n.text, n.line})
	case listNode:
		for i, item := range n.parts {
			all = item.texts(fmt.Sprintf("%s[%d]", path, i), all)
		}
	case mapNode:
		for i := 0; i+1 < len(n.parts); i += 2 {
			all = n.parts[i+1].texts(strings.TrimPrefix(path+"."+strings.ToLower(n.parts[i].text), "."), all)
		}
	}
	return all
}
