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

func refused(status int, detail string) *refusal { return &refusal{status: status, detail: detail} }

func notFound() *refusal { return refused(http.StatusNotFound, "Not Found") }

// deny is refuse with nothing to say but why.
func (s *Server) deny(w http.ResponseWriter, r *http.Request, status int, why string) {
	s.refuse(w, r, refused(status, why))
}

// formRead reports whether the form of r could be read; else it refuses r.
func (s *Server) formRead(w http.ResponseWriter, r *http.Request) bool {
	err := r.ParseForm()
	if err != nil {
		s.deny(w, r, http.StatusBadRequest, "The form cannot be read")
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
		s.tell.refused(clientOf(r), fmt.Sprintf("%d", no.status), no.why())
	}
}

func (no *refusal) why() string {
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
