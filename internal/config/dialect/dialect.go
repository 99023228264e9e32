// Package dialect reads the configurations of the programs homing replaces, so
// that it can be started in their place.
//
// A configuration is one of theirs when it has an anchor: a setting that only
// one of them knows (anchor.go). It is then read as that program would read it,
// one file a predecessor, into a config.Draft: what it means in homing's terms,
// under the names the person wrote. Build checks it like any other, so that a
// problem is told in the words of the dialect; Migrate writes it as homing.yaml.
//
// What a predecessor is known to do wrongly is not carried over. Where a person
// would see the difference, a notice of the Draft says so in one line.
//
// Variables that begin with HOMING_ mean the same in every dialect, and so do
// CLOUDFLARE_BASE_URL and TZ (own.go).
package dialect

import (
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/secret"
)

// Input is the world a configuration is read from. Nothing else is looked at.
type Input struct {
	config.Input
	Args     []string // of the command line, without the program's name
	Environ  []string // NAME=value, as os.Environ gives it; Getenv must agree with it
	Commands []string // the names of homing's own commands
	Valued   []string // homing's flags whose value is the next argument, such as --config
	// Service looks at a URL of a service that is told: whether there is such a
	// service, and what is wrong with the URL. Nil: all are good.
	Service func(raw string) (known bool, err error)
}

// Reading is what a predecessor's configuration says.
type Reading struct {
	Name  string       // as HOMING_DIALECT has it
	Title string       // the predecessor, for people
	Why   string       // what gave it away: "HOST_LIST is set"
	Draft config.Draft // its problems are reported by config.Build, with all others
	Args  []string     // what is left for homing's command line: a command of its own, perhaps, and flags
	// Once: it is one round and no daemon, unless Args has a command. The Draft says so too.
	Once   bool
	DryRun bool   // nothing is to be written
	Listen string // where DynCFDNS's page is served, as host:port; empty: nowhere
	Widget Widget

	yields string // what is not read where there is a homing.yaml; empty: it is read all the same
}

// Widget is how DynCFDNS's page is guarded.
type Widget struct {
	Token secret.String // zero: one is to be made, shown once and kept in File
	File  string        // where it is kept; empty: it cannot be, and is for this run only
	kept  []byte        // what is in File today
}

// reader fills in a Reading.
type reader struct {
	Reading
	in   *Input
	args []string // those behind a command of homing's, or all
}

// Read reads the configuration of a predecessor. Without one the Reading is
// nil, and everything is homing's own. The error is config.Problems: it cannot
// be told whose configuration this is.
func Read(untidy *Input) (*Reading, error) {
	var told []string
	own := *untidy
	own.Input = *untidy.Tidied(&told, "CUSTOM_LOOKUP_CMD")
	in := &own
	d, why, err := recognise(in)
	if d == nil || err != nil {
		return nil, err
	}
	r := &reader{in: in, Reading: Reading{Name: d.name, Title: d.title, Why: why}}
	if in.Env(force) == "" && d.anchor(in) == "" { // it is read because nothing else is there
		r.yields = in.configJSON()
	}
	r.Args, r.args = in.split()
	r.Draft.From = d.title
	r.notice("this is read as a configuration of %s, because %s (HOMING_DIALECT=homing makes it homing's own)", d.title, why)
	d.read(r)
	r.tellMisspelt(d.variables)
	r.Draft.Notices = append(r.Draft.Notices, told...)
	r.Args = append(slices.Clip(r.Args), r.args...)
	return &r.Reading, nil
}

// implied is the origin of what nobody wrote because the predecessor does it
// that way.
func (r *reader) implied() *config.Origin { return &config.Origin{Name: r.Title} }

func (r *reader) set(path, text string, o *config.Origin) { r.Draft.Set(path, text, o) }

// take sets path to what a variable says, if anything.
func (r *reader) take(path, variable string) bool {
	text := r.in.Env(variable)
	if text != "" {
		r.set(path, text, config.Variable(variable))
	}
	return text != ""
}

// oneShot says that the predecessor does its work once and ends.
func (r *reader) oneShot() {
	r.Once = true
	r.set("schedule.every", "@once", r.implied())
}

// onlyChange says that it changes the one record there is, and neither makes
// one nor deletes any.
func (r *reader) onlyChange() {
	r.set("record_defaults.create", "never", r.implied())
	r.set("record_defaults.leftovers", "keep", r.implied())
}

// note is what Migrate says behind a setting.
func (r *reader) note(path, text string) {
	for i := range r.Draft.Entries {
		if r.Draft.Entries[i].Path == path {
			r.Draft.Entries[i].Note = text
		}
	}
}

func (r *reader) notice(format string, args ...any) { r.Draft.Notice(format, args...) }

// lookup is a variable, and whether it is set at all: set but empty may mean
// something.
func (in *Input) lookup(name string) (text string, set bool) {
	for _, e := range in.Environ {
		if n, _, ok := strings.Cut(e, "="); ok && n == name {
			return in.Env(name), true
		}
	}
	text = in.Env(name)
	return text, text != ""
}
