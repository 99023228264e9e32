package daemon

import (
	"context"
	"os"
	"strings"
	"sync/atomic"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"

	"github.com/homing-dns/homing/internal/text"
)

// supervisor is systemd, where it started us and wants to hear from us
// (sd_notify(3)); elsewhere all of this does nothing. What cannot be sent is
// not worth a word: systemd itself will say what it missed.
type supervisor struct{}

// there says whether anybody hears: a status that nobody reads is not worth
// working out.
func (supervisor) there() bool { return os.Getenv("NOTIFY_SOCKET") != "" }

// ready says that the daemon runs, or runs again after a reload.
func (supervisor) ready(line string) { say(sd.SdNotifyReady, statusLine(line)) }

// status is the one line that "systemctl status" shows.
func (supervisor) status(line string) { say(statusLine(line)) }

// reloading says that settings are read anew; ready ends it. The time is what
// Type=notify-reload tells this reload from an older one by.
func (supervisor) reloading() {
	say(sd.SdNotifyReloading, strings.TrimSpace(sd.SdNotifyMonotonicUsec()))
}

func (supervisor) stopping(line string) { say(sd.SdNotifyStopping, statusLine(line)) }

func statusLine(line string) string { return "STATUS=" + text.Strip(line) }

// say sends these assignments in one datagram.
func say(assignments ...string) {
	_, _ = sd.SdNotify(false, strings.Join(assignments, "\n"))
}

// watchdog tells systemd that the loop goes on, and stops telling it when the
// loop has not gone on as it promised; systemd then restarts the daemon. The
// zero value promises nothing and tells nothing.
type watchdog struct {
	promised atomic.Pointer[time.Time] // when the next sign of progress is due at the latest
}

// within is a sign of progress: the next one comes within d. Monotonic time
// counts, which stands still while the machine sleeps, as systemd's does.
func (w *watchdog) within(d time.Duration) {
	at := time.Now().Add(d)
	w.promised.Store(&at)
}

// alive says whether the promise still holds.
func (w *watchdog) alive() bool {
	at := w.promised.Load()
	return at != nil && time.Until(*at) > 0
}

// watchdogInterval is how often systemd wants to hear from us; 0: it does not.
func watchdogInterval() time.Duration {
	d, err := sd.SdWatchdogEnabled(false)
	if err != nil {
		return 0
	}
	return d
}

// watch tells systemd twice in each interval, as it advises (sd_watchdog_enabled(3)),
// until ctx is done.
func (w *watchdog) watch(ctx context.Context, interval time.Duration) {
	if interval <= 0 {
		return
	}
	t := time.NewTicker(interval / 2)
	defer t.Stop()
	for {
		if w.alive() {
			say(sd.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
