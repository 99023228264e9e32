package schedule

import "time"

// cron is the minutes that five fields name.
type cron struct {
	minute, hour, day, month, weekday numberSet
	dayOrWeekday                      bool // a day holds by its number or by its weekday, for both are restricted
}

// numberSet is a set of them, a bit each.
type numberSet uint64

func (s numberSet) has(n int) bool { return s>>n&1 != 0 }

// maxYearsAhead is for how many years next looks.
const maxYearsAhead = 5

// next is the first of these minutes after now, at now's clock; zero when none
// of the years ahead has one. Where the clock is put forward over an hour, what
// was due in it is due in the hour that follows, once; an hour that comes twice
// counts twice.
func (c *cron) next(now time.Time) time.Time {
	t := now.Truncate(time.Minute).Add(time.Minute)
	for last := t.Year() + maxYearsAhead; t.Year() <= last; {
		hour := t.Hour()
		switch year, month, day := t.Date(); {
		case !c.month.has(int(month)):
			t = nextDay(t, year, month+1, 1)
		case !c.matchesDay(t):
			t = nextDay(t, year, month, day+1)
		case !c.hour.has(hour):
			t = t.Add(time.Hour - time.Duration(t.Minute())*time.Minute)
			if t.Hour() == hour+2 && c.hour.has(hour+1) {
				return c.nextMinute(t)
			}
		case !c.minute.has(t.Minute()):
			t = t.Add(time.Minute)
		default:
			return t
		}
	}
	return time.Time{}
}

// matchesDay reports whether the day of t holds, as in every cron since Vixie's.
func (c *cron) matchesDay(t time.Time) bool {
	day, weekday := c.day.has(t.Day()), c.weekday.has(int(t.Weekday()))
	if c.dayOrWeekday {
		return day || weekday
	}
	return day && weekday
}

func (c *cron) nextMinute(t time.Time) time.Time {
	for !c.minute.has(t.Minute()) {
		t = t.Add(time.Minute)
	}
	return t
}

// nextDay is when a day after t begins: an hour later where the clock is put
// forward at midnight, a day later where the day is left out (Samoa, 2011).
func nextDay(t time.Time, year int, month time.Month, day int) time.Time {
	begins := time.Date(year, month, day, 0, 0, 0, 0, t.Location())
	switch {
	case !begins.After(t):
		return time.Date(year, month, day+1, 0, 0, 0, 0, t.Location())
	case begins.Hour() > 12: // of the day before
		return begins.Add(time.Hour)
	}
	return begins
}
