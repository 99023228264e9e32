package schedule

import (
	"testing"
	"time"
)

func TestATimeZoneInTheFormOfPOSIX(t *testing.T) {
	winter, summer := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string][2]string{
		"UTC0":                         {"12:00 UTC", "12:00 UTC"},
		"CET-1CEST,M3.5.0,M10.5.0/3":   {"13:00 CET", "14:00 CEST"},
		"EST5EDT":                      {"07:00 EST", "08:00 EDT"},
		"EST5EDT,M3.2.0,M11.1.0":       {"07:00 EST", "08:00 EDT"},
		"<+0530>-5:30":                 {"17:30 +0530", "17:30 +0530"},
		"AEST-10AEDT,M10.1.0,M4.1.0/3": {"23:00 AEDT", "22:00 AEST"},
	} {
		loc, err := LoadPOSIX(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := [2]string{winter.In(loc).Format("15:04 MST"), summer.In(loc).Format("15:04 MST")}; got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"", "UTC", "Europe/Berlin", "CET-1CEST,M3.5.0", "CET-1CEST,x,y", "A1", "CET-99", "CET-1\nx"} {
		if loc, err := LoadPOSIX(text); err == nil {
			t.Errorf("%q is read as %s", text, loc)
		}
	}
}

func FuzzPOSIX(f *testing.F) {
	f.Add("CET-1CEST,M3.5.0,M10.5.0/3")
	f.Fuzz(func(t *testing.T, text string) {
		if loc, err := LoadPOSIX(text); err == nil {
			if at := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC); !at.In(loc).Equal(at) {
				t.Errorf("%q moves time", text)
			}
		}
	})
}
