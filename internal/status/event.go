package status

import (
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// Event is something that happened and that a person may want to read about
// later. Which fields are set depends on its Kind.
type Event struct {
	At      time.Time
	Kind    EventKind
	Family  addr.Family   // of AddressFound, AddressLost and FamilyPublished
	Key     dns.Key       // of RecordChanged, and of conditions about an RRset
	List    string        // of ItemChanged: the name of the IP list
	Code    Code          // of AddressLost and of conditions
	From    string        // what was before; may be empty
	To      string        // what is now
	Text    string        // why, in words
	Took    time.Duration // of FamilyPublished: since the addresses were first seen
	Failure bool          // of conditions: something was not as it should be
}

// EventKind is what scripts may read of an Event.
type EventKind string

const (
	HomingBegan     EventKind = "began"           // homing began to run
	HomingEnded     EventKind = "ended"           // homing ended as it was told to
	AddressFound    EventKind = "address"         // To are the addresses of a family now
	AddressLost     EventKind = "address-lost"    // the addresses of a family are no longer known
	RecordChanged   EventKind = "changed"         // the host confirmed a change
	RecordsChanged  EventKind = "changed-more"    // so did it for more records than are told one by one
	ItemChanged     EventKind = "item-changed"    // the host confirmed a change of an item of an IP list
	FamilyPublished EventKind = "published"       // every record of a family that could be changed says its addresses
	ConditionBegan  EventKind = "condition"       // a condition began
	ConditionOver   EventKind = "condition-ended" // and ended
)
