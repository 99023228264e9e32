package daemon

import (
	"syscall"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// settingsEditor changes the settings, where they allow it.
func (s *session) settingsEditor() web.Editor {
	e := s.daemon.settings.Editing(s.Config, s.settingsChanged)
	if e == nil {
		return nil // a nil *app.Editing in it would be one
	}
	return e
}

// settingsChanged tells that somebody changed settings, and has them read again: the
// file may be one that nobody watches yet.
func (s *session) settingsChanged(who, what string) {
	w := s.daemon.observers
	s.log.Info("settings were changed on the page or through the API", "by", who, "settings", what)
	e := status.Event{At: time.Now(), Kind: status.SettingsEdited, From: who, To: what}
	w.board.Tell(e)
	w.edits.Lock()
	w.edits.events = append(w.edits.events, e)
	w.edits.Unlock()
	select {
	case s.daemon.reload <- syscall.SIGHUP:
	default: // they are read again anyway
	}
}

// takeEdits is the changes of settings since this was asked last, for the history.
func (o *observers) takeEdits() []status.Event {
	o.edits.Lock()
	defer o.edits.Unlock()
	events := o.edits.events
	o.edits.events = nil
	return events
}
