package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// extendDeadlines lets an answer take this long, and a moment to be sent.
func (s *Server) extendDeadlines(w http.ResponseWriter, r *http.Request, d time.Duration) {
	clearReadDeadline(w, r)
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d + writeTimeout)) // a recorder in a test has no deadlines
}

// clearReadDeadline takes away the end of readTimeout, which would look like a client that
// went. Where the body of r has not come in by then it stays: the answer is sent
// after the body, and would wait for it without an end.
func clearReadDeadline(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err == nil {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	}
}

// syncTimeout bounds the wait for a round: two of them, each with its looks
// and its writes.
const syncTimeout = 2 * time.Minute

// serveSync asks for a round; with wait it answers with that round.
func (s *Server) serveSync(w http.ResponseWriter, r *http.Request) {
	wait, no := parseWait(r)
	if no != nil {
		s.refuse(w, r, no)
		return
	}
	asked := time.Now()
	s.cfg.Trigger()
	if !wait {
		writeJSON(w, http.StatusAccepted, struct {
			Status string `json:"status"`
		}{"asked"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), syncTimeout)
	defer cancel()
	s.extendDeadlines(w, r, syncTimeout)
	round, err := s.cfg.Board.Await(ctx, asked)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		s.refuseWith(w, r, http.StatusServiceUnavailable, "The round did not end in time; it goes on")
		return
	case err != nil:
		s.refuseWith(w, r, http.StatusServiceUnavailable, "homing stops, or reads its settings anew")
		return
	}
	s.writeAPI(w, r, round)
}

// parseWait reads ?wait=true, or {"wait": true} in the body.
func parseWait(r *http.Request) (bool, *refusal) {
	wait, err := strconv.ParseBool(r.URL.Query().Get("wait"))
	if err != nil && r.URL.Query().Has("wait") {
		return false, newRefusal(http.StatusBadRequest, "wait is neither true nor false")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		if tooLong, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return false, newRefusal(http.StatusRequestEntityTooLarge, tooLong.Error())
		}
		return false, newRefusal(http.StatusBadRequest, "The request cannot be read")
	}
	if len(body) == 0 {
		return wait, nil
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return false, newRefusal(http.StatusUnsupportedMediaType, "The body is not of the type application/json")
	}
	var in struct {
		Wait bool `json:"wait"`
	}
	in.Wait = wait
	if err := json.Unmarshal(body, &in); err != nil {
		return false, newRefusal(http.StatusBadRequest, "The body is not JSON of the form {\"wait\": true}")
	}
	return in.Wait, nil
}
