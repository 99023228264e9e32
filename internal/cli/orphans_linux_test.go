//go:build check

package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// As the first process of a container homing inherits what its commands leave
// running, and lets go of that when it has ended.
func TestTheFirstProcessBuriesOrphans(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		folder := t.TempDir()
		script := func(name, text string) string {
			path := filepath.Join(folder, name)
			if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			return path
		}
		// Each run leaves one process that is killed with it, and one that gets away;
		// and each finds another address, so that the hook is run as well.
		source := script("source", "sleep 60 >/dev/null 2>&1 &\nsetsid sleep 0.1 >/dev/null 2>&1 &\necho 84.1.2.$(($(date +%s) % 200 + 1))")
		hook := script("hook", "setsid sleep 0.1 >/dev/null 2>&1 &\necho run >>"+folder+"/runs")
		p := w.startProgram("unshare", "home.example.org", []string{"-pmf", "--mount-proc", "--kill-child", "homing"}, "PATH="+os.Getenv("PATH"),
			"IP4_PROVIDER=exec:"+source, "IP6_PROVIDER=none", "HOMING_HOOK="+hook, "HOMING_LISTEN=off", "UPDATE_CRON=@every 1s")
		runs := func() int {
			b, _ := os.ReadFile(folder + "/runs")
			return strings.Count(string(b), "run")
		}
		w.until("some rounds were made, and the hook was run", 30*time.Second, func() bool { return p.rounds() > 5 && runs() > 3 })
		homing := children(t, p.cmd.Process.Pid, 0)
		if len(homing) != 1 {
			t.Fatalf("unshare has the children %v", homing)
		}
		// Three come with each round, and those of the latest two may be there still.
		w.until("the dead are few", 20*time.Second, func() bool { return len(children(t, homing[0], 'Z')) <= 6 })
		if strings.Contains(p.said(), "no child processes") {
			t.Error("a command was taken from who waits for it")
		}
		p.end(os.Kill)
	})
}

// children are those of a process that are in this state; 0: in any.
func children(t *testing.T, of int, state byte) (pids []int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it is gone
		}
		var pid, parent int
		var is byte
		_, behind, _ := strings.Cut(string(b), ") ")
		if _, err := fmt.Sscanf(string(b), "%d", &pid); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscanf(behind, "%c %d", &is, &parent); err != nil {
			t.Fatal(err)
		}
		if parent == of && (state == 0 || is == state) {
			pids = append(pids, pid)
		}
	}
	return pids
}
