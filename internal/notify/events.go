package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// Starting is the event of a daemon that starts, before its first round.
// Program is its name and version, schedule as a person reads it.
func Starting(now time.Time, program string, names int, schedule string) Event {
	body := fmt.Sprintf("%s has started: it keeps %s pointing home, %s.", program, count(names, "name"), schedule)
	return Event{Beat{Sign: Start, Text: plain(program)}, about(Started, now, "homing has started", body)}
}

// StartingOnce is the event of a one-shot that starts: no message, for its
// round says all there is to say.
func StartingOnce(program string) Event {
	return Event{Beat: Beat{Sign: Start, Text: plain(program)}}
}

// Waiting is the event of a start without a round: a watching service should
// not wait for one. Until tells when the first round is due.
func Waiting(until string) Event {
	return Event{Beat: Beat{Sign: Up, Text: plain("started; the first round is due " + until)}}
}

// Misconfiguring is the event of a start that failed because of the settings.
// Problems are those a person was told of; no secret is in them.
func Misconfiguring(now time.Time, problems string) Event {
	return Event{Beat{Sign: Down, Text: "configuration errors"},
		about(Misconfigured, now, "homing did not start", "The settings are bad, and homing did not start.\n"+problems)}
}

// Reloading is the event of settings read anew.
func Reloading(now time.Time, names int, schedule string) Event {
	body := fmt.Sprintf("homing has new settings: it keeps %s pointing home, %s.", count(names, "name"), schedule)
	return Event{Messages: about(Reloaded, now, "homing has new settings", body)}
}

// Refusing is the event of newer settings that are wrong: what is, a line each.
func Refusing(now time.Time, lines []string) Event {
	body := "The new settings are not used, and those of before stay in force.\n" + bodyOf(lines)
	return Event{Messages: about(Failed, now, "homing refuses its new settings", body)}
}

// Rounding is the event of a round, of what happened in it, of what Decide found
// worth telling of it, and of what Decide remembers after it.
func Rounding(r status.Round, happened []status.Event, messages []Message, s State) Event {
	return Event{beat(&r, happened, s), messages}
}

// Cleaning is the event of a cleanup: what was removed, a line each, or what
// could not be. Nothing to say is no event.
func Cleaning(now time.Time, lines []string, failed bool) Event {
	if len(lines) == 0 && !failed {
		return Event{}
	}
	b, title := Beat{Sign: Note, Text: bodyOf(lines)}, "homing cleaned up"
	if failed {
		b.Sign, title = Down, "homing could not clean up"
	}
	return Event{b, about(Cleaned, now, title, bodyOf(lines))}
}

// Stopping is the event of a daemon that ends because it was told to. When the
// latest round failed, the end is put on record but is no success: it must not
// turn a watching service green.
func Stopping(now time.Time, failed bool) Event {
	b := Beat{Sign: Exit, Text: "stopped"}
	if failed {
		b = Beat{Sign: Note, Text: "stopped while something was not right"}
	}
	return Event{b, about(Stopped, now, "homing has stopped", "homing has stopped, as it was told to.")}
}

// Exiting is the event of a one-shot that ends with this status after its round.
func Exiting(status int) Event {
	return Event{Beat: Beat{Sign: Exit, Status: status, Text: fmt.Sprintf("ended with status %d", status)}}
}

// Ending is the event of a schedule that has no more rounds.
func Ending(now time.Time) Event {
	const body = "homing has ended: its schedule has no more rounds, and nothing keeps the records true."
	return Event{Beat{Sign: Down, Text: body}, about(ScheduleEnded, now, "homing has ended", body)}
}

// Testing is the event by which a person sees who is told. It tells no watching
// service that something is well or not.
func Testing(now time.Time, program string) Event {
	return Event{Beat{Sign: Note, Text: "a test"},
		about(Test, now, "homing: a test", "This is a test of "+program+": messages arrive here.")}
}

func about(k Kind, now time.Time, title, body string) []Message {
	return []Message{{Kind: k, At: now, Title: title, Body: short(plain(body), bodyLimit)}}
}

// beat is what a watching service is told of a round. It is Up only when all of
// it is right: no failure, no failed change, no change left over. A round that
// was cut short with nothing wrong proves neither; nor does one whose failures
// are not yet worth a message, which may pass.
func beat(r *status.Round, happened []status.Event, s State) Beat {
	done, bad := r.Count()
	left := r.Pending() - done - bad
	switch wrong := failures(r); {
	case r.Dry || r.Outcome() == status.NotDone:
		return Beat{}
	case len(wrong) > 0 && s.patient(r):
		return Beat{Sign: Note, Text: bodyOf(wrong)}
	case len(wrong) > 0:
		return Beat{Sign: Down, Text: bodyOf(wrong)}
	case cutShort(r):
		return Beat{}
	case left > 0:
		return Beat{Sign: Down, Text: count(left, "change") + " left to make"}
	}
	return Beat{Sign: Up, Text: bodyOf(changeLines(happened))}
}

// failures is a line for each thing that is wrong after a round.
func failures(r *status.Round) []string {
	var wrong []status.Condition
	for i := range r.Conditions {
		if c := &r.Conditions[i]; c.Code.Failure() && c.Code != status.Stopped {
			wrong = append(wrong, *c)
		}
	}
	lines := conditionLines(wrong)
	if len(lines) > 0 {
		return lines
	}
	var g groups // a failed change without a condition must not pass for a success
	for _, z := range r.Zones {
		for i := range z.Done {
			if d := &z.Done[i]; d.Err != nil {
				g.add("", d.Key().String(), ": "+strings.TrimSpace(d.Err.Error()))
			}
		}
	}
	if _, bad := r.Count(); bad > 0 && len(g.order) == 0 {
		return []string{count(bad, "change") + " failed"}
	}
	return g.lines()
}
