//go:build check

package cli_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What a setting names may come after homing has started: after a power cut
// pppd, WireGuard and network disks all come later. The record follows without
// a restart.
func TestWhatComesLaterIsWaitedFor(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		const own = "81.2.69.142"
		program := filepath.Join(t.TempDir(), "late")
		for what, c := range map[string]struct {
			setting string
			come    func()
		}{
			"an interface": {"local.iface:ppp0", func() {
				ip(t, "link add ppp0 type veth peer name end")
				ip(t, "link set ppp0 up")
				ip(t, "addr add "+own+"/24 dev ppp0")
			}},
			"a program": {"exec:" + program, func() {
				if err := os.WriteFile(program, []byte("#!/bin/sh\necho "+own+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}},
		} {
			zone := strings.ReplaceAll(what, " ", "-") + ".example"
			name := "home." + zone
			w.zone(zone, name)
			p := w.start(name, nil, "IP6_PROVIDER=none", "IP4_PROVIDER="+c.setting, "HOMING_LISTEN=off")
			w.until(what+" is missed", 20*time.Second, func() bool {
				return strings.Contains(p.said(), "homing waits for it") && p.rounds() > 0
			})
			c.come()
			w.until("the record follows "+what, 30*time.Second, func() bool {
				return slices.Contains(w.cloud.Contents(zone, name), own)
			})
			if code, _ := p.end(syscall.SIGTERM); code != 0 {
				t.Errorf("%s: exit code %d", what, code)
			}
		}
	})
}

// A line that is named is waited for too, and no other taken in its place.
func TestTheLineComesLater(t *testing.T) {
	apart(t, func(t *testing.T, w *internet) {
		w.zone("example.org", "home.example.org")
		p := w.start("home.example.org", nil, "HOMING_BIND=wg9", "HOMING_LISTEN=off")
		w.until("the line is missed", 20*time.Second, func() bool {
			return strings.Contains(p.said(), `HOMING_BIND: there is no interface "wg9"; there are lo; homing waits for it`) && p.rounds() > 0
		})
		if n := len(w.seen()); n > 0 {
			t.Errorf("%d requests left by another line", n)
		}
		if code, _ := p.end(syscall.SIGTERM); code != 0 {
			t.Errorf("exit code %d", code)
		}
	})
}
