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
	for _, e := range []notify.Event{notify.Starting(now, "", 1, ""), notify.Reloading(now, 1, ""), notify.Stopping(now, false),
		notify.Ending(now), notify.Cleaning(now, []string{"x"}, false)} {
		kinds = append(kinds, string(e.Messages[0].Kind))
	}
	if !slices.Equal(kinds, config.NotifyEvents()) {
		t.Errorf("%q can be chosen, %q are sent", config.NotifyEvents(), kinds)
	}
}
