package daemon

import (
	"context"
	"slices"
)

// watchFiles starts a round when a file of addresses changes, and tells when one the
// settings were read from does, or that of the page's token.
func (s *session) watchFiles(ctx context.Context) (edited <-chan struct{}) {
	changed := make(chan struct{}, 1)
	if files := s.Files(); len(files) > 0 {
		watchForChanges(ctx, readFileState(files), 0, s.engine.Trigger)
	}
	tell := func() {
		select {
		case changed <- struct{}{}:
		default: // it is known already
		}
	}
	if len(s.filesRead.files) > 0 {
		watchForChanges(ctx, s.filesRead, settingsQuietTime, tell)
	}
	if token := s.token.Watched(); token != "" {
		watchForChanges(ctx, readFileState([]string{token}), settingsQuietTime, tell)
	}
	return changed
}

// reload has a session of the settings as they are now take over; where they are
// bad, this one goes on.
func (s *session) reload(ctx context.Context) {
	w := s.daemon.observers
	w.systemd.reloading()
	if s.next = s.rebuild(ctx); s.next != nil {
		s.engine.Retire()
	} else {
		w.systemd.ready(w.statusLine())
	}
}

// rebuild is the session of the settings as they are now; nil when they are bad.
func (s *session) rebuild(ctx context.Context) (next *session) {
	err := s.daemon.settings.Again()
	if err == nil {
		next, err = s.daemon.newSession(ctx)
	}
	if err != nil {
		s.log.Error("the new configuration is invalid; the old one stays active", "error", err)
		s.daemon.observers.reportRefused(err)
		return nil
	}
	s.log.Info("the settings were reloaded")
	for _, n := range s.Config.Names() {
		if !slices.Contains(next.Config.Names(), n) {
			s.log.Info(n.Describe() + " is no longer in the settings; its records stay unchanged")
		}
	}
	return next
}
