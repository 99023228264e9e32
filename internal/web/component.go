package web

import (
	"bytes"
	"html"
	"net/http"
	"strings"
)

// What templ and tools/slim.go make of a .templ file writes to a buffer, and calls
// these.

// escape writes a text so that no part of it is read as HTML.
func escape(to *bytes.Buffer, text string) { to.WriteString(html.EscapeString(text)) }

// write writes HTML, and a text behind it.
func write(to *bytes.Buffer, markup, text string) {
	to.WriteString(markup)
	escape(to, text)
}

// escapeURL writes an address; one that could run a script becomes one that does
// nothing.
func escapeURL(to *bytes.Buffer, url string) {
	if i := strings.IndexAny(url, ":/?#"); i >= 0 && url[i] == ':' && url[:i] != "http" && url[:i] != "https" {
		url = "about:invalid"
	}
	escape(to, url)
}

// classes are those with a name, as an attribute has them.
func classes(names ...string) string {
	return strings.Join(strings.Fields(strings.Join(names, " ")), " ")
}

// when is a class that an element has only sometimes.
func when(class string, is bool) string {
	if is {
		return class
	}
	return ""
}

// writePage sends a page once all of it is made.
func writePage(w http.ResponseWriter, r *http.Request, status int, page *bytes.Buffer) {
	writePacked(w, r, status, "text/html; charset=utf-8", page.Bytes())
}
