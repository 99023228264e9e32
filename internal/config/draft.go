package config

import (
	"fmt"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
)

// Draft is a configuration as somebody wrote it, not yet looked at: which
// setting, which text, and where that stands. Every reader makes one: of the
// environment, of homing.yaml, of what a predecessor understood. Build makes
// a Config of one or more.
//
// Settings are named by their path in homing.yaml; Settings has them all, and
// docs/settings.md explains them. A "*" there is a name or an index here:
//
//	accounts.default.token           accounts.default.token_file   (its text is a path)
//	accounts.default.key             accounts.default.email
//	records[0].name                  records[0].types       A, or: A, AAAA
//	records[0].proxied               records[0].ttl         records[0].comment
//	records[0].enforce               records[0].zone_id     records[0].ipv6_host
//	record_defaults.proxied          and ttl, comment, create, leftovers, zone_id …: for records that do not say
//	policy.enforce                   which attributes existing records are brought to
//	detect.ipv4.sources              none, or: cloudflare.trace, url:https://…
//	schedule.every                   @every 60s, a cron line, or @once: then it is no daemon
//
// The text of a list is either written whole ("A, AAAA", as in the
// environment) or item by item ("records[0].types[0]": see SetList), where
// commas mean nothing.
//
// A Draft is an ordinary value; its zero value says nothing.
type Draft struct {
	From    string // what was read, for people: "the environment", "homing.yaml", "DynCFDNS"
	Entries []Entry
	// Names are what this dialect calls settings nobody set, by path, for
	// messages that ask for them. Without one homing's own name is used.
	Names map[string]string
	// Own are the variables of homing's own that count beside Names and those
	// that begin with HOMING_.
	Own      []string
	Notices  []string // what the person should know though nothing is wrong
	Problems Problems // what could not even be read
	Files    []string // what was read beside the environment

	yaml bool // settings are called by their paths
}

// Entry is one setting as it was written.
type Entry struct {
	Path   string // "records[3].ttl"
	Text   string
	Origin Origin
	Note   string // what Marshal and Show say behind it, in one line; may be empty
	Said   string // what the person wrote, where Text was made of that; see Draft.Said
	Cure   string // what to do where that is wrong

	// Of a text that was put together: what stood there before ${…} was filled
	// in, or the file that held the secret.
	written string
	file    string
	hide    bool // nothing can stand for the secret it holds

	host      string // whose variable it is: it counts only for an account there; empty: homing's own
	notice    string // what Notices of the draft says of it, and not where it does not count; may be empty
	forOthers bool   // Show made it: of a command no more than the program is written
}

// Origin is where a setting was written.
type Origin struct {
	Name   string // as the person wrote it: "TTL", "records[3].ttl", "-r", "HOST_LIST"
	File   string // the file it stands in; empty: the environment or the command line
	Line   int    // from 1; 0: not known
	Column int    // from 1
	Source string // the line; never one with a secret in it
}

// Variable is the origin of what stands in the environment.
func Variable(name string) *Origin { return &Origin{Name: name} }

// place is the file and the line of o; empty for the environment.
func (o *Origin) place() string {
	switch {
	case o.File == "":
		return ""
	case o.Line == 0:
		return o.File
	}
	return fmt.Sprintf("%s:%d:%d", o.File, o.Line, o.Column)
}

// Set says that path is text.
//
//go:noinline // many callers: see dependencies.md
func (d *Draft) Set(path, text string, o *Origin) {
	d.Entries = append(d.Entries, Entry{Path: path, Text: text, Origin: *o})
}

// Said says that the text of path was made of what the person wrote, and what
// to do where that is wrong: a message shows these and not what was made.
func (d *Draft) Said(path, text, cure string) {
	for i := range d.Entries {
		if d.Entries[i].Path == path {
			d.Entries[i].Said, d.Entries[i].Cure = text, cure
		}
	}
}

// SetList says that path is these items, in whose texts commas mean nothing.
// No items are a list too: an empty one.
func (d *Draft) SetList(path string, items []string, o *Origin) {
	if len(items) == 0 {
		d.Set(path, "", o)
	}
	for i, text := range items {
		d.Set(fmt.Sprintf("%s[%d]", path, i), text, o)
	}
}

// Record adds a record and returns its path, under which the rest is set:
//
//	r := d.Record("home.example.org", origin, dns.A)
//	d.Set(r+".ttl", "120", origin)
//
// Without types it has both.
func (d *Draft) Record(name string, o *Origin, types ...dns.Type) string {
	path := d.next("records")
	d.Set(path+".name", name, o)
	if len(types) == 1 {
		d.Set(path+".types[0]", string(types[0]), o)
	}
	return path
}

// next is the path of the record or the list behind the last there is.
func (d *Draft) next(kind string) string {
	for i := len(d.Entries) - 1; i >= 0; i-- {
		if o := owner(d.Entries[i].Path); strings.HasPrefix(o, kind+"[") {
			_, n, _ := cutItem(o)
			return fmt.Sprintf("%s[%d]", kind, n+1)
		}
	}
	return kind + "[0]"
}

// Get is the last entry of path; an empty one where there is none. An item of a list
// has a path of its own.
func (d *Draft) Get(path string) (e *Entry, said bool) {
	for i := len(d.Entries) - 1; i >= 0; i-- {
		if d.Entries[i].Path == path {
			return &d.Entries[i], true
		}
	}
	return &Entry{}, false
}

// Remove takes out path and all that is below it: its items, its fields.
func (d *Draft) Remove(path string) {
	kept := d.Entries[:0:0]
	for _, e := range d.Entries {
		rest, below := strings.CutPrefix(e.Path, path)
		if !below || rest != "" && rest[0] != '.' && rest[0] != '[' {
			kept = append(kept, e)
		}
	}
	d.Entries = kept
}

// Notice adds what the person should know.
//
//go:noinline // many callers: see dependencies.md
func (d *Draft) Notice(format string, args ...any) {
	d.Notices = append(d.Notices, fmt.Sprintf(format, args...))
}

// Wrong adds a problem with what should become path. value is what was
// written; leave it empty where it is secret or missing. The hint may be
// empty. An empty path says that hardly anything could be read, so that it
// would be idle to look at what is missing.
func (d *Draft) Wrong(path string, o *Origin, value, reason, hint string) {
	if better := unfilled(value); better != nil && o.File == "" {
		reason, hint = better.Error(), hintOf(better).String()
	}
	if value != "" {
		value = shown(value)
	}
	d.Problems = append(d.Problems, &Problem{Origin: *o, Value: value, Reason: reason, Hint: hint, path: path})
}

// Refuse is Wrong of an error, whose hint is said in the words of the draft.
func (d *Draft) Refuse(path string, o *Origin, value string, err error) {
	d.Wrong(path, o, value, err.Error(), "")
	if p := d.Problems[len(d.Problems)-1]; p.Hint == "" {
		p.advice = hintOf(err)
	}
}
