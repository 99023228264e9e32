package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// StartedEvent is the event of a daemon that starts, before its first round.
// Program is its name and version, schedule as a person reads it.
func StartedEvent(now time.Time, program string, names int, schedule string) Event {
	body := fmt.Sprintf("%s has started: it keeps %s pointing home, %s.", program, countNoun(names, "name"), schedule)
	return Event{Heartbeat{Signal: SignalStart, Text: stripControl(program)}, singleMessage(Started, now, "homing has started", body)}
}

// StartedOnceEvent is the event of a one-shot that starts: no message, for its
// round says all there is to say.
func StartedOnceEvent(program string) Event {
	return Event{Heartbeat: Heartbeat{Signal: SignalStart, Text: stripControl(program)}}
}

// WaitingEvent is the event of a start without a round: a watching service should
// not wait for one. Until tells when the first round is due.
func WaitingEvent(until string) Event {
	return Event{Heartbeat: Heartbeat{Signal: SignalUp, Text: stripControl("started; the first round is due " + until)}}
}

// MisconfiguredEvent is the event of a start that failed because of the settings.
// Problems are those a person was told of; no secret is in them.
func MisconfiguredEvent(now time.Time, problems string) Event {
	return Event{Heartbeat{Signal: SignalDown, Text: "configuration errors"},
		singleMessage(Misconfigured, now, "homing did not start", "The settings are bad, and homing did not start.\n"+problems)}
}

// ReloadedEvent is the event of settings read anew.
func ReloadedEvent(now time.Time, names int, schedule string) Event {
	body := fmt.Sprintf("homing has new settings: it keeps %s pointing home, %s.", countNoun(names, "name"), schedule)
	return Event{Messages: singleMessage(Reloaded, now, "homing has new settings", body)}
}

// SettingsRefusedEvent is the event of newer settings that are wrong: what is, a line each.
func SettingsRefusedEvent(now time.Time, lines []string) Event {
	body := "The new settings are not used, and those of before stay in force.\n" + joinBody(lines)
	return Event{Messages: singleMessage(Failed, now, "homing refuses its new settings", body)}
}

// RoundEvent is the event of a round, of what happened in it, of what Decide found
// worth telling of it, and of what Decide remembers after it.
func RoundEvent(r status.Round, happened []status.Event, messages []Message, s State) Event {
	return Event{heartbeatOf(&r, happened, s), messages}
}

// CleanedUpEvent is the event of a cleanup: what was removed, a line each, or what
// could not be. Nothing to say is no event.
func CleanedUpEvent(now time.Time, lines []string, failed bool) Event {
	if len(lines) == 0 && !failed {
		return Event{}
	}
	b, title := Heartbeat{Signal: SignalLog, Text: joinBody(lines)}, "homing cleaned up"
	if failed {
		b.Signal, title = SignalDown, "homing could not clean up"
	}
	return Event{b, singleMessage(Cleaned, now, title, joinBody(lines))}
}

// StoppedEvent is the event of a daemon that ends because it was told to. When the
// latest round failed, the end is put on record but is no success: it must not
// turn a watching service green.
func StoppedEvent(now time.Time, failed bool) Event {
	b := Heartbeat{Signal: SignalExit, Text: "stopped"}
	if failed {
		b = Heartbeat{Signal: SignalLog, Text: "stopped while something was not right"}
	}
	return Event{b, singleMessage(Stopped, now, "homing has stopped", "homing has stopped, as it was told to.")}
}

// ExitedEvent is the event of a one-shot that ends with this status after its round.
func ExitedEvent(status int) Event {
	return Event{Heartbeat: Heartbeat{Signal: SignalExit, Status: status, Text: fmt.Sprintf("ended with status %d", status)}}
}

// ScheduleEndedEvent is the event of a schedule that has no more rounds.
func ScheduleEndedEvent(now time.Time) Event {
	const body = "homing has ended: its schedule has no more rounds, and nothing keeps the records true."
	return Event{Heartbeat{Signal: SignalDown, Text: body}, singleMessage(ScheduleEnded, now, "homing has ended", body)}
}

// TestEvent is the event by which a person sees who is told. It tells no watching
// service that something is well or not.
func TestEvent(now time.Time, program string) Event {
	return Event{Heartbeat{Signal: SignalLog, Text: "a test"},
		singleMessage(Test, now, "homing: a test", "This is a test of "+program+": messages arrive here.")}
}

func singleMessage(k Kind, now time.Time, title, body string) []Message {
	return []Message{{Kind: k, At: now, Title: title, Body: truncate(stripControl(body), maxBody)}}
}

// heartbeatOf is what a watching service is told of a round. It is Up only when all of
// it is right: no failure, no failed change, no change left over. A round that
// was cut short with nothing wrong proves neither; nor does one whose failures
// are not yet worth a message, which may pass.
func heartbeatOf(r *status.Round, happened []status.Event, s State) Heartbeat {
	done, bad := r.Count()
	left := r.Pending() - done - bad
	switch wrong := failureLines(r); {
	case r.Dry || r.Outcome() == status.NotDone:
		return Heartbeat{}
	case len(wrong) > 0 && s.isWaiting(r):
		return Heartbeat{Signal: SignalLog, Text: joinBody(wrong)}
	case len(wrong) > 0:
		return Heartbeat{Signal: SignalDown, Text: joinBody(wrong)}
	case wasInterrupted(r):
		return Heartbeat{}
	case left > 0:
		return Heartbeat{Signal: SignalDown, Text: countNoun(left, "change") + " left to make"}
	}
	return Heartbeat{Signal: SignalUp, Text: joinBody(changeLines(happened))}
}

// failureLines is a line for each thing that is wrong after a round.
func failureLines(r *status.Round) []string {
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
	var g sentenceGroups // a failed change without a condition must not pass for a success
	for _, z := range r.Zones {
		for i := range z.Done {
			if d := &z.Done[i]; d.Err != nil {
				g.add("", d.Key().String(), ": "+strings.TrimSpace(d.Err.Error()))
			}
		}
	}
	if _, bad := r.Count(); bad > 0 && len(g.order) == 0 {
		return []string{countNoun(bad, "change") + " failed"}
	}
	return g.lines()
}
