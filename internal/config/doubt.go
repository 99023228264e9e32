package config

import "errors"

// absent is the error of a check that finds something missing that may come
// later.
type absent struct{ hintedError }

// Absent is an error that says that something of this machine that a setting
// names, an interface or a program, is not there now. A start tells it and goes
// on, since it may come; a check of the settings calls it wrong.
func Absent(reason, hint string) error {
	return &absent{hintedError{errors.New(reason), hint}}
}

// mayCome reports whether err is about nothing but what may come later.
func mayCome(err error) bool {
	_, ok := errors.AsType[*absent](err)
	return ok
}

// strictly reports what a person surely did not mean, and what does no harm: a
// start tells it and goes on, and a check of the settings calls it wrong.
func (l *loader) strictly(path, reason, hint string) {
	if l.in.Strict {
		l.wrong(path, reason, hint)
		return
	}
	p := Problem{Origin: l.origin(path), path: path, Reason: reason, Hint: hint}
	l.doubt(p, p.Name+": "+reason+"; "+hint)
}

// await reports that something is not there yet that a setting names.
func (l *loader) await(s Setting, v value, err error) {
	if l.in.Strict {
		l.bad(s, v, err)
		return
	}
	p := l.problem(s, v, err)
	l.doubt(p, p.Name+": "+p.Reason+"; homing waits for it")
}

// Doubt is what a check of the settings calls wrong, and a start only tells.
type Doubt struct {
	Problem
	Notice string // as a start tells it
}

func (l *loader) doubt(p Problem, notice string) {
	l.cfg.Doubts = append(l.cfg.Doubts, Doubt{p, notice})
	l.notice(notice)
}
