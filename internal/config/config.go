// Package config turns what a person wrote into one typed Config, or into
// every problem at once. One table says all there is to set.
package config

import (
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/secret"
)

// Config is a whole, valid configuration. Nothing in it has to be checked again.
type Config struct {
	Account Account
	Spec    plan.Spec
	Sources map[addr.Family][]Source // a family without any is out of scope

	Confirm          bool          // ask twice before an address is published
	DetectionTimeout time.Duration // for each look at a family
	UpdateTimeout    time.Duration // for each listing, and for the changes of a zone in a round

	Schedule schedule.Schedule
	OnStart  bool
	Resync   time.Duration  // 0: never read again what was read once
	Location *time.Location // in which people read times; without TZ the machine's own

	Quiet bool
	Emoji bool
}

// Account is how to reach a DNS host: a token, or a key with its email.
type Account struct {
	Token   secret.String
	Key     secret.String
	Email   string
	BaseURL string // empty: the host's own
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
// import: which sources there are, and what a credential looks like.
type Catalogue struct {
	Sources []SourceKind
	// CheckToken, CheckKey and CheckURL look at the shape of a value without
	// asking anybody.
	CheckToken func(string) error
	CheckKey   func(key, email string) error
	CheckURL   func(string) error
}

// SourceKind is one kind of source.
type SourceKind struct {
	Word string // "url"
	Form string // as help shows it: "url:<url>"
	// Check says whether arg, the text behind the colon, makes sense for f.
	Check func(f addr.Family, arg string) error
}
