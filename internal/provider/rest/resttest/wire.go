package resttest

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Window counts calls in a window that slides.
type Window struct {
	Calls int
	Span  time.Duration

	mu   sync.Mutex
	sent []time.Time
}

// Take counts a call, or says how long to wait.
func (w *Window) Take(now time.Time) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.sent) > 0 && now.Sub(w.sent[0]) >= w.Span {
		w.sent = w.sent[1:]
	}
	if len(w.sent) >= w.Calls {
		return w.sent[0].Add(w.Span).Sub(now)
	}
	w.sent = append(w.sent, now)
	return 0
}

// Reply answers with JSON.
func Reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	w.WriteHeader(status)
	if v != nil {
		_ = json.NewEncoder(w).Encode(v)
	}
}

// Read takes a body apart, and refuses fields that are not in v.
func Read(r *http.Request, v any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	return d.Decode(v)
}
