package schedule

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse("2006-01-02T15:04:05Z07:00", s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func parse(t *testing.T, spec string) Schedule {
	t.Helper()
	s, err := Parse(spec, zone(t, "Europe/Berlin"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNext(t *testing.T) {
	tests := []struct{ spec, now, next string }{
		{"@every 5m", "2026-11-21T10:00:07Z", "2026-11-21T10:05:07Z"},
		{"@every 300ms", "2026-11-21T10:00:07Z", "2026-11-21T10:00:08Z"},
		{"TZ=Asia/Tokyo @every 1h30m", "2026-11-21T10:00:00Z", "2026-11-21T11:30:00Z"},
		{"*/5 * * * *", "2026-11-21T10:00:00Z", "2026-11-21T10:05:00Z"},
		{"*/5 * * * *", "2026-11-21T10:04:59Z", "2026-11-21T10:05:00Z"},
		{"30 4 * * *", "2026-11-21T10:00:00Z", "2026-11-22T03:30:00Z"}, // at the clock of Berlin
		{"TZ=UTC 30 4 * * *", "2026-11-21T10:00:00Z", "2026-11-22T04:30:00Z"},
		{"CRON_TZ=Asia/Tokyo 30 4 * * *", "2026-11-21T10:00:00Z", "2026-11-21T19:30:00Z"},
		{"@daily", "2026-11-21T10:00:00Z", "2026-11-21T23:00:00Z"},
		{"TZ=UTC @hourly", "2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z"},
		{"0 0 * jan-mar SUN", "2026-11-21T10:00:00Z", "2027-01-02T23:00:00Z"},
		{"0 0 * * 7", "2026-11-21T10:00:00Z", "2026-11-21T23:00:00Z"},            // Sunday, 22 November
		{"TZ=UTC 0 0 1 * MON", "2026-11-21T10:00:00Z", "2026-11-23T00:00:00Z"},   // either day, as in every cron
		{"TZ=UTC 0 0 */1 * MON", "2026-11-21T10:00:00Z", "2026-11-23T00:00:00Z"}, // */1 is *
		{"TZ=UTC */60 * * * *", "2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z"},
		{"TZ=UTC 0 5-9/50 * * *", "2026-11-21T10:00:00Z", "2026-11-22T05:00:00Z"},
		{"TZ=UTC 0 0 * * 5/2", "2026-11-21T10:00:00Z", "2026-11-27T00:00:00Z"}, // Fridays, not Sundays
		{"TZ=UTC 0 0 29 2 *", "2026-11-21T10:00:00Z", "2028-02-29T00:00:00Z"},
		{"  */10   *  * * ? ", "2026-11-21T10:00:00Z", "2026-11-21T10:10:00Z"},
		{"30 2 * * *", "2026-03-28T10:00:00Z", "2026-03-29T01:30:00Z"},   // 02:30 does not exist on that day: 03:30 CEST
		{"*/10 2 * * *", "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"}, // once for the hour that is not there
		{"30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},   // and twice for the one that comes twice
		{"TZ=UTC 0 22-2 * * *", "2026-11-21T22:30:00Z", "2026-11-21T23:00:00Z"},
		{"TZ=UTC 0 0 * * FRI-MON", "2026-11-23T00:00:00Z", "2026-11-27T00:00:00Z"},
		{"TZ=UTC 0 0 * * THU", "2026-11-21T00:00:00Z", "2026-11-26T00:00:00Z"},
		{"TZ=UTC 0 0 * * wed/2", "2026-11-21T00:00:00Z", "2026-11-25T00:00:00Z"},             // Wednesdays and Fridays
		{"TZ=UTC 0 0 * * wed/2", "2026-11-27T00:00:00Z", "2026-12-02T00:00:00Z"},             // and not Sundays
		{"TZ=America/Sao_Paulo 0 12 5 11 *", "2018-11-03T12:00:00Z", "2018-11-05T14:00:00Z"}, // no midnight on 4 November
		{"TZ=America/Sao_Paulo 0 12 4 11 *", "2018-11-03T12:00:00Z", "2018-11-04T14:00:00Z"},
		{"TZ=Australia/Lord_Howe 0 5 5 10 *", "2014-10-04T00:00:00Z", "2014-10-04T18:00:00Z"}, // put forward by half an hour at two
		{"TZ=Pacific/Apia 0 12 30,31 12 *", "2011-12-29T23:00:00Z", "2011-12-30T22:00:00Z"},   // which had no 30 December
	}
	for _, tt := range tests {
		if got := parse(t, tt.spec).Next(at(t, tt.now)); !got.Equal(at(t, tt.next)) {
			t.Errorf("%s after %s: %s, want %s", tt.spec, tt.now, got.UTC().Format(time.RFC3339), tt.next)
		}
	}
}

func TestNextIsZeroWithoutAnInstant(t *testing.T) {
	for _, spec := range []string{"@once", "@disabled", "@nevermore", "0 0 31 2 *", "0 0 30 FEB ?"} {
		s := parse(t, spec)
		if next := s.Next(at(t, "2026-11-21T10:00:00Z")); !next.IsZero() {
			t.Errorf("%s: next is %s", spec, next)
		}
		if d := s.Interval(at(t, "2026-11-21T10:00:00Z")); d != 0 {
			t.Errorf("%s: interval is %s", spec, d)
		}
	}
	if !(Schedule{}).Next(time.Unix(1, 0)).IsZero() {
		t.Error("the zero value has an instant")
	}
}

func TestOnceHasOneNameAndKeepsIt(t *testing.T) {
	for _, spec := range []string{"@once", "@disabled", " @nevermore", "TZ=UTC @once"} {
		if s := parse(t, spec); !s.Once() || s.String() != "@once" {
			t.Errorf("%s: once %v, written %s", spec, s.Once(), s)
		}
	}
	if parse(t, "@daily").Once() {
		t.Error("@daily is once")
	}
}

func TestInterval(t *testing.T) {
	tests := []struct {
		spec string
		want time.Duration
	}{
		{"@every 5m", 5 * time.Minute},
		{"*/10 * * * *", 10 * time.Minute},
		{"0 0 * * *", 24 * time.Hour},
		{"0,5 * * * *", 55 * time.Minute}, // 10:05, then 11:00
	}
	for _, tt := range tests {
		if got := parse(t, tt.spec).Interval(at(t, "2026-11-21T10:01:00Z")); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.spec, got, tt.want)
		}
	}
}

// A round that outlasts the interval is followed by one round, not by all it missed.
func TestRoundsNeverPileUp(t *testing.T) {
	s := parse(t, "*/5 * * * *")
	planned := at(t, "2026-11-21T10:00:00Z")
	for ended, want := range map[string]string{
		"2026-11-21T10:00:03Z": "2026-11-21T10:05:00Z",
		"2026-11-21T10:05:00Z": "2026-11-21T10:05:00Z",
		"2026-11-21T10:17:30Z": "2026-11-21T10:17:30Z",
		"2026-11-21T09:59:00Z": "2026-11-21T10:05:00Z", // the clock was set back
	} {
		if got := s.After(planned, at(t, ended)); !got.Equal(at(t, want)) {
			t.Errorf("a round that ended at %s is followed by one at %s, want %s", ended, got, want)
		}
	}
	if got := parse(t, "@once").After(planned, planned); !got.IsZero() {
		t.Errorf("@once is followed by a round at %s", got)
	}
}

func TestErrorsSayWhatAndWhatToDo(t *testing.T) {
	tests := []struct{ spec, reason, hint string }{
		{"", "it is empty", "@every 5m"},
		{" \t", "it is empty", "@every 5m"},
		{"5m", "cron wants 5 fields and this has 1", "@every 5m"},
		{"* * * * * *", "cron wants 5 fields and this has 6", "@every 5m"},
		{"TZ=Asia/Tokyo", "nothing stands behind the time zone", `"TZ=Asia/Tokyo */5 * * * *"`},
		{"CRON_TZ=Asia/Tokyo ", "nothing stands behind the time zone", `"CRON_TZ=Asia/Tokyo */5 * * * *"`},
		{"TZ=Mars/Olympus @daily", `there is no time zone "Mars/Olympus"`, "Europe/Berlin"},
		{"TZ= @daily", `there is no time zone ""`, "Europe/Berlin"},
		{"TZ=Local @daily", `there is no time zone "Local"`, "Europe/Berlin"},
		{"TZ=../../etc/passwd @daily", `there is no time zone "../../etc/passwd"`, "Europe/Berlin"},
		{"TZ=UTC TZ=UTC * * * *", `"TZ=UTC" is no minute`, "0 to 59"},
		{"@every", "@every needs a duration", "@every 5m"},
		{"@every 5", `"5" is not a duration`, "@every 5m"},
		{"@every 5m 3m", `"5m 3m" is not a duration`, "@every 5m"},
		{"@every 0s", "the time between rounds must be more than zero", "@once"},
		{"@every -5m", "the time between rounds must be more than zero", "@once"},
		{"@reboot", `"@reboot" is unknown`, "@hourly"},
		{"@manual", `"@manual" is unknown`, "@hourly"},
		{"@Daily", `"@Daily" is unknown`, "@daily"},
		{"60 * * * *", `"60" is no minute`, "0 to 59"},
		{"* 24 * * *", `"24" is no hour`, "0 to 23"},
		{"* * 0 * *", `"0" is no day of the month`, "1 to 31"},
		{"* * * 13 *", `"13" is no month`, "JAN to DEC"},
		{"* * * * 8", `"8" is no day of the week`, "SUN to SAT"},
		{"* * * * FRI#2", `"FRI#2" is no day of the week`, "SUN to SAT"},
		{"H * * * *", `"H" is no minute`, "0 to 59"},
		{"*/0 * * * *", `"*/0" is no minute`, "step"},
		{"*/-5 * * * *", `"*/-5" is no minute`, "step"},
		{", * * * *", `"," is no minute`, "list"},
		{"1,,2 * * * *", `"1,,2" is no minute`, "list"},
		{"1-2-3 * * * *", `"1-2-3" is no minute`, "range"},
		{strings.Repeat("1,", 600) + "1 * * * *", "it is longer than 1024 characters", "@every 5m"},
	}
	for _, tt := range tests {
		_, err := Parse(tt.spec, time.UTC)
		e, ok := errors.AsType[*Error](err)
		if !ok {
			t.Errorf("%q: the error is %v", tt.spec, err)
			continue
		}
		if e.Reason != tt.reason || !strings.Contains(e.Hint, tt.hint) || e.Spec != tt.spec {
			t.Errorf("%q: %s", tt.spec, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"@every 5m", "*/5 8-20 * * MON-FRI", "@once", "TZ=Asia/Tokyo", "CRON_TZ=UTC 0 0 29 2 *", "22-2/3 6/2 L 1,2 7", "TZ=America/Sao_Paulo 0 0 * * *", "59 23 31 12 0-7/7", "TZ=Australia/Lord_Howe 15 2 * * *"} {
		f.Add(s, int64(1_795_000_000))
	}
	f.Fuzz(func(t *testing.T, spec string, unix int64) {
		s, err := Parse(spec, time.UTC)
		if err != nil {
			return
		}
		again, err := Parse(s.String(), time.UTC)
		if err != nil || again.String() != s.String() {
			t.Fatalf("%q is written %q, which reads as %q, %v", spec, s, again, err)
		}
		now := time.Unix(unix&0xffffffff, 0).UTC()
		next := s.Next(now)
		if !next.IsZero() && !next.After(now) {
			t.Fatalf("%q: %s is not after %s", spec, next, now)
		}
		if !again.Next(now).Equal(next) {
			t.Fatalf("%q and %q differ", spec, again)
		}
		if d := s.Interval(now); d < 0 || d > 0 && d < time.Second {
			t.Fatalf("%q has an interval of %s", spec, d)
		}
	})
}
