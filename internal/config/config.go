// Package config turns what a person wrote into one typed Config, or into
// every problem at once.
//
// A configuration is first a Draft: what was written, setting by setting, each
// with the place it was written in. The environment is read into one
// (environment.go), homing.yaml into another (yaml.go), a predecessor's
// configuration into a third (package dialect). Build lays drafts over each
// other and takes them through the table of all settings (settings.go), which
// gives each text a meaning (setters.go), then looks at what they mean
// together (check.go).
//
// So whoever reads one more dialect only has to fill in a Draft: what is wrong
// with it is told in the words of that dialect, and it can be shown (Show) and
// written as homing.yaml (Marshal).
package config

import (
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/expr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

// Config is a whole, valid configuration. Nothing in it has to be checked again.
type Config struct {
	Accounts []Account
	Detect   map[addr.Family]Detection // a family that is absent is out of scope
	Sites    map[string]Site           // those with names that something uses

	Confirm          bool          // ask twice before an address is published
	Allow            addr.Allow    // what files, commands and interfaces may say beside public addresses
	URLHeader        secret.String // lines "Name: value" sent with every question of url:
	Bind             string        // an interface or a source address everything leaves from; empty: as the system routes
	DetectionTimeout time.Duration // for each look at a family
	UpdateTimeout    time.Duration // for each listing, and for the changes of a zone in a round
	Events           string        // what makes a round before it is due: EventsSystem, EventsRouter or Off

	Schedule     schedule.Schedule
	OnStart      bool
	Resync       time.Duration  // 0: never read again what was read once
	Location     *time.Location // in which people read times; without TZ the machine's own
	DeleteOnStop bool           // delete what is ours when the daemon stops

	Serve  Serve
	Notify Notify

	LogLevel  string // debug, info, warn or error
	LogFormat string // auto, text, logfmt or json
	Quiet     bool
	Emoji     bool

	State string // the folder of what outlives a process; empty: as the system has it

	// Words is how the person of these settings says one of them; hints are said so.
	Words text.Words

	Notices []string // what was taken, but may not be what the person meant
	Doubts  []Doubt  // those of the notices that a check of the settings calls wrong
	Files   []string // what it was read from, to be watched
}

// Account is how to reach a DNS host and what to keep true there.
type Account struct {
	Name     string                   // as homing.yaml calls it; empty for the environment's only one
	Provider string                   // the word of its host; empty where Among has several
	Settings map[string]secret.String // those of its host, by their keys
	ZoneIDs  map[dns.Name]string      // names whose zone need not be looked for
	// ZoneNames are the zones that somebody names for names.
	ZoneNames map[dns.Name]dns.Name
	Spec      plan.Spec
	// Among are the accounts of which each name of Spec belongs to the one that
	// sees its zone, or of several that do to the one called DefaultAccount: nobody
	// said of which. Each has a name.
	Among []Account
}

// Text is what a setting of its host holds; empty where it is not set.
func (a Account) Text(key string) string { return a.Settings[key].Reveal() }

// Detection is how the address of one family is learnt.
type Detection struct {
	Sources []Source
	Agree   addr.Rule
	Filter  expr.Addrs
	Bits    int // prefix length of an address that comes without one
}

// Names are the names of all accounts.
//
//go:noinline // many callers: see dependencies.md
func (c *Config) Names() []dns.Name {
	var names []dns.Name
	for _, a := range c.Accounts {
		names = append(names, a.Spec.Names()...)
	}
	return names
}

// Source is one source of addresses, as a person wrote it: "url" and what
// stands behind the colon.
type Source struct {
	Word string
	Arg  string
}

func (s Source) String() string {
	if s.Arg == "" {
		return s.Word
	}
	return s.Word + ":" + s.Arg
}

// Catalogue is what the configuration must know of packages it does not
// import: which sources and which DNS hosts there are.
type Catalogue struct {
	Sources []SourceKind
	Hosts   []*HostKind // the first is that of accounts which name none
	// Checks look at the texts of further settings, by path, and may have notices.
	Checks map[string]func(text string) (notices []string, err error)
	// CheckBind reports whether this is an interface of this machine or an address.
	CheckBind func(string) error
}

// SourceKind is one kind of source.
type SourceKind struct {
	Word string // "url"
	Form string // as help shows it: "url:<url>"
	// Check reports whether arg, the text behind the colon, makes sense for f, and
	// who would answer. It asks nobody. secret says that URLHeader goes along.
	Check func(f addr.Family, arg string, secret bool) (addr.Voter, error)
	// OwnPlace says that it tells what one place has, whatever line is asked over.
	OwnPlace bool
}
