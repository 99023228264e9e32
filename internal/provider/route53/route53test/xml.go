package route53test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// node is an element of a request.
type node struct {
	name, text string
	kids       []*node
}

// document reads a request: elements without attributes but the namespace of the
// first.
func document(s string) (*node, error) {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "<?xml ") {
		_, s, _ = strings.Cut(s, "?>")
	}
	n, rest, err := read(strings.TrimSpace(s), true)
	if err == nil && strings.TrimSpace(rest) != "" {
		err = fmt.Errorf("%.20q stands behind the end", rest)
	}
	return n, err
}

func read(s string, root bool) (*node, string, error) {
	head, rest, ok := strings.Cut(s, ">")
	head, opened := strings.CutPrefix(head, "<")
	if !ok || !opened {
		return nil, "", fmt.Errorf("no element at %.20q", s)
	}
	if root {
		head = strings.TrimSuffix(head, namespace)
	}
	head, empty := strings.CutSuffix(head, "/")
	n := &node{name: strings.TrimSpace(head)}
	if n.name == "" || strings.ContainsAny(n.name, " \"='&") {
		return nil, "", fmt.Errorf("%.60q is no element here", head)
	}
	if empty {
		return n, rest, nil
	}
	for {
		text, after, ok := strings.Cut(rest, "<")
		if !ok {
			return nil, "", fmt.Errorf("%s has no end", n.name)
		}
		n.text += text
		if closing, ok := strings.CutPrefix(after, "/"+n.name+">"); ok {
			text, err := plain(n.text)
			if n.text = text; len(n.kids) > 0 && strings.TrimSpace(text) != "" {
				err = fmt.Errorf("%s holds text", n.name)
			}
			return n, closing, err
		}
		k, more, err := read("<"+after, false)
		if err != nil {
			return nil, "", err
		}
		n.kids, rest = append(n.kids, k), more
	}
}

// plain is a text without escapes.
func plain(s string) (string, error) {
	parts := strings.Split(s, "&")
	for i, p := range parts[1:] {
		word, rest, ok := strings.Cut(p, ";")
		c := map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"', "apos": '\''}[word]
		if digits, numbered := strings.CutPrefix(word, "#"); numbered {
			base := 10
			if hex, ok := strings.CutPrefix(digits, "x"); ok {
				digits, base = hex, 16
			}
			n, _ := strconv.ParseUint(digits, base, 21)
			c = rune(n)
		}
		if !ok || c == 0 {
			return "", fmt.Errorf("&%.10q is no escape", p)
		}
		parts[i+1] = string(c) + rest
	}
	return strings.Join(parts, ""), nil
}

// shape is what may stand in what: a name with + may be there several times.
func shape() map[string][]string {
	return map[string][]string{
		"ChangeResourceRecordSetsRequest": {"ChangeBatch"},
		"ChangeBatch":                     {"Comment", "Changes"},
		"Changes":                         {"Change+"},
		"Change":                          {"Action", "ResourceRecordSet"},
		"ResourceRecordSet":               {"Name", "Type", "TTL", "ResourceRecords"},
		"ResourceRecords":                 {"ResourceRecord+"},
		"ResourceRecord":                  {"Value"},
	}
}

func (n *node) check() error {
	for i, k := range n.kids {
		many := slices.Contains(shape()[n.name], k.name+"+")
		again := slices.ContainsFunc(n.kids[:i], func(o *node) bool { return o.name == k.name })
		if !many && (again || !slices.Contains(shape()[n.name], k.name)) {
			return fmt.Errorf("unexpected element %s in %s", k.name, n.name)
		}
		if err := k.check(); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) kid(name string) *node {
	for _, k := range n.kids {
		if k.name == name {
			return k
		}
	}
	return &node{}
}

// editsOf is the changes of a request, or what is wrong with it.
func editsOf(body string) (edits []edit, malformed string) {
	n, err := document(body)
	if err == nil {
		err = n.check()
	}
	if err == nil && n.name != "ChangeResourceRecordSetsRequest" {
		err = fmt.Errorf("it is %s", n.name)
	}
	if err != nil {
		return nil, "Invalid XML ; " + err.Error()
	}
	for _, c := range n.kid("ChangeBatch").kid("Changes").kids {
		s := c.kid("ResourceRecordSet")
		e := edit{action: c.kid("Action").text, set: Set{Name: lower(s.kid("Name").text), Type: s.kid("Type").text}}
		ttl, err := strconv.ParseUint(s.kid("TTL").text, 10, 31)
		e.set.TTL = int(ttl)
		for _, r := range s.kid("ResourceRecords").kids {
			e.set.Values = append(e.set.Values, r.kid("Value").text)
		}
		switch {
		case !slices.Contains([]string{"CREATE", "DELETE", "UPSERT"}, e.action):
			return nil, "Invalid action " + e.action
		case !slices.Contains([]string{"A", "AAAA", "CNAME", "NS", "TXT", "MX", "SOA"}, e.set.Type):
			return nil, "Invalid type " + e.set.Type
		case err != nil, len(e.set.Values) == 0, e.set.Name == "":
			return nil, "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=" +
				e.action + ", Name=" + e.set.Name + ", Type=" + e.set.Type + ", SetIdentifier=null]"
		}
		edits = append(edits, e)
	}
	if len(edits) == 0 {
		return nil, "1 validation error detected: Value '[]' at 'changeBatch.changes' failed to satisfy constraint: Member must have length greater than or equal to 1"
	}
	return edits, ""
}
