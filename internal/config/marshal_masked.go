package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// masked is what stands for a value with a secret in it: a reference to where
// it comes from, or nothing but a note that says that it is there. Both are
// empty for a value that may be shown.
func (w *writer) masked(s *Setting, v *value) (text, note string) {
	e := v.entries[0]
	secret, lost := false, false
	for _, e := range v.entries {
		if s.keepsBack(e) {
			secret, lost = true, lost || e.hide
		}
	}
	switch {
	case !secret:
		return "", ""
	case e.file != "":
		return scalar(Text, e.file), ""
	case lost:
		return "", w.inItsPlace(s, v) + "; " + e.Note
	case v.listed:
		return w.references(s, v), "set these variables to what was there"
	case isReference(e.written):
		return w.reference(e.written[2:len(e.written)-1], e.Text), ""
	}
	name := w.variableFor(s, v.path)
	if env := w.rowFor(s, v.path).Env; env != "" && env == e.Origin.Name {
		name = env
	}
	if name != e.Origin.Name {
		note = "set " + name + " to what " + strings.TrimSuffix(e.Origin.Name+" of "+e.Origin.File, " of ") + " was"
	}
	return w.reference(name, e.Text), note
}

// reference stands for a text that is in a variable.
func (w *writer) reference(name, text string) string {
	w.variables[name] = text
	return quote("${" + name + "}")
}

// inItsPlace is what a comment says of a value that nothing can stand for.
func (w *writer) inItsPlace(s *Setting, v *value) string {
	if !s.mayRun(v.text()) && !slices.ContainsFunc(v.items(), s.mayRun) {
		return "it is not shown"
	}
	var items []string
	for _, e := range v.entries {
		items = append(items, presentable(s, e.Text))
	}
	return strings.Join(items, ", ") + " (it is not shown whole)"
}

// isReference reports whether text is ${NAME} and nothing else.
func isReference(text string) bool {
	name, ok := strings.CutPrefix(text, "${")
	name, closed := strings.CutSuffix(name, "}")
	return ok && closed && isVariable(name)
}

// references is a list in which variables stand for the items with a secret.
func (w *writer) references(s *Setting, v *value) string {
	var items []string
	for i, e := range v.entries {
		switch {
		case !s.keepsBack(e):
			items = append(items, scalar(Text, e.Text))
		case isReference(e.written):
			items = append(items, w.reference(e.written[2:len(e.written)-1], e.Text))
		default:
			items = append(items, w.reference(fmt.Sprintf("%s_%d", w.variableFor(s, v.path), i+1), e.Text))
		}
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// variableFor is the variable that a secret of homing.yaml is to stand in.
func (w *writer) variableFor(s *Setting, path string) string {
	env := cmp.Or(w.rowFor(s, path).Env, strings.ToUpper(leaf(path))) // a service has no customary one
	account := strings.TrimPrefix(owner(path), "accounts.")
	if account == "" || account == DefaultAccount {
		return env
	}
	return env + "_" + strings.ToUpper(strings.ReplaceAll(account, "-", "_"))
}

// rowFor is s as the host of the account has it that path is of: its variable is
// another one at each.
func (w *writer) rowFor(s *Setting, path string) *Setting {
	at := w.at[owner(path)+".provider"]
	if at == nil {
		return s
	}
	for _, row := range w.table.rows {
		if row.Path == s.Path && row.host == at.text() {
			return row
		}
	}
	return s
}
