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

// systemdNotifier is systemd, where it started us and wants to hear from us
// (sd_notify(3)); elsewhere all of this does nothing. What cannot be sent is
// not worth a word: systemd itself will say what it missed.
type systemdNotifier struct{}

// enabled reports whether anybody hears: a status that nobody reads is not worth
// working out.
func (systemdNotifier) enabled() bool { return os.Getenv("NOTIFY_SOCKET") != "" }

// ready says that the daemon runs, or runs again after a reload.
func (systemdNotifier) ready(line string) { sdNotify(sd.SdNotifyReady, statusLine(line)) }

// status is the one line that "systemctl status" shows.
func (systemdNotifier) status(line string) { sdNotify(statusLine(line)) }

// reloading says that settings are read anew; ready ends it. The time is what
// Type=notify-reload tells this reload from an older one by.
func (systemdNotifier) reloading() {
	sdNotify(sd.SdNotifyReloading, strings.TrimSpace(sd.SdNotifyMonotonicUsec()))
}

func (systemdNotifier) stopping(line string) { sdNotify(sd.SdNotifyStopping, statusLine(line)) }

func statusLine(line string) string { return "STATUS=" + text.Strip(line) }

// sdNotify sends these assignments in one datagram.
func sdNotify(assignments ...string) {
	_, _ = sd.SdNotify(false, strings.Join(assignments, "\n"))
}

// watchdog tells systemd that the loop goes on, and stops telling it when the
// loop has not gone on as it promised; systemd then restarts the daemon. The
// zero value promises nothing and tells nothing.
type watchdog struct {
	deadline atomic.Pointer[time.Time] // when the next sign of progress is due at the latest
}

// extend is a sign of progress: the next one comes within d. Monotonic time
// counts, which stands still while the machine sleeps, as systemd's does.
func (w *watchdog) extend(d time.Duration) {
	at := time.Now().Add(d)
	w.deadline.Store(&at)
}

// onTime reports whether the promise still holds.
func (w *watchdog) onTime() bool {
	at := w.deadline.Load()
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

// run tells systemd twice in each interval, as it advises (sd_watchdog_enabled(3)),
// until ctx is done.
func (w *watchdog) run(ctx context.Context, interval time.Duration) {
	if interval <= 0 {
		return
	}
	t := time.NewTicker(interval / 2)
	defer t.Stop()
	for {
		if w.onTime() {
			sdNotify(sd.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}
