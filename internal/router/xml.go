package router

import "strings"

// nextElement returns what stands in the first element of this name, whatever its prefix,
// and what follows it. What is not closed is none, and nothing follows. Elements
// of one name do not stand in each other in what a router says; encoding/xml
// would be 0.12 MB.
func nextElement(doc, name string) (inside, rest string) {
	for {
		at := strings.IndexByte(doc, '<')
		if at < 0 {
			return "", ""
		}
		doc = doc[at+1:]
		end := strings.IndexByte(doc, '>')
		if end < 0 {
			return "", ""
		}
		tag := doc[:end]
		doc = doc[end+1:]
		if !hasTagName(tag, name) || strings.HasSuffix(tag, "/") {
			continue
		}
		for inside = doc; ; {
			close := strings.Index(doc, "</")
			if close < 0 {
				return "", ""
			}
			until := len(inside) - len(doc) + close
			doc = doc[close+2:]
			end := strings.IndexByte(doc, '>')
			if end < 0 {
				return "", ""
			}
			tag := doc[:end]
			if doc = doc[end+1:]; hasTagName(tag, name) {
				return inside[:until], doc
			}
		}
	}
}

// hasTagName reports whether a tag is of this name, whatever its prefix and attributes.
func hasTagName(tag, name string) bool {
	if i := strings.IndexAny(tag, " \t\r\n/"); i >= 0 {
		tag = tag[:i]
	}
	return tag[strings.LastIndexByte(tag, ':')+1:] == name
}

// elementText returns the text of the first element of this name.
func elementText(doc, name string) string {
	inside, _ := nextElement(doc, name)
	return strings.ReplaceAll(strings.TrimSpace(inside), "&amp;", "&")
}
