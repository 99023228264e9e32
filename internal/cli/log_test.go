package cli

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/config"
)

// A system without a list of zones has UTC for time.Local, whatever TZ says.
func TestLogPrintsTimesOfTheConfiguredZone(t *testing.T) {
	var out bytes.Buffer
	log := newLog(Env{Stderr: &out, Getenv: func(string) string { return "" }},
		&config.Config{Location: time.FixedZone("there", 5*3600+45*60)})
	at := time.Date(2026, 11, 21, 20, 30, 0, 0, time.UTC)
	r := slog.NewRecord(at, slog.LevelInfo, "round", 0)
	r.AddAttrs(slog.Time("next", at.Add(5*time.Minute)), slog.Int("calls", 3))
	if err := log.Handler().Handle(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "2026-11-22 02:15:00 INF round next=02:20:00 calls=3\n"; got != want {
		t.Errorf("the line is %q, want %q", got, want)
	}
}

func TestLogLinesHoldNoControlCharacters(t *testing.T) {
	var out bytes.Buffer
	log := newLog(Env{Stderr: &out, Getenv: func(string) string { return "" }}, &config.Config{Location: time.UTC})
	log.Warn("a\x1b[31mb", "why", "c\r\nd", "empty", "")
	if got := out.String(); !strings.HasSuffix(got, " WRN a[31mb why=cd\n") {
		t.Errorf("the line is %q", got)
	}
}
