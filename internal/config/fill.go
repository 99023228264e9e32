package config

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// place is where a value goes: the configuration, and the account, the record
// or the list it speaks of. For defaults that is one that stands for all.
type place struct {
	*loader
	account *account
	record  *record
	list    *list
	site    *site
	value   *value
}

// fill reads what is said of one setting, in every place it stands, or takes
// its default.
func (l *loader) fill(s *Setting) {
	if s.set == nil {
		return // it is another way to write settings that follow
	}
	all := l.said.of[s.Path]
	for _, v := range all {
		if l.agree(v) {
			l.apply(s, v)
		}
	}
	if len(all) == 0 && s.Default != "" && !strings.Contains(s.Path, "*") {
		e := &Entry{Path: s.Path, Text: s.Default, Origin: Origin{Name: cmp.Or(s.Env, s.Path)}}
		l.apply(s, &value{path: s.Path, entries: []*Entry{e}})
	}
}

// apply hands a value to its setting.
func (l *loader) apply(s *Setting, v *value) {
	p := l.place(v)
	err := each(v, validUTF8)
	if err == nil {
		err = s.set.take(p, s)
	}
	if l.lenient(s, v, err) {
		err = nil
	}
	if err == nil {
		l.tellUnfilled(s, v)
	}
	switch {
	case err != nil:
		l.bad(s, v, err)
	case p.record != nil && p.record.own != nil:
		p.record.own[leaf(s.Path)] = true
	case p.list != nil && p.list.own != nil:
		p.list.own[leaf(s.Path)] = true
	case p.site != nil && p.site != l.here:
		p.site.own[strings.TrimPrefix(s.Path, "sites.*.")] = true
	}
}

// place is where v goes.
func (l *loader) place(v *value) *place {
	p := &place{loader: l, value: v, site: l.here}
	switch o := owner(v.path); {
	case strings.HasPrefix(o, "accounts."):
		p.account = l.account(strings.TrimPrefix(o, "accounts."))
	case strings.HasPrefix(o, "sites."):
		p.site = l.site(strings.TrimPrefix(o, "sites."))
	case strings.HasPrefix(o, "records["):
		p.record = l.record(o)
	case strings.HasPrefix(o, "lists["):
		p.list = l.list(o)
	case strings.HasPrefix(v.path, "record_defaults."):
		p.record = &l.defaults
	case strings.HasPrefix(v.path, "list_defaults."):
		p.list = &l.items
	}
	return p
}

// agree reports whether a setting that is written twice in one place says the
// same twice.
func (l *loader) agree(v *value) bool {
	if v.listed {
		return true
	}
	first := v.entries[0]
	for _, e := range v.entries[1:] {
		if !same(e.Text, first.Text) {
			l.problems = append(l.problems, &Problem{Origin: e.Origin, path: v.path, Reason: "it sets the same thing as " + first.Origin.Name + " to another value", Hint: "keep one of the two"})
			return false
		}
	}
	return true
}

// same reports whether two texts mean the same: durations may be written in many
// ways.
func same(a, b string) bool {
	x, badX := time.ParseDuration(strings.TrimPrefix(a, "@every "))
	y, badY := time.ParseDuration(strings.TrimPrefix(b, "@every "))
	return a == b || badX == nil && badY == nil && x == y
}

// bad reports that a setting does not take its value.
func (l *loader) bad(s *Setting, v *value, err error) {
	l.problems = append(l.problems, l.problem(s, v, err))
}

// problem is what is wrong with the value of a setting.
func (l *loader) problem(s *Setting, v *value, err error) *Problem {
	e, text := v.entries[0], v.text()
	if item, ok := errors.AsType[*itemError](err); ok && v.listed {
		e, text = v.entries[item.index], v.entries[item.index].Text
	}
	p := &Problem{Origin: e.Origin, path: v.path, Value: shown(cmp.Or(e.Said, text)), Reason: err.Error(), Hint: cmp.Or(e.Cure, hintOf(err).In(l.words))}
	_, p.open = errors.AsType[*missingFile](err)
	if e.Origin.File == "" {
		if better := unfilled(text); better != nil && (!s.Secret || Unfilled(text) == text) {
			p.Reason, p.Hint = better.Error(), hintOf(better).In(l.words)
		}
	}
	if s.Secret {
		p.Value, p.Source = "", ""
	}
	return p
}

// itemError is what is wrong with one item of a list.
type itemError struct {
	error
	index int
}

func (e *itemError) Unwrap() error { return e.error }

// each hands on the items of a list until one is refused.
func each(v *value, take func(item string) error) error {
	for i, item := range v.items() {
		if err := take(item); err != nil {
			return &itemError{err, i}
		}
	}
	return nil
}

func validUTF8(text string) error {
	if !utf8.ValidString(text) {
		return hinted("it is not valid UTF-8", "write it in UTF-8")
	}
	return nil
}

// refuseUnknown reports what no row of the table takes. Only a reader that is
// wrong writes such a path.
func (l *loader) refuseUnknown() {
	for _, v := range l.said.values {
		if _, known := l.table.at[v.pattern]; !known {
			l.problems = append(l.problems, &Problem{Origin: v.entries[0].Origin, path: v.path, Reason: fmt.Sprintf("there is no setting %q", v.path)})
		}
	}
}
