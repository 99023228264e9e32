package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// refusal is an answer that says no. Its text is for the client; what is only
// for the log is in note.
type refusal struct {
	status int
	detail string
	note   string
	retry  time.Duration
	allow  []string
}

func newRefusal(status int, detail string) *refusal { return &refusal{status: status, detail: detail} }

func notFound() *refusal { return newRefusal(http.StatusNotFound, "Not Found") }

// refuseWith refuses r with a status and a reason, and nothing else.
func (s *Server) refuseWith(w http.ResponseWriter, r *http.Request, status int, why string) {
	s.refuse(w, r, newRefusal(status, why))
}

// readForm reads the form of r, and reports whether it could; otherwise it refuses r.
func (s *Server) readForm(w http.ResponseWriter, r *http.Request) bool {
	err := r.ParseForm()
	if err != nil {
		s.refuseWith(w, r, http.StatusBadRequest, "The form cannot be read")
	}
	return err == nil
}

// refuse answers and, where somebody did something wrong, tells the log once.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, no *refusal) {
	h := w.Header()
	switch {
	case no.status == http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case no.retry > 0:
		h.Set("Retry-After", strconv.Itoa(int(no.retry.Seconds()+0.5)))
	case len(no.allow) > 0:
		h.Set("Allow", strings.Join(no.allow, ", "))
	}
	writeJSON(w, no.status, struct {
		Detail string `json:"detail"`
	}{no.detail})
	if no.status < 500 {
		s.accessLog.refused(clientOf(r), fmt.Sprintf("%d", no.status), no.logReason())
	}
}

func (no *refusal) logReason() string {
	if no.note != "" {
		return no.note
	}
	return no.detail
}

func (s *Server) wrongMethod(allowed []string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, &refusal{status: http.StatusMethodNotAllowed, detail: "Method Not Allowed", allow: allowed})
	}
}
