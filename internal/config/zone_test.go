package config

import (
	"testing"
	"time"
)

func TestTZIsTheZoneOfTheScheduleAndTheLog(t *testing.T) {
	for tz, want := range map[string]string{
		"":                time.Local.String(), // which TZ of whoever runs this may name
		"/etc/localtime":  time.Local.String(),
		"Asia/Tokyo":      "Asia/Tokyo",
		":Asia/Tokyo":     "Asia/Tokyo",
		"UTC":             "UTC",
		"America/Caracas": "America/Caracas",
	} {
		cfg, err := load(ok("TZ", tz, "UPDATE_CRON", "30 4 * * *"), nil)
		if err != nil {
			t.Errorf("TZ=%s: %v", tz, err)
			continue
		}
		if got := cfg.Location.String(); got != want {
			t.Errorf("TZ=%s: the place is %s, want %s", tz, got, want)
		}
		next := cfg.Schedule.Next(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)).In(cfg.Location)
		if got := next.Format("15:04"); got != "04:30" {
			t.Errorf("TZ=%s: half past four comes at %s", tz, got)
		}
	}
	if _, err := load(ok("TZ", "Local"), nil); err == nil {
		t.Error("Local is taken for a zone")
	}
}
