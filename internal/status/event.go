package status

import (
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/text"
)

// Event is something that began, ended or changed. The log, the page, the
// history, messages and metrics are all made of it. What happened alike, or for
// one cause, is one Event. Which fields are set depends on its Kind.
type Event struct {
	At   time.Time
	Kind EventKind

	Of    plan.Origin // of AddressFound, AddressLost and FamilyPublished; of RecordChanged where its values come from one site with a name
	Moved bool        // of AddressFound: these are others than before, or the first

	Action plan.Action // of RecordChanged and ItemChanged
	Keys   []dns.Key   // of RecordChanged: the RRsets, or the first of them
	List   string      // of ItemChanged: the name of the IP list
	Step   string      // of RecordChanged and ItemChanged: from what to what, in words

	Code       Code          // of AddressLost and of conditions
	Conditions []Condition   // of conditions: those of one cause, or the first of them
	Failure    bool          // of conditions: something was not as it should be
	Hint       text.Hint     // of conditions: what to do about it
	Lasting    map[Code]bool // of conditions: codes of which others were so before, or still are

	Count int           // of Keys or Conditions, all of them
	From  string        // what was before; may be empty
	To    string        // what is now
	Text  string        // why, in words
	Took  time.Duration // since the addresses were first seen, of FamilyPublished and RecordChanged
	Truth time.Duration // of the same: since the first bell of the change, where one rang; else zero
}

// EventKind is what scripts may read of an Event.
type EventKind string

const (
	HomingBegan     EventKind = "began"           // homing began to run
	HomingEnded     EventKind = "ended"           // homing ended as it was told to
	SettingsEdited  EventKind = "edited"          // somebody changed settings over the page or the API: who is From, and which settings To
	AddressFound    EventKind = "address"         // To are the addresses of a family now
	AddressLost     EventKind = "address-lost"    // the addresses of a family are no longer known
	RecordChanged   EventKind = "changed"         // the host confirmed changes of records that are alike
	ItemChanged     EventKind = "item-changed"    // the host confirmed a change of an item of an IP list
	FamilyPublished EventKind = "published"       // every record of a family that could be changed says its addresses
	ConditionBegan  EventKind = "condition"       // conditions began
	ConditionOver   EventKind = "condition-ended" // and ended
)

// ofAddress reports whether AddressFound or AddressLost tell the same.
func (e *Event) ofAddress() bool {
	return (e.Kind == ConditionBegan || e.Kind == ConditionOver) && e.Code.OfAddress()
}

// About names the first RRsets that were changed alike and counts the others.
func (e *Event) About() string {
	names := make([]string, 0, subjectsNamed)
	for _, k := range e.Keys[:min(len(e.Keys), subjectsNamed)] {
		names = append(names, k.String())
	}
	return named(names, max(e.Count, len(e.Keys)))
}

// Describe is conditions in one line, with what to do about them.
func (e *Event) Describe() string {
	if e.Hint == "" {
		return e.Text
	}
	return e.Text + "; " + e.Hint.String()
}

// brief is e with no more of a list than a person may read.
func (e *Event) brief() Event {
	b := *e
	b.Keys, b.Conditions = limited(e.Keys, toldMost), limited(e.Conditions, toldMost)
	return b
}

// toldMost is how many RRsets or conditions of an Event are kept.
const toldMost = 20
