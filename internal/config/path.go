package config

import (
	"strconv"
	"strings"
)

// pattern is the path of the row of the table that path belongs to: names and
// indexes in it become "*", and the index of a list's item is left out. That
// of an account, a site, a record or a list itself is its section.
func pattern(path string) string {
	if o := owner(path); o == path && o != "" {
		return o[:strings.IndexAny(o, ".[")] + ".*"
	}
	if rest, ok := strings.CutPrefix(path, "accounts."); ok {
		_, leaf, _ := strings.Cut(rest, ".")
		return "accounts.*." + leaf
	}
	path, _, _ = cutItem(path)
	if rest, ok := strings.CutPrefix(path, "sites."); ok {
		_, below, _ := strings.Cut(rest, ".")
		return "sites.*." + below
	}
	head, rest, indexed := strings.Cut(path, "[")
	if !indexed {
		return path
	}
	_, leaf, _ := strings.Cut(rest, "]")
	return head + ".*" + leaf
}

// cutItem takes the index of a list's item off a path.
func cutItem(path string) (list string, index int, ok bool) {
	open := strings.LastIndexByte(path, '[')
	if open < 0 || !strings.HasSuffix(path, "]") {
		return path, 0, false
	}
	n, err := strconv.Atoi(path[open+1 : len(path)-1])
	return path[:open], n, err == nil
}

// owner is the account, site, record or list that path speaks of: "accounts.home",
// "records[3]"; empty for settings that are there once.
func owner(path string) string {
	for _, kind := range []string{"accounts.", "sites."} {
		if rest, ok := strings.CutPrefix(path, kind); ok {
			name, _, _ := strings.Cut(rest, ".")
			return kind + name
		}
	}
	for _, kind := range []string{"records[", "lists["} {
		if strings.HasPrefix(path, kind) {
			if end := strings.IndexByte(path, ']'); end >= 0 {
				return path[:end+1]
			}
			return path + "]"
		}
	}
	return ""
}

// leaf is the last part of a path.
//
//go:noinline // many callers: see dependencies.md
func leaf(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// group is what is taken from one draft as a whole: a person's records in the
// environment replace those of the file, and so does any list.
func group(path string) string {
	switch o := owner(path); {
	case strings.HasPrefix(o, "records["):
		return "records"
	case strings.HasPrefix(o, "lists["):
		return "lists"
	}
	if attribute, ok := strings.CutPrefix(path, "policy."); ok && fieldsOf(attribute) != 0 {
		return "policy.enforce"
	}
	list, _, _ := cutItem(path)
	return list
}
