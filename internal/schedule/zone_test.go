package schedule

import (
	"testing"
	"time"
)

func TestZoneIsLoadedByItsName(t *testing.T) {
	at := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"UTC": "12:00", "Europe/Berlin": "14:00", "Asia/Kathmandu": "17:45", "America/St_Johns": "09:30", "Zulu": "12:00",
	} {
		loc, err := LoadZone(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := at.In(loc).Format("15:04"); got != want || loc.String() != name {
			t.Errorf("%s: noon UTC is %s in %s, want %s", name, got, loc, want)
		}
	}
}

func TestNamesThatAreNoZoneAreRefused(t *testing.T) {
	for _, name := range []string{"", "Local", "localtime", "Mars/Olympus", "Europe", "europe/", "/etc/localtime", "../UTC", "114", "Europe/Berlin UTC", "\n"} {
		if loc, err := LoadZone(name); err == nil {
			t.Errorf("%q is taken for %s", name, loc)
		}
		if data, err := findZoneData(name); err == nil {
			t.Errorf("%q is in the archive, %d bytes", name, len(data))
		}
	}
}
