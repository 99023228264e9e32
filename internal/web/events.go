package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// A stream is kept open with a beat now and then, by which a reader can tell
// silence from an end; a client that takes
// nothing for this long is gone.
const (
	streamBeat  = 25 * time.Second
	streamStall = 10 * time.Second
)

// changeJSON is one event of the stream: enough to say what is so, and that
// there is more to read.
type changeJSON struct {
	Version  uint64     `json:"version"` // grows with each change
	Records  uint64     `json:"records"` // the version in which an RRset changed last
	Level    string     `json:"level"`
	Sentence string     `json:"sentence"`
	Round    int        `json:"round"`
	Outcome  string     `json:"outcome"`
	Next     *time.Time `json:"next"`
}

// serveEvents sends what is so now and then each change, until the client goes
// or homing stops. Who is slow gets fewer events, never older ones.
func (s *Server) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return // there is nothing to wait for
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		s.refuse(w, r, &refusal{status: http.StatusServiceUnavailable, detail: "Too many streams are open", retry: streamBeat})
		return
	}
	changed, cancel := s.cfg.Board.Subscribe()
	defer cancel()
	clearReadDeadline(w, r)
	w.Header().Set("X-Accel-Buffering", "no") // nginx holds answers back otherwise
	beat := time.NewTicker(streamBeat)
	defer beat.Stop()
	text := s.event()
	for send(w, text) == nil {
		select {
		case <-r.Context().Done():
			return
		case <-changed:
			text = s.event()
		case <-beat.C:
			text = "event: beat\ndata: {}\n\n" // a browser does not see a comment
		}
	}
}

func (s *Server) event() string {
	now := s.cfg.Board.Now()
	v := s.verdict(now)
	b, err := json.Marshal(changeJSON{now.Version, now.Records, v.Level.String(), v.Sentence,
		now.Round.Number, now.Round.Outcome().String(), timeOrNull(now.Round.Next)})
	if err != nil {
		return ": what happened cannot be written\n\n"
	}
	return fmt.Sprintf("event: change\nid: %d\ndata: %s\n\n", now.Version, b)
}

func send(w http.ResponseWriter, text string) error {
	c := http.NewResponseController(w)
	_ = c.SetWriteDeadline(time.Now().Add(streamStall)) // a recorder in a test has none
	if _, err := w.Write([]byte(text)); err != nil {
		return err
	}
	return c.Flush()
}
