// Package schedule says when the next round is. Everything here is pure: the
// clock and the dice are the caller's.
package schedule

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Schedule is the instants at which rounds are planned. Its zero value has none.
type Schedule struct {
	text  string
	once  bool
	every time.Duration // of @every
	cron  *cron         // of cron fields and descriptors; at the clock of zone
	zone  *time.Location
}

// maxInterval is the longest @every: beyond it is a slip, too.
const maxInterval = 366 * 24 * time.Hour

// minInterval is the shortest @every: what is asked for more often is a slip.
const minInterval = time.Second

// maxIntervalText is the longest schedule, in octets.
const maxIntervalText = 1024

// Error is a schedule that cannot be read.
type Error struct {
	Spec   string
	Reason string
	Hint   string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%q is not a schedule: %s; %s", e.Spec, e.Reason, e.Hint)
}

const acceptedForms = `write "@every 5m", five cron fields such as "*/5 * * * *", @hourly, @daily or @once`

// Parse reads a schedule:
//
//	@every 5m                  every five minutes, counted from the start of a round
//	*/5 8-20 * * MON-FRI       minute, hour, day of the month, month, day of the week
//	@hourly @daily …           as in cron
//	@once                      one round and no more; @disabled and @nevermore are old names of it
//
// Cron fields mean the clock of zone (nil: UTC), unless "TZ=Europe/Berlin " or "CRON_TZ=… "
// stands before them. A day of the month and a day of the week that are both
// restricted hold when either does. @every of less than a second is a second.
//
// A schedule can be well written and still have no instant (31 February):
// see Next. The error is an *Error.
func Parse(spec string, zone *time.Location) (Schedule, error) {
	text := strings.Join(strings.Fields(spec), " ")
	refuse := func(reason, hint string) (Schedule, error) { return Schedule{}, &Error{spec, reason, hint} }
	if text == "" {
		return refuse("it is empty", acceptedForms)
	}
	if len(text) > maxIntervalText {
		return refuse(fmt.Sprintf("it is longer than %d characters", maxIntervalText), acceptedForms)
	}

	s := Schedule{text: text, zone: cmp.Or(zone, time.UTC)}
	rest := text
	if name, after, ok := cutTimeZone(text); ok {
		if after == "" {
			return refuse("nothing stands behind the time zone", fmt.Sprintf(`write "%s */5 * * * *", say`, text))
		}
		var err error
		if s.zone, err = LoadZone(name); err != nil {
			return refuse(fmt.Sprintf("there is no time zone %q", name), `take a name such as Europe/Berlin or UTC`)
		}
		rest = after
	}

	var reason, hint string
	switch word, arg, _ := strings.Cut(rest, " "); {
	case rest == "@once", rest == "@disabled", rest == "@nevermore":
		return Schedule{text: "@once", once: true}, nil
	case word == "@every":
		s.every, reason, hint = parseEvery(arg)
	default:
		s.cron, reason, hint = parseCron(rest)
	}
	if reason != "" {
		return refuse(reason, hint)
	}
	return s, nil
}

// cutTimeZone takes "TZ=zone " or "CRON_TZ=zone " off a schedule.
func cutTimeZone(s string) (zone, rest string, ok bool) {
	for _, prefix := range []string{"TZ=", "CRON_TZ="} {
		if after, ok := strings.CutPrefix(s, prefix); ok {
			zone, rest, _ = strings.Cut(after, " ")
			return zone, rest, true
		}
	}
	return "", s, false
}

func parseEvery(arg string) (every time.Duration, reason, hint string) {
	const asIn = "write a number and a unit, as in @every 5m or @every 1h30m"
	d, err := time.ParseDuration(arg)
	switch {
	case arg == "":
		return 0, "@every needs a duration", asIn
	case err != nil:
		return 0, fmt.Sprintf("%q is not a duration", arg), asIn
	case d <= 0:
		return 0, "the time between rounds must be more than zero", "to run one round only, write @once"
	case d > maxInterval:
		return 0, "the time between rounds must be a year at most", "to run one round only, write @once"
	}
	return max(d, minInterval), "", ""
}

// Next is the first instant after now, or zero when there is none: always for
// @once, and for a day that no month of the next five years has.
func (s Schedule) Next(now time.Time) time.Time {
	switch {
	case s.every > 0:
		return now.Add(s.every)
	case s.cron != nil:
		return s.cron.next(now.In(s.zone))
	}
	return time.Time{}
}

// After is when the next round is due, now that the one planned for the
// instant planned is over. A round that outlasts the interval is followed by
// one round at once, however many instants it missed: rounds never pile up.
func (s Schedule) After(planned, now time.Time) time.Time {
	next := s.Next(planned)
	if !next.IsZero() && next.Before(now) {
		return now
	}
	return next
}

// Interval is the time between the next two instants; zero when there are not two.
func (s Schedule) Interval(now time.Time) time.Duration {
	first := s.Next(now)
	if first.IsZero() {
		return 0
	}
	second := s.Next(first)
	if second.IsZero() {
		return 0
	}
	return second.Sub(first)
}

// Once reports whether one round is all there is to be.
func (s Schedule) Once() bool { return s.once }

// String reads back as the same schedule.
func (s Schedule) String() string { return s.text }
