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
		"<-04>4":          "<-04>4",
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
	for _, tz := range []string{"Local", "Mars/Base"} { // of the machine, perhaps: no reason to keep no names
		in := input(ok("TZ", tz), nil)
		if cfg, err := Load(in); err != nil || cfg.Location != time.Local || len(cfg.Notices) == 0 {
			t.Errorf("TZ=%s: %v", tz, err)
		}
		in.Strict = true
		if _, err := Load(in); err == nil {
			t.Errorf("TZ=%s: a check of the settings finds nothing", tz)
		}
	}
	if _, err := load(ok(), files("homing.yaml", "schedule: {time_zone: Mars}")); err == nil {
		t.Error("a zone of homing.yaml that is none is taken")
	}
}
