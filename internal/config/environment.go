package config

import (
	"slices"
	"strings"
)

// environment is what a Draft of it is called.
const environment = "the environment"

// FromEnvironment reads homing's own variables, which are those of
// favonia/cloudflare-ddns and a few more.
func FromEnvironment(in *Input) *Draft {
	d := &Draft{From: environment}
	tidied := in.Tidied(&d.Notices)
	for _, s := range in.Catalogue.rows() {
		switch {
		case s.Env == "":
		case s.Path == "records": // the lists of names belong together
		case s.Path == "sites":
		case s.Path == "lists":
			d.readLists(tidied.Env(s.Env), Variable(s.Env))
		default:
			d.readVariable(tidied, s)
		}
	}
	d.readNames(tidied, d.readSites(tidied))
	d.readOld(tidied)
	d.tellMisspelt(tidied)
	return d
}

// Env is a variable without the blanks around it; empty is not set.
func (in *Input) Env(name string) string {
	if in.Getenv == nil {
		return ""
	}
	return strings.TrimSpace(in.Getenv(name))
}

// readVariable takes the variable of one setting, and notes whose it is.
func (d *Draft) readVariable(in *Input, s *Setting) {
	first := len(d.Entries)
	d.readText(in, s)
	for i := range d.Entries[first:] {
		d.Entries[first+i].host = s.host
	}
}

// readText takes the variable of a setting, and that of its file.
func (d *Draft) readText(in *Input, s *Setting) {
	path := strings.Replace(s.Path, "accounts.*", "accounts."+DefaultAccount, 1)
	if text := in.Env(s.Env); text != "" {
		d.Set(path, text, Variable(s.Env))
	}
	if !s.File {
		return
	}
	if file := in.Env(s.Env + "_FILE"); file != "" {
		d.Set(path+"_file", file, Variable(s.Env+"_FILE"))
	} else if in.Env(s.Env) == "" {
		d.readCredentials(in, s, path)
	}
}

// readLists takes account-id/list-name, several with commas between.
func (d *Draft) readLists(text string, o *Origin) {
	var seen []string
	for _, w := range words(text) {
		if !slices.Contains(seen, w) {
			seen = append(seen, w)
			d.List(w, o)
		}
	}
}

// ofFile is the setting that names a file that holds s: a path.
func (s *Setting) ofFile() *Setting {
	path := *s
	path.Form = Text
	return &path
}
