package web

import (
	"net/http"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

const (
	lateSlack  = 15 * time.Second // DynCFDNS's
	startSlack = time.Minute      // for a first round in which every host is silent
)

// healthy says, as DynCFDNS does, whether there was a round and the next one is
// not overdue.
func (s *Server) healthy(now *status.Snapshot) bool {
	return !now.Round.Started.IsZero() && !now.Overdue(time.Now(), s.cfg.Interval(), lateSlack)
}

// progress says whether the loop goes on. Before the first round it has as long
// as the schedule may take to come to it.
func (s *Server) progress(now *status.Snapshot) bool {
	if now.Round.Started.IsZero() {
		return !now.Overdue(time.Now(), s.cfg.Interval(), startSlack)
	}
	return s.healthy(now)
}

func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request) {
	now := s.cfg.Board.Now()
	if s.healthy(now) {
		writeOK(w)
		return
	}
	writeJSON(w, http.StatusServiceUnavailable, struct {
		Status    string `json:"status"`
		LastCheck string `json:"last_check"`
	}{"unhealthy", pythonTime(lastCheck(now))})
}

func (s *Server) serveHealthz(w http.ResponseWriter, _ *http.Request) {
	if s.progress(s.cfg.Board.Now()) {
		writeOK(w)
		return
	}
	writeProblem(w, "the loop makes no progress")
}

func (s *Server) serveReadyz(w http.ResponseWriter, _ *http.Request) {
	if !s.cfg.Board.Now().Round.Started.IsZero() {
		writeOK(w)
		return
	}
	writeProblem(w, "no round was made yet")
}

func writeOK(w http.ResponseWriter) {
	writeJSON(w, http.StatusOK, struct {
		Status string `json:"status"`
	}{"ok"})
}

func writeProblem(w http.ResponseWriter, why string) {
	writeJSON(w, http.StatusServiceUnavailable, struct {
		Status string `json:"status"`
		Detail string `json:"detail"`
	}{"unhealthy", why})
}
