package config

import (
	"slices"
	"strings"
)

// Setting is one thing a person can set.
type Setting struct {
	Path    string // where it stands in homing.yaml; "*" is any name or index
	Env     string // its environment variable; may be empty
	File    bool   // Env+"_FILE" and Path+"_file" name a file that holds it
	Form    Form
	Type    string   // what a value looks like, in a word or two
	Words   []string // the words it may be; none: others
	Default string   // as a person would write it; empty: none
	Secret  bool     // its value is never shown
	URLs    bool     // passwords and queries of addresses in it are never shown
	Command bool     // it runs a program, whose arguments are never shown
	Empty   bool     // empty is a value, not the lack of one
	Literal bool     // a variable is taken as it is, with what looks like a comment or quotes; see Input.Tidied
	Doc     string   // what it does, in one sentence

	braced string // what it is called in braces behind a name, in the variables that list names; may be empty

	path bool   // it names a file, which is watched
	host string // whose variable it is; empty: homing's own
	site string // how its variable ends, which begins with HOMING_ and the name of a site; empty: it is none of a site's
	set  setter // nil: Env is another way to write the settings below Path

	about func(c *Catalogue) string // what stands in Doc for %s; nil: nothing does
}

// Form is how a value stands in homing.yaml.
type Form uint8

const (
	Text Form = iota
	List
	Boolean
	Number
	Duration
	Either // a boolean or a text
	Count  // a number or a word
)

// Settings is the table of all settings, in the order of homing.yaml, except
// that what others need to be read stands before them.
func Settings(c *Catalogue) []Setting {
	rows := slices.Concat(accountSettings(c), recordRows, attributesOf("records.*.", true), zoneRows, attributesOf("record_defaults.", false), listRows,
		headerRows, familyRows, detectRows, siteRows, policyRows, runRows, serveRows, notifyRows, logRows)
	for i := range rows {
		if s := &rows[i]; s.about != nil {
			s.Doc = strings.Replace(s.Doc, "%s", s.about(c), 1)
		}
	}
	return rows
}

// rows are those of Settings.
func (c *Catalogue) rows() (rows []*Setting) {
	all := Settings(c)
	for i := range all {
		rows = append(rows, &all[i])
	}
	return rows
}
