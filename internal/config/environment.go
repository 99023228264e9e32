package config

import (
	"slices"
	"strings"
)

// environment is what a Draft of it is called.
const environment = "the environment"

// FromEnvironment reads homing's own variables, which are those of
// favonia/cloudflare-ddns and a few more.
func FromEnvironment(in Input) Draft {
	d := Draft{From: environment}
	for _, s := range Settings() {
		switch {
		case s.Env == "":
		case s.Path == "records": // the three lists of names belong together
		case s.Path == "lists":
			d.readLists(in.Env(s.Env), Variable(s.Env))
		default:
			d.readVariable(in, s)
		}
	}
	d.readNames(in)
	d.readOld(in)
	return d
}

// Env is a variable without the blanks around it; empty is not set.
func (in Input) Env(name string) string {
	if in.Getenv == nil {
		return ""
	}
	return strings.TrimSpace(in.Getenv(name))
}

// readVariable takes the variable of one setting, and that of its file.
func (d *Draft) readVariable(in Input, s Setting) {
	path := strings.Replace(s.Path, "accounts.*", "accounts."+defaultAccount, 1)
	if text := in.Env(s.Env); text != "" {
		if s.Form != Text && s.Form != List {
			text = d.withoutComment(s.Env, text)
		}
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

// withoutComment cuts what env files that Docker reads keep: a comment behind
// a number or a boolean.
func (d *Draft) withoutComment(name, text string) string {
	value, cut := CutComment(text)
	if cut {
		d.Notice("%s: %q behind the value is taken for a comment and left out", name, strings.TrimSpace(text[len(value):]))
	}
	return value
}

// CutComment cuts a " # comment" off the text of a number or a boolean.
func CutComment(text string) (value string, cut bool) {
	for _, blank := range []string{" #", "\t#"} {
		if i := strings.Index(text, blank); i > 0 {
			return strings.TrimSpace(text[:i]), true
		}
	}
	return text, false
}

// readLists takes account-id/list-name, several with commas between.
func (d *Draft) readLists(text string, o Origin) {
	var seen []string
	for _, w := range words(text) {
		if !slices.Contains(seen, w) {
			seen = append(seen, w)
			d.List(w, o)
		}
	}
}
