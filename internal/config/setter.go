package config

import (
	"slices"
	"strings"
)

// setter takes what is said of a setting. That its kinds are types keeps the tables
// of settings data, which nothing has to make.
type setter interface {
	take(p *place, s *Setting) error
}

type (
	whole   func(p *place, v *value) error // takes a list, or what is more than a text
	word    func(p *place, s string) error // takes one text
	onOff   func(p *place, b bool)         // takes true or false
	choice  func(p *place, s string)       // takes one of the words of its setting
	checked func(p *place, s string)       // takes a text that the catalogue can check
)

func (set whole) take(p *place, _ *Setting) error { return set(p, p.value) }

func (set word) take(p *place, _ *Setting) error { return set(p, p.value.text()) }

func (set onOff) take(p *place, _ *Setting) error {
	b, err := parseBool(p.value.text())
	set(p, b)
	return err
}

func (set choice) take(p *place, s *Setting) error {
	text := p.value.text()
	set(p, text)
	if !slices.Contains(s.Words, text) {
		return hinted("it is none of "+strings.Join(s.Words, ", "), DidYouMean(text, s.Words))
	}
	return nil
}

func (set checked) take(p *place, s *Setting) error {
	text := p.value.text()
	set(p, text)
	return p.check(s.Path, text)
}
