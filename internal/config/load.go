package config

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/text"
)

// Input is the world a configuration is read from. Nothing else is looked at.
type Input struct {
	Getenv   func(name string) string
	ReadFile func(path string) ([]byte, error)      // nil: there are no files
	Stat     func(path string) (fs.FileInfo, error) // nil: nothing is known of files but what they hold
	Now      time.Time
	// Catalogue is what there is to choose from.
	Catalogue *Catalogue
	// ConfigPath is the homing.yaml that --config names; empty: it is looked for.
	ConfigPath string
	// StateFolder is where homing.yaml is looked for last; empty: not there.
	StateFolder string
	// Args and Environ are the whole command line and environment, for dialects
	// that read more than variables of known names.
	Args    []string
	Environ []string // NAME=value
	User    string   // who homing runs as, such as "uid 1000", for messages about files; may be empty
	System  string   // runtime.GOOS; empty: one that is like Linux
	// ZoneNames are the names of zones, by id, as far as they are known: see NeedZones.
	ZoneNames map[string]string
	Scope     Scope
	Strict    bool // whether what a start would only tell is wrong

	tidied bool
}

// Scope is what a configuration is read for.
type Scope uint8

const (
	ForRecords   Scope = iota // everything
	ForDetection              // neither records nor a credential are needed
	ForPage                   // only where the daemon is found is looked at, and what is wrong with the rest is nobody's business
)

// has reports whether a setting is looked at.
func (s Scope) has(path string) bool {
	return s != ForPage || path == "" || path == "state" || strings.HasPrefix(path, "serve.")
}

// Load reads and checks the environment and homing.yaml, of which the
// environment has the more weight. The error is Problems.
func Load(in *Input) (*Config, error) {
	return Build(in, FromEnvironment(in), FromFile(in))
}

// Build makes a Config of drafts, of which the first has the most weight.
// The error is Problems: everything that is wrong, at once; or *NeedZones where
// nothing is.
func Build(in *Input, drafts ...*Draft) (*Config, error) {
	l := newLoader(in, drafts)
	for _, s := range l.table.rows {
		if in.Scope.has(s.Path) {
			l.fill(s)
		}
	}
	if in.Scope == ForPage {
		l.problems = slices.DeleteFunc(l.problems, func(p *Problem) bool { return !ForPage.has(p.path) })
		return l.made()
	}
	l.refuseUnknown()
	l.finish()
	if !slices.ContainsFunc(l.problems, func(p *Problem) bool { return p.path == "" }) {
		l.check()
	}
	return l.made()
}

func (l *loader) made() (*Config, error) {
	if len(l.problems) > 0 {
		return nil, l.problems.sorted(l.table).capped()
	}
	if len(l.unnamed) > 0 {
		return nil, &NeedZones{Zones: l.unnamed, Notices: l.cfg.Notices, Words: l.words}
	}
	return l.cfg, nil
}

// loader is a configuration in the making.
type loader struct {
	in       *Input
	table    *table
	drafts   []*Draft
	said     *layered
	cfg      *Config
	problems Problems
	words    text.Words // of whose settings these are

	here     *site            // this machine itself
	sites    []*site          // those that have names
	siteErrs map[string]error // what is wrong with names of sites; nil of those that can be
	accounts []*account
	among    []*account // at most one: that of records which belong to whoever sees their zone
	records  []*record
	options  []*plan.Options // the latest that records have
	lists    []*list
	recordAt map[string]*record     // by path
	listAt   map[string]*list       // by path
	unnamed  []UnnamedZone          // that relative records are in
	unset    map[string]plan.Fields // what is enforced and not set, by what enforces it
	defaults record                 // what records say that do not say it themselves
	items    list                   // the same of lists
	policy   policy
}

func newLoader(in *Input, drafts []*Draft) *loader {
	l := &loader{in: in, table: newTable(in.Catalogue),
		cfg:  &Config{Detect: make(map[addr.Family]Detection), Location: time.Local},
		here: newSite("", "detect"), recordAt: make(map[string]*record), listAt: make(map[string]*list),
		unset: make(map[string]plan.Fields)}
	for _, given := range drafts {
		d := *given // those given stay the caller's, and what they hold
		l.drafts = append(l.drafts, &d)
	}
	for _, d := range l.drafts {
		d.Problems, d.Files = slices.Clip(d.Problems), slices.Clip(d.Files)
		l.readSecrets(d)
		l.problems = append(l.problems, d.Problems...)
		l.cfg.Notices = append(l.cfg.Notices, d.Notices...)
		l.cfg.Files = append(l.cfg.Files, d.Files...)
	}
	l.said = layer(l.drafts...)
	l.words = l.wordsOf()
	l.cfg.Words = l.words
	for i, p := range l.problems {
		told := *p // those of a draft stay the caller's
		told.Hint = cmp.Or(p.Hint, p.advice.In(l.words))
		l.problems[i] = &told
	}
	l.settleListen()
	return l
}

//go:noinline // many callers: see dependencies.md
func (l *loader) notice(text string) { l.cfg.Notices = append(l.cfg.Notices, text) }
