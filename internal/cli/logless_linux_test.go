//go:build check

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A log whose reader is gone is no end: homing goes on.
func TestALogWhoseReaderIsGoneEndsNothing(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		folder := t.TempDir()
		source := filepath.Join(folder, "source")
		if err := os.WriteFile(source, []byte("#!/bin/sh\necho run >>"+folder+"/runs\necho 84.1.2.3\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		w.startProgram("sh", "home.example.org", []string{"-c", "homing 2>&1 | head -n 1"}, "PATH="+os.Getenv("PATH"),
			"IP4_PROVIDER=exec:"+source, "IP6_PROVIDER=none", "HOMING_LISTEN=off", "UPDATE_CRON=@every 1s")
		w.until("rounds are made after the first line", 20*time.Second, func() bool {
			b, _ := os.ReadFile(folder + "/runs")
			return strings.Count(string(b), "run") > 4
		})
	})
}
