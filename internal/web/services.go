package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// Messenger knows the services that are told of what happens, and sends one of
// them a test. It sends nothing to anybody whom the settings do not name. Its
// methods are called by several goroutines at once.
type Messenger interface {
	Services() []Service
	// Test waits for what comes of it, which Services then says. The error is why
	// none was sent, or that the answer is still to come.
	Test(ctx context.Context, service string) error
}

// Service is one that is told, and what came of it since the settings were read. No
// secret is in it.
type Service struct {
	Name         string
	Tests        bool      // a test can be sent
	Sent, Failed int       // deliveries
	Tried        time.Time // the latest; zero: there was none
	Since        time.Time // of the failures in a row; zero: the latest arrived
	Err, Hint    string    // of the latest, where it did not
}

// testTakes is the most that the page waits for the answer to a test.
const testTakes = 15 * time.Second

// serviceView is a service as the page shows it.
type serviceView struct {
	Name, Last string
	Bad, Tests bool
}

// services are who is told; none where the page shows another part.
func (s *Server) services(f *frame) (all []*serviceView) {
	if s.cfg.Messenger == nil {
		return nil
	}
	services := s.cfg.Messenger.Services()
	for i := range services {
		one := &services[i]
		all = append(all, &serviceView{Name: plain(one.Name), Last: plain(lastAnswer(f, one)), Bad: !one.Since.IsZero(), Tests: one.Tests})
	}
	return all
}

// lastAnswer is what came of the latest delivery.
func lastAnswer(f *frame, s *Service) string {
	switch {
	case s.Tried.IsZero():
		return "nothing was sent yet"
	case s.Since.IsZero():
		said := "delivered at " + f.hour(s.Tried)
		if s.Sent > 1 {
			said += ", " + strconv.Itoa(s.Sent) + " in all"
		}
		return said
	}
	said := "not delivered at " + f.hour(s.Tried)
	if f.hour(s.Since) != f.hour(s.Tried) {
		said += ", nor anything since " + f.hour(s.Since)
	}
	said += ": " + s.Err
	if s.Hint != "" {
		said += "; " + s.Hint
	}
	return said
}

// testService sends a test, and shows what came of it.
func (s *Server) testService(w http.ResponseWriter, r *http.Request, editor Editor) {
	name := r.PostForm.Get("service")
	show := func(status int, note string, bad bool) {
		v := s.part(r, editor, "notify")
		v.Note, v.NoteBad = plain(note), bad
		writeSettings(w, r, status, v)
	}
	if s.cfg.Messenger == nil || len(name) > maxServiceName {
		show(http.StatusNotFound, "There is nobody to test.", true)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), testTakes)
	defer cancel()
	s.extendDeadlines(w, r, testTakes)
	s.cfg.Log.Info("a test message was asked for", "service", plain(name), "by", actor(r))
	switch err := s.cfg.Messenger.Test(ctx, name); {
	case errors.Is(err, context.DeadlineExceeded):
		show(http.StatusOK, name+" has not answered yet; look again in a moment.", true)
		return
	case err != nil:
		show(http.StatusConflict, "No test was sent to "+name+": "+err.Error()+".", true)
		return
	}
	for _, one := range s.cfg.Messenger.Services() {
		if one.Name == name && !one.Since.IsZero() {
			show(http.StatusOK, "The test did not reach "+name+". What it said stands below.", true)
			return
		}
	}
	show(http.StatusOK, "The test was delivered to "+name+". Look whether you see it there.", false)
}

// maxServiceName is more than the name of a service has.
const maxServiceName = 200
