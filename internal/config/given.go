package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// givenFor is the host that what v says of an account was given for, and what says
// so: the one whose variable it is, or that which stands beside it; the first where
// nothing does. It is empty for homing's own variables, which are for any host.
func (l *loader) givenFor(v *value) (word, why string) {
	e, d := v.entries[0], l.draftOf(v)
	switch {
	case e.host != "":
		return e.host, "whose variable it is"
	case d.From == environment, strings.HasPrefix(e.Origin.Name, ownPrefix):
		return "", ""
	}
	p, said := d.Get(owner(v.path) + ".provider")
	if said && p.Origin.Name != hostVariable { // which lies over every predecessor's settings
		return p.Text, "as provider beside it says"
	}
	return l.in.Catalogue.host("").Word, "as no provider stands beside it"
}

// refuseOthers refuses that an account is at a host which its settings were not
// given for: it would be sent the credential of another. It reports whether it did.
func (p *place) refuseOthers(word string) bool {
	var found *value
	for _, v := range p.said.values {
		s, _ := p.table.setting(v.path)
		if owner(v.path) != owner(p.value.path) || v.path == p.value.path || found != nil && !s.Secret {
			continue
		}
		if given, _ := p.givenFor(v); given != "" && given != word {
			found = v
			if s.Secret {
				break
			}
		}
	}
	if found == nil {
		return false
	}
	given, why := p.givenFor(found)
	at, by, here := found.entries[0].Origin, p.value.entries[0].Origin.Name, p.in.Catalogue.host(word).Name
	at.Source = ""
	hint := fmt.Sprintf("if it is for %s, write provider: %s beside it; if not, take %s away", here, word, by)
	if at.File == "" {
		hint = fmt.Sprintf("take %s away; an account at %s can stand in homing.yaml", by, here)
	}
	p.problems = append(p.problems, &Problem{Origin: at, path: found.path, Hint: hint,
		Reason: fmt.Sprintf("it was given for %s, %s; but %s is %s, and %s must not be sent it", p.in.Catalogue.host(given).Name, why, by, word, here)})
	return true
}

// refuseMoved refuses that a variable says where the API of an account is, and not
// homing.yaml, which has the credential and another address beside it: the
// credential was given for that one. It reports whether it did.
func (p *place) refuseMoved() bool {
	i := slices.IndexFunc(p.value.lost, func(e *Entry) bool { return !sameServer(e.Text, p.value.text()) })
	if i < 0 {
		return false
	}
	for _, v := range p.said.values {
		if s, _ := p.table.setting(v.path); owner(v.path) != owner(p.value.path) || !s.Secret || p.draftOf(v) == p.draftOf(p.value) {
			continue
		}
		at, by, given, here := v.entries[0].Origin, p.value.entries[0].Origin.Name, p.value.lost[i], redactURLs(p.value.text())
		at.Source = ""
		p.problems = append(p.problems, &Problem{Origin: at, path: v.path,
			Reason: fmt.Sprintf("it was given for %s, as %s beside it says; but %s is %s, which must not be sent it", redactURLs(given.Text), BaseURL, by, here),
			Hint:   fmt.Sprintf("if it is for %s, take %s out of %s; if not, take %s away", here, BaseURL, given.Origin.File, by)})
		return true
	}
	return false
}

// sameServer reports whether two addresses lead to one server.
func sameServer(a, b string) bool {
	x, badX := url.Parse(a)
	y, badY := url.Parse(b)
	return a == b || badX == nil && badY == nil && x.Scheme == y.Scheme && strings.EqualFold(x.Host, y.Host)
}

// tellBeside tells that the environment makes an account beside those of
// homing.yaml, which does not speak of it, and that names may be kept there.
func (l *loader) tellBeside() {
	var named []string
	by := ""
	for _, v := range l.said.values {
		name, of := strings.CutPrefix(owner(v.path), "accounts.")
		inFile := l.draftOf(v).yaml
		s, _ := l.table.setting(v.path)
		switch {
		case leaf(v.path) == "account" && v.text() == DefaultAccount, of && inFile && name == DefaultAccount:
			return
		case of && inFile && !slices.Contains(named, name):
			named = append(named, name)
		case of && !inFile && s.Secret && by == "" && l.draftOf(v).From == environment:
			by = v.entries[0].Origin.Name
		}
	}
	i := slices.IndexFunc(l.accounts, func(a *account) bool { return a.Name == DefaultAccount })
	if i < 0 || by == "" || len(named) == 0 {
		return
	}
	a := l.accounts[i]
	among := slices.ContainsFunc(l.among, func(u *account) bool {
		return slices.ContainsFunc(u.Among, func(m Account) bool { return m.Name == DefaultAccount })
	})
	if among || len(a.Spec.Records) > 0 || len(a.Spec.Lists) > 0 {
		l.notice(fmt.Sprintf("%s makes an account of its own at %s, called default, beside %s of homing.yaml, and names without account: may be kept there; "+
			"if that is meant, write default: {provider: %s} under accounts, if not, take %s away", by, l.in.Catalogue.host(a.Provider).Name, listed(named), a.Provider, by))
	}
}
