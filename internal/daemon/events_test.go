package daemon

import (
	"slices"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/notify"
)

// The words of the setting are the kinds of messages that a daemon sends.
func TestEveryEventCanBeChosen(t *testing.T) {
	now := time.Now()
	kinds := []string{string(notify.Changed), string(notify.Failed), string(notify.Recovered)}
	for _, e := range []notify.Event{notify.StartedEvent(now, "", 1, ""), notify.ReloadedEvent(now, 1, ""), notify.StoppedEvent(now, false),
		notify.ScheduleEndedEvent(now), notify.CleanedUpEvent(now, []string{"x"}, false)} {
		kinds = append(kinds, string(e.Messages[0].Kind))
	}
	if !slices.Equal(kinds, config.NotifyEvents()) {
		t.Errorf("%q can be chosen, %q are sent", config.NotifyEvents(), kinds)
	}
}
