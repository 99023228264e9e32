package config

import (
	"strings"
	"testing"
	"time"
)

func TestTZIsTheZoneOfTheScheduleAndTheLog(t *testing.T) {
	for tz, want := range map[string]string{
		"":                time.Local.String(), // which TZ of whoever runs this may name
		"/etc/localtime":  time.Local.String(),
		":/etc/localtime": time.Local.String(),
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
	for _, tz := range []string{"Local", "Mars/Base", "/some/path", "../UTC"} { // of the machine, perhaps: no reason to keep no names
		in := input(ok("TZ", tz), nil)
		if cfg, err := Load(in); err != nil || cfg.Location != time.Local || len(cfg.Notices) == 0 {
			t.Errorf("TZ=%s: %v", tz, err)
		}
		in.Strict = true
		if _, err := Load(in); err == nil {
			t.Errorf("TZ=%s: a check of the settings finds nothing", tz)
		}
	}
	for _, zone := range []string{"Mars", "Local", "localtime", "/some/path", "/etc/localtime", ":/etc/passwd", "/usr/share/zoneinfo/Europe/Berlin", "../UTC", "Europe/../UTC"} {
		_, err := load(ok(), files("homing.yaml", "schedule: {time_zone: '"+zone+"'}"))
		if err == nil || !strings.Contains(err.Error(), "schedule.time_zone") || !strings.Contains(err.Error(), noZone) {
			t.Errorf("the zone %s of homing.yaml: %v", zone, err)
		}
	}
	if cfg, err := load(ok(), files("homing.yaml", "schedule: {time_zone: ''}")); err != nil || cfg.Location != time.Local {
		t.Errorf("an empty zone in homing.yaml: %v", err)
	}
}
