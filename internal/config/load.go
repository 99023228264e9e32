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
	l := &loader{in: in, catalogue: catalogue, cfg: &Config{Sources: make(map[addr.Family][]Source), Location: time.Local}}
	for _, s := range Settings() {
		l.load(s)
	}
	l.check()
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	l.cfg.Spec = plan.Spec{Records: l.records()}
	return l.cfg, nil
}

// loader is a configuration in the making.
type loader struct {
	in        Input
	catalogue Catalogue
	cfg       *Config
	problems  Problems

	names   []name
	attrs   plan.Attrs
	proxied expr.Names
}

// name is a name as a list gives it, for these types.
type name struct {
	dns.Name
	types []dns.Type
}

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

// records makes one record of each name, with all the types the lists give it.
func (l *loader) records() []plan.Record {
	types := make(map[dns.Name][]dns.Type)
	var order []dns.Name
	for _, n := range l.names {
		if types[n.Name] == nil {
			order = append(order, n.Name)
		}
		types[n.Name] = append(types[n.Name], n.types...)
	}
	records := make([]plan.Record, 0, len(order))
	for _, n := range order {
		ts := types[n]
		slices.Sort(ts)
		attrs := l.attrs
		attrs.Proxied = l.proxied.Match(n)
		records = append(records, plan.Record{Name: n, Types: slices.Compact(ts), Attrs: attrs})
	}
	return records
}
