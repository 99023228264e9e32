package provider

import (
	"fmt"
	"time"

	"github.com/homing-dns/homing/internal/text"
)

// Kind says what an error means for what happens next. Its zero value is the
// careful one.
type Kind uint8

const (
	Unconfirmed Kind = iota // the answer to a write was lost or unreadable: it may have happened; read before anything else
	Auth                    // the credential was refused, or may not do this
	NoZone                  // the zone is not there, or not to be seen with this credential
	Stale                   // what the view says no longer holds: read again, plan again
	Rejected                // the host understood and refuses; asking again changes nothing
	Throttled               // too many calls; RetryAfter says how long to wait
	Unavailable             // the host could not be reached or failed; nothing was changed
	NotTried                // given up before this change was sent
)

func (k Kind) String() string {
	switch k {
	case Unconfirmed:
		return "unconfirmed"
	case Auth:
		return "auth"
	case NoZone:
		return "no zone"
	case Stale:
		return "stale"
	case Rejected:
		return "rejected"
	case Throttled:
		return "throttled"
	case Unavailable:
		return "unavailable"
	case NotTried:
		return "not tried"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Error is a failure at a DNS host.
type Error struct {
	Kind       Kind
	RetryAfter time.Duration // of Throttled: how long to wait; zero when the host did not say
	Hint       text.Hint     // what a person should do; may be none
	What       string        // what was to be done: create A home.example.org; may be empty
	Err        error         // what happened, without What: many that fail alike have the same
}

func (e *Error) Error() string {
	if e.What == "" {
		return e.Reason()
	}
	return e.What + ": " + e.Reason()
}

// Reason returns what happened, without what was to be done.
func (e *Error) Reason() string {
	if e.Err == nil {
		return e.Kind.String()
	}
	return e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }
