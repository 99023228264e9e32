package web

import (
	"net/http"
	"time"
)

// frame is what every page shows around what it is about.
type frame struct {
	now      time.Time // in the place whose times are shown
	Theme    string
	Release  string
	LoggedIn bool
	MayWrite bool
	MayEdit  bool
}

// offset is by how many seconds the times of the page are ahead of UTC.
func (f *frame) offset() int {
	_, seconds := f.now.Zone()
	return seconds
}

func (s *Server) frame(r *http.Request) frame {
	return frame{now: time.Now().In(s.cfg.Location), Theme: themeOf(r), Release: s.cfg.Version,
		LoggedIn: credentialOf(r) == sessionShown, MayWrite: credentialOf(r) != noCredential, MayEdit: credentialOf(r) != noCredential && s.cfg.Editor != nil}
}

func (f *frame) long(t time.Time) string {
	return t.In(f.now.Location()).Format("Mon 2 Jan 2006, 15:04:05 MST")
}

func (f *frame) stamp(t time.Time) string { return stamp(t, f.now.Location()) }

// hour is the time of a day, which is named where it is another one.
func (f *frame) hour(t time.Time) string {
	t = t.In(f.now.Location())
	if y, m, d := t.Date(); time.Date(y, m, d, 0, 0, 0, 0, t.Location()).Equal(time.Date(f.now.Year(), f.now.Month(), f.now.Day(), 0, 0, 0, 0, t.Location())) {
		return t.Format("15:04")
	}
	return stamp(t, f.now.Location())
}

func pressed(is bool) string {
	if is {
		return "true"
	}
	return "false"
}
