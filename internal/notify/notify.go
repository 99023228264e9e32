// Package notify tells people and other programs what happened. What is worth
// telling is decided by Decide, a function of the rounds alone. A Dispatcher
// hands it to the sinks, one file each, and never keeps a round waiting.
//
// There are two kinds of telling. Messages are for people and say only what is
// new. Beats are for services that watch over programs: every round has one.
package notify

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/homing-dns/homing/internal/status"
)

// Event is something the sinks are told of. Its zero value tells nothing.
type Event struct {
	Heartbeat Heartbeat
	Messages  []Message
}

// Sink is somewhere to tell things. Its values are made by the functions New….
type Sink interface {
	// Name is what a person calls the sink: "discord". It holds no secret.
	Name() string
	// deliveries is what is to be sent because of e; nothing, mostly. It does not
	// block, and what it returns holds on to nothing large.
	deliveries(e Event) []delivery
}

// delivery is one thing to send. Errors of send hold no secret.
type delivery struct {
	send     func(ctx context.Context) error
	timeout  time.Duration // of each try; 0 means tryLimit
	noRetry  bool          // sending it twice would do harm
	onFinish func()        // is called once nothing more comes of it, while the lane is held; may be nil
}

func (d delivery) finish() {
	if d.onFinish != nil {
		d.onFinish()
	}
}

// Kind is what a Message is about, as scripts read it. Kinds are only added.
type Kind string

const (
	Started       Kind = "started"       // the daemon runs
	Reloaded      Kind = "reloaded"      // it has new settings
	Stopped       Kind = "stopped"       // it was told to end
	Misconfigured Kind = "misconfigured" // it could not start
	ScheduleEnded Kind = "schedule-ended"
	Cleaned       Kind = "cleaned" // it removed what it kept, as it was told to
	Changed       Kind = "changed" // records were changed
	Failed        Kind = "failed"  // something is not as it should be, and has been for a while
	Recovered     Kind = "recovered"
	Test          Kind = "test" // a person wants to see that messages arrive
)

// OnlyKinds is s, told of messages of these kinds alone, and of every beat.
func OnlyKinds(s Sink, kinds []string) Sink { return &kindFilter{s, kinds} }

type kindFilter struct {
	Sink
	kinds []string
}

func (o *kindFilter) deliveries(e Event) []delivery {
	var wanted []Message
	for i := range e.Messages {
		if m := &e.Messages[i]; slices.Contains(o.kinds, string(m.Kind)) {
			wanted = append(wanted, *m)
		}
	}
	return o.Sink.deliveries(Event{e.Heartbeat, wanted})
}

// Message is something worth telling a person.
type Message struct {
	Kind  Kind
	At    time.Time
	Title string // a few words
	Body  string // one line or several, which can be understood without the title

	IPv4, IPv6 []string           // the addresses that are known, where a round is told of
	Changes    []status.Event     // of Changed: the records that were
	Conditions []status.Condition // of Failed and Recovered
}

// Heartbeat is what a service is told that watches whether homing works.
type Heartbeat struct {
	Signal Signal
	Text   string // for people; may be empty
	Status int    // of Exit: the exit status
}

// Signal is what a Beat says. Its zero value says nothing.
type Signal uint8

const (
	NoSignal    Signal = iota
	SignalStart        // homing starts, and has proved nothing yet
	SignalUp           // everything is right
	SignalDown         // something is not right
	SignalLog          // for the record: neither good nor bad
	SignalExit         // homing ends, with Status
)

// stripControl is s without control characters and without what turns the direction of
// text; much of what is told came from the network. Line breaks stay.
func stripControl(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}

// truncate is s of at most so many bytes, cut between characters.
func truncate(s string, most int) string {
	if len(s) <= most {
		return s
	}
	const more = "…"
	cut := most - len(more)
	for cut > 0 && s[cut]&0xC0 == 0x80 { // inside a character
		cut--
	}
	return s[:cut] + more
}
