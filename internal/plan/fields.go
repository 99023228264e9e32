package plan

import (
	"strings"

	"github.com/homing-dns/homing/internal/dns"
)

// Fields is a set of the parts of a record that can change.
type Fields uint8

const (
	Content Fields = 1 << iota
	Proxied
	TTL
	Comment
	Tags
)

// Has reports whether any of g is in f.
func (f Fields) Has(g Fields) bool { return f&g != 0 }

// Names returns the fields as the settings and the JSON write them.
//
//go:noinline // many callers: see dependencies.md
func (f Fields) Names() []string {
	names := []string{}
	for i, n := range [...]string{"content", "proxied", "ttl", "comment", "tags"} {
		if f&(1<<i) != 0 {
			names = append(names, n)
		}
	}
	return names
}

func (f Fields) String() string { return strings.Join(f.Names(), ", ") }

// Differ returns the set of fields in which two records are not the same.
func Differ(a, b *dns.Record) Fields {
	var f Fields
	if a.Content() != b.Content() {
		f |= Content
	}
	if a.Proxied != b.Proxied {
		f |= Proxied
	}
	if a.TTL != b.TTL && !(a.Proxied && b.Proxied) { // a proxied record has no TTL of its own
		f |= TTL
	}
	if a.Comment != b.Comment {
		f |= Comment
	}
	if !dns.SameTags(a.Tags, b.Tags) {
		f |= Tags
	}
	return f
}
