package config

import (
	"errors"

	"github.com/homing-dns/homing/internal/text"
)

// doubtful is the error of a check that finds what a start tells and goes on
// with, while a check of the settings calls it wrong.
type doubtful struct {
	hintedError
	then string // what a start says of it
}

// Absent is an error that says that something of this machine that a setting
// names, an interface or a program, is not there now. A start tells it and goes
// on, since it may come; a check of the settings calls it wrong.
func Absent(reason, hint string) error {
	return &doubtful{hintedError{errors.New(reason), text.Advise("%s", hint)}, "homing waits for it"}
}

// Useless is an error that says that nothing can come of a value. A start tells
// it and goes on without it; a check of the settings calls it wrong.
func Useless(reason, hint string) error {
	return &doubtful{hintedError{errors.New(reason), text.Advise("%s", hint)}, "homing goes on without it"}
}

// strictly reports what a person surely did not mean, and what does no harm: a
// start tells it and goes on, and a check of the settings calls it wrong.
func (l *loader) strictly(path, reason, hint string) {
	if l.in.Strict {
		l.wrong(path, reason, hint)
		return
	}
	p := &Problem{Origin: *l.origin(path), path: path, Reason: reason, Hint: hint}
	l.doubt(p, p.Name+": "+reason+"; "+hint)
}

// lenient reports err where it is one that a start goes on with, and says
// whether it is.
func (l *loader) lenient(s *Setting, v *value, err error) bool {
	d, ok := errors.AsType[*doubtful](err)
	switch {
	case !ok:
		return false
	case l.in.Strict, Unfilled(v.text()) != "":
		l.bad(s, v, err)
	default:
		p := l.problem(s, v, err)
		l.doubt(p, p.Name+": "+p.Reason+"; "+d.then)
	}
	return true
}

// leaveUnset says that what was just found missing at path may be set elsewhere,
// and is no reason to say nothing of what else the account lacks.
func (l *loader) leaveUnset(path string) {
	if n := len(l.problems) - 1; n >= 0 && l.problems[n].path == path {
		l.problems[n].open, l.problems[n].unset = true, true
	}
}

// Doubt is what a check of the settings calls wrong, and a start only tells.
type Doubt struct {
	Problem
	Notice string // as a start tells it
}

func (l *loader) doubt(p *Problem, notice string) {
	l.cfg.Doubts = append(l.cfg.Doubts, Doubt{*p, notice})
	l.notice(notice)
}
