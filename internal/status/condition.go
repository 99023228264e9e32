package status

import (
	"cmp"
	"encoding/json"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/text"
)

// Condition is something a person should know of. It lasts as long as rounds
// keep finding it, and ends by itself.
type Condition struct {
	Code    Code
	Cause   string    // a word for what is behind it, which may cross codes; empty: the Code
	Subject string    // what it is about: a family, a zone, a name
	Account string    // whose it is, where it is about something of an account that has a name
	Key     dns.Key   // the RRset, where it is about one
	Text    string    // what is so, and why
	Reason  string    // Text without what was being done to the Subject alone; empty: Text
	Hint    text.Hint // what to do about it; may be empty
	Refused bool      // somebody said no, so that it will not pass by itself
}

// ID tells whether two rounds found the same condition.
func (c *Condition) ID() string {
	id := string(c.Code) + " " + c.Subject
	if c.Code == AccountAdvice { // an account may be given several
		id += " " + c.Text
	}
	return id
}

// cause is the word for what is behind it.
func (c *Condition) cause() string { return cmp.Or(c.Cause, string(c.Code)) }

// MarshalJSON writes the condition as scripts read it, wherever one is shown.
func (c Condition) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Code    Code   `json:"code"`
		Failure bool   `json:"failure"`
		Cause   string `json:"cause"`
		Subject string `json:"subject"`
		Text    string `json:"text"`
		Reason  string `json:"reason,omitempty"`
		Hint    string `json:"hint,omitempty"`
	}{c.Code, c.Code.Failure(), c.cause(), c.Subject, c.Text, c.Reason, c.Hint.String()})
}

// Describe is the condition in one line.
func (c *Condition) Describe() string {
	s := c.Subject + ": " + c.Text
	if c.Hint != "" {
		s += "; " + c.Hint.String()
	}
	return s
}

// Compare orders conditions: by subject, then code, then text.
func (c *Condition) Compare(d Condition) int {
	return cmp.Or(cmp.Compare(c.Subject, d.Subject), cmp.Compare(c.Code, d.Code), cmp.Compare(c.Text, d.Text))
}

// failing reports whether something is not as it should be.
func failing(cs []Condition) bool {
	for i := range cs {
		if cs[i].Code.Failure() {
			return true
		}
	}
	return false
}

// has reports whether there is one with this code.
func has(cs []Condition, code Code) bool {
	for i := range cs {
		if cs[i].Code == code {
			return true
		}
	}
	return false
}

// Code is what scripts may read of a Condition.
type Code string

const (
	AddressUnknown  Code = "address-unknown"  // no source of a family gave an answer
	AddressDoubted  Code = "address-doubted"  // there were answers, and they were not believed
	FamilyAbsent    Code = "family-absent"    // this machine has no such family, and nothing needs it
	SiteDown        Code = "site-down"        // a site has no address, and another has taken its place
	TwoLines        Code = "two-lines"        // the place leaves by two lines; one of them stays published
	AddressDamped   Code = "address-damped"   // the family flaps; its change is held back
	BehindCGNAT     Code = "behind-cgnat"     // this place shares its public address with others
	BehindTwoNATs   Code = "behind-two-nats"  // the router of this place is behind another router
	BehindTunnel    Code = "behind-tunnel"    // this machine leaves through a tunnel, whose far end others see
	AddressFleeting Code = "address-fleeting" // the address is a temporary one of this machine, which has a stable one too
	NeighbourAway   Code = "neighbour-away"   // a machine of the network is not seen, so that its records stay
	AccountAdvice   Code = "account-advice"   // the account works, and could work better
	ZonesUnread     Code = "zones-unread"     // the zones of an account could not be listed
	ZoneFailed      Code = "zone-failed"      // a zone could not be read or changed
	ZoneWarning     Code = "zone-warning"     // the zone can be written to, but something is wrong with it
	NameUnplaced    Code = "name-unplaced"    // a name lies in no zone the account can see
	ChangeFailed    Code = "change-failed"    // the host refused a change, or did not confirm it
	Rival           Code = "rival"            // somebody changes what homing keeps, again and again
	ListFailed      Code = "list-failed"      // an IP list could not be read, or is not as it should be
	NameBlocked     Code = "name-blocked"     // something at the name leaves no room for an address
	HostIDUnfit     Code = "host-id-unfit"    // a host id makes no address behind the observed prefix
	RecordMissing   Code = "record-missing"   // there is no record, and none may be created
	RecordAmbiguous Code = "record-ambiguous" // which of several records is homing's cannot be told, and the others are to stay
	SettingAdapted  Code = "setting-adapted"  // the zone cannot store an attribute as it was set
	AddressLeftOut  Code = "address-left-out" // the DNS host has no room for all of the addresses
	RecordUntouched Code = "record-untouched" // a record that is not ours, or is to stay, stands beside
	Stopped         Code = "stopped"          // the round was cut short
	TellingFailed   Code = "telling-failed"   // a service that should be told is not reached; the records are another matter
	SettingsRefused Code = "settings-refused" // newer settings are wrong, so that those of before stay in force; the records are another matter
	LeftBehind      Code = "left-behind"      // cleaning up did not delete all that is ours
)

// Failure says whether something is not as it should be while the condition
// lasts. Codes of another release come from the history, which keeps failures only.
//
//go:noinline // many callers: see dependencies.md
func (c Code) Failure() bool {
	switch c {
	case FamilyAbsent, SiteDown, TwoLines, AddressDamped, BehindCGNAT, BehindTwoNATs, BehindTunnel, AddressFleeting, NeighbourAway, AccountAdvice, ZoneWarning, SettingAdapted, RecordUntouched, TellingFailed, SettingsRefused:
		return false
	}
	return true
}

// Unread says whether something of a DNS host could not be read, or changed.
func (c Code) Unread() bool { return c == ZonesUnread || c == ZoneFailed }
