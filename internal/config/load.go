package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/expr"
	"github.com/homing-dns/homing/internal/plan"
)

// Input is where a configuration is read from.
type Input struct {
	Getenv   func(name string) string
	ReadFile func(path string) ([]byte, error)
	Now      time.Time
	// DetectOnly: neither records nor a credential are needed.
	DetectOnly bool
}

// Load reads and checks everything. The error is Problems.
func Load(in Input, catalogue Catalogue) (*Config, error) {
	l := &loader{in: in, catalogue: catalogue, cfg: &Config{Detect: make(map[addr.Family]Detection), Location: time.Local},
		detect: make(map[addr.Family]*Detection), voters: make(map[addr.Family][]addr.Voter)}
	for _, f := range addr.Families() {
		l.detect[f] = &Detection{}
	}
	for _, s := range Settings() {
		l.load(s)
	}
	l.finish()
	l.check()
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	return l.cfg, nil
}

// loader is a configuration in the making.
type loader struct {
	in        Input
	catalogue Catalogue
	cfg       *Config
	account   Account
	detect    map[addr.Family]*Detection
	voters    map[addr.Family][]addr.Voter // of the sources
	problems  Problems

	entries []entry
	record  plan.Record // what all records have in common
	proxied expr.Names
	list    plan.List // what all lists have in common
	zoneIDs []zoneID
}

func (l *loader) notice(text string) { l.cfg.Notices = append(l.cfg.Notices, text) }

// env is a variable without the blanks around it; empty is not set.
func (l *loader) env(name string) string { return strings.TrimSpace(l.in.Getenv(name)) }

// load reads one setting from where it stands, or takes its default.
func (l *loader) load(s Setting) {
	value, from := l.env(s.Env), s.Env
	if s.File {
		value, from = l.file(s, value)
	}
	if value == "" {
		value = s.Default
	}
	if value == "" {
		return
	}
	if err := s.set(l, value); err != nil {
		p := Problem{Name: from, Value: shown(value), Reason: err.Error(), Hint: hintOf(err)}
		if s.Secret {
			p.Value = ""
		}
		l.problems = append(l.problems, p)
	}
}

// file reads the value of s from the file its _FILE variable names, if any.
// Where both are given they must agree.
func (l *loader) file(s Setting, value string) (content, from string) {
	from = s.Env + "_FILE"
	path := l.env(from)
	if path == "" {
		return value, s.Env
	}
	bad := func(reason, hint string) (string, string) {
		l.problems = append(l.problems, Problem{Name: from, Value: shown(path), Reason: reason, Hint: hint})
		return value, s.Env
	}
	b, err := l.in.ReadFile(path)
	content = strings.TrimSpace(string(b))
	switch {
	case err != nil:
		return bad("the file cannot be read: "+cause(err), "check that it is there and that homing may read it")
	case content == "":
		return bad("the file is empty", "write the "+s.Type+" into it")
	case value != "" && value != content:
		return bad("it holds another value than "+s.Env, "set only one of the two")
	case !filepath.IsAbs(path):
		return bad("the path does not begin at the root", "write the whole path, such as /run/secrets/cloudflare")
	}
	return content, from
}

// cause is what went wrong with a file, without its path, which stands beside it.
func cause(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// finish puts together what the settings gave.
func (l *loader) finish() {
	for f, d := range l.detect {
		if len(d.Sources) > 0 {
			l.cfg.Detect[f] = *d
		}
	}
	l.account.Spec.Records = l.records()
	l.account.ZoneIDs = l.zones()
	for i := range l.account.Spec.Lists {
		list := &l.account.Spec.Lists[i]
		list.Description, list.Comment = l.list.Description, l.list.Comment
	}
	l.cfg.Accounts = []Account{l.account}
}

// records makes one record of each name, with all the types and host ids the
// lists give it.
func (l *loader) records() []plan.Record {
	at := make(map[dns.Name]int)
	var records []plan.Record
	for _, e := range l.entries {
		i, known := at[e.name]
		if !known {
			i = len(records)
			at[e.name] = i
			r := l.record
			r.Name, r.Attrs.Proxied = e.name, l.proxied.Match(e.name)
			records = append(records, r)
		}
		r := &records[i]
		r.Types = append(r.Types, e.types...)
		slices.Sort(r.Types)
		r.Types = slices.Compact(r.Types)
		switch {
		case e.hosts == nil: // no opinion
		case r.Hosts != nil && !slices.Equal(r.Hosts, e.hosts):
			l.wrong("IP6_DOMAINS", "", e.name.Describe()+" is given two different values of hostid6", "give it one of them everywhere")
		default:
			r.Hosts = e.hosts
		}
	}
	return records
}
