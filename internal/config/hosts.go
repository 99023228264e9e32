package config

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/secret"
)

// HostKind is one kind of DNS host.
type HostKind struct {
	Word     string // as accounts.*.provider has it: "cloudflare"
	Name     string // as people call it
	Settings []HostSetting
	Proxies  bool // it can answer for a record with addresses of its own
	// Check looks at what the settings of an account mean together.
	Check          func(Credential)
	MinTTL, MaxTTL int         // in seconds, beside 1 for automatic
	Lacks          plan.Fields // what none of its records has a choice of
	NoTXT          bool        // it keeps no TXT records
	Also           []string    // what others call it, without dots and dashes
	Services       []string    // what its accounts may be at, by service; nil: they are at the host itself
	// ZoneID is the id of a zone as the host has it, of how a person wrote it.
	ZoneID     func(text string) (string, error)
	WhatZoneID string // where a person finds it: "the id that …"
	// Named says that a record belongs to an account here only if it says so: the
	// host does not tell which names are its.
	Named bool
	// Inside says that its accounts stand in homing.yaml alone, as those of Named do.
	Inside bool
	Lists  *ListKind // nil: it has no IP lists
}

// HostSetting is a setting of an account. Where two hosts have one of the same
// Key, it is of the same form in both.
type HostSetting struct {
	Key     string   // in homing.yaml: "token"
	Env     string   // its customary variable; one that several hosts have is of homing's own
	OldEnv  string   // another name of that, which is out of date; may be empty
	Also    []string // further names of Env, as other programs have them
	File    bool     // it may stand in a file, which Key+"_file" and Env+"_FILE" name
	Form    Form     // Text, or Boolean
	Secret  bool
	URL     bool
	Path    bool   // it names a file, which is watched, and whose content Check looks at
	Command bool   // it runs a program, or says what one gets: never shown whole, and never set by the page
	Type    string // what it is, in a word
	Default string
	Doc     string
	Check   func(text string) error // its shape, without asking anybody; nil: anything goes
}

// ListKind is what IP lists are like at a DNS host.
type ListKind struct {
	Account func(id string) error
	Name    func(name string) error
	Example string // of a list, as account-id/name
	Needs   string // what a credential needs for them, as a sentence goes on
}

// The keys of the settings that say where a host's API is, and how it is reached.
const (
	BaseURL   = "base_url"
	AllowHTTP = "allow_http"
	CAFile    = "ca_file"
)

// host is the kind of this word; the first where there is none, and one that
// takes anything where there is no kind at all.
//
//go:noinline // many callers: see dependencies.md
func (c *Catalogue) host(word string) *HostKind {
	for _, h := range c.Hosts {
		if h.Word == word {
			return h
		}
	}
	if len(c.Hosts) == 0 {
		return &HostKind{Name: "the DNS host", MaxTTL: math.MaxInt32}
	}
	return c.Hosts[0]
}

// hostWords are the words of all hosts.
func (c *Catalogue) hostWords() (words []string) {
	for _, h := range c.Hosts {
		words = append(words, h.Word)
	}
	return words
}

// ofHosts is what is said of each host, for documentation.
func (c *Catalogue) ofHosts(say func(*HostKind) string) string {
	var all []string
	for _, h := range c.Hosts {
		all = append(all, say(h))
	}
	return strings.Join(slices.Compact(all), " or ")
}

// names are the hosts, for documentation.
func (c *Catalogue) names() string {
	return cmp.Or(c.ofHosts(func(h *HostKind) string { return h.Name }), "the DNS host")
}

// aboutProvider is what is said of the setting that says the host.
func (c *Catalogue) aboutProvider() string {
	doc := "The DNS host of the account; the variable decides which host's variables count."
	for _, h := range c.Hosts {
		if h.Named || h.Inside {
			doc += " An account at " + h.Word + " stands in homing.yaml alone."
		}
	}
	return doc
}

// proxies are the hosts that proxy, for documentation.
func (c *Catalogue) proxies() string {
	for _, h := range c.Hosts {
		if h.Proxies {
			return h.Name
		}
	}
	return "the DNS host"
}

// ttls are the ranges of TTLs that hosts take, for documentation.
func (c *Catalogue) ttls() string {
	return c.ofHosts(func(h *HostKind) string { return fmt.Sprintf("%d to %d", h.MinTTL, h.MaxTTL) })
}

// listsNeed is what credentials need for IP lists, for documentation.
func (c *Catalogue) listsNeed() string {
	for _, h := range c.Hosts {
		if h.Lists != nil {
			return "; " + h.Lists.Needs
		}
	}
	return ""
}

func (p *place) setProvider(s string) error {
	check := p.in.Catalogue.CheckHost
	if p.value.entries[0].Origin.Name == hostVariable {
		check = p.in.Catalogue.CheckHostOutside
	}
	err := check(s)
	if err == nil {
		p.account.Provider = s
	}
	p.account.stray = err != nil || p.refuseOthers(s)
	return err
}

// setOfHost takes a setting that the host of the account has, or has not.
func (p *place) setOfHost(text string) error {
	key := leaf(p.value.path)
	if p.account.stray {
		return nil // what it may have shows once its host is known
	}
	h := p.in.Catalogue.host(p.account.Provider)
	i := slices.IndexFunc(h.Settings, func(s HostSetting) bool { return s.Key == key })
	if i < 0 {
		var keys []string
		for _, s := range h.Settings {
			keys = append(keys, s.Key)
		}
		hint := "it has " + listed(keys)
		if p.said.at[p.account.path("provider")] == nil {
			hint += "; where it is at another host, say which by " + p.name(p.account.path("provider"))
		}
		return hinted("an account at "+h.Name+" has no such setting", hint)
	}
	p.account.Settings[key] = secret.New(text)
	if key == BaseURL && p.refuseMoved() {
		return nil
	}
	check := h.Settings[i].Check
	switch {
	case check == nil:
		return nil
	case h.Settings[i].Path:
		return p.checkFile(text, check)
	}
	return check(text)
}

// hosts are those that a value of a record or a list is for: the one of its
// account, or of all accounts where it stands for all records or lists.
func (p *place) hosts() []*HostKind {
	named := ""
	if o := owner(p.value.path); o != "" {
		if v := p.said.at[o+".account"]; v != nil {
			named = v.text()
		}
		if slices.ContainsFunc(p.accounts, func(a *account) bool { return a.Name == DefaultAccount }) {
			named = cmp.Or(named, DefaultAccount)
		}
	}
	var hosts []*HostKind
	for _, a := range p.accounts {
		if named == "" || len(p.accounts) == 1 || a.Name == named {
			hosts = append(hosts, p.in.Catalogue.host(a.Provider))
		}
	}
	if len(hosts) == 0 {
		hosts = append(hosts, p.in.Catalogue.host(""))
	}
	return hosts
}

// elsewhere reports whether an entry of a draft is a variable of another host than
// the one of its account: that counts only where an account is at that host.
func (l *loader) elsewhere(e *Entry) bool {
	if e.host == "" {
		return false
	}
	word := ""
	for i := range l.drafts {
		if at, said := l.drafts[i].Get(owner(e.Path) + ".provider"); said && word == "" {
			word = at.Text
		}
	}
	return l.in.Catalogue.host(word).Word != e.host
}
