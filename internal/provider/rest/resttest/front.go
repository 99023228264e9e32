// Package resttest is what fakes of DNS hosts with an HTTP API share: faults, the
// zones they hold, and a client that reaches them without a network.
package resttest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/httpx"
)

// Fault is how a host fails.
type Fault uint8

// None is the lack of one. Of Lose the answer to a write is lost, of Ignore the
// write itself.
const (
	None Fault = iota
	Lose
	Down
	Hang
	Ignore
)

// Front answers for a host with the faults there are.
type Front struct {
	Host     http.HandlerFunc         // as it works
	Writes   func(*http.Request) bool // nil: all but GET
	Snapshot func() (restore func())  // of what the host holds

	mu    sync.Mutex
	fault Fault
	after func()
	notes []string
}

// Fail makes calls fail from now on.
func (f *Front) Fail(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = fault
}

// After has then run once, when the next call that reads was answered.
func (f *Front) After(then func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.after = then
}

// Note keeps what the host did, as a word and what it did it to: "read A a.example.org".
func (f *Front) Note(word, to string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.notes = append(f.notes, word+" "+to)
}

// Notes are those since it was asked last.
func (f *Front) Notes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	notes := f.notes
	f.notes = nil
	return notes
}

// Trace is the notes as providertest has them: a word for each set that was
// written, and before it one if it was read last of all before that. The note "list"
// is that of a zone read whole.
func (f *Front) Trace() (words []string) {
	last, all := make(map[string]bool), false
	for _, n := range f.Notes() {
		word, to, _ := strings.Cut(n, " ")
		read, known := last[to]
		switch word {
		case "list":
			last, all = make(map[string]bool), true
			continue
		case "write":
			if read || !known && all {
				words = append(words, "read")
			}
			words = append(words, "write")
		}
		last[to] = word == "read"
	}
	return words
}

// ServeHTTP answers with the faults there are.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	fault, after := f.fault, f.after
	f.mu.Unlock()
	write := r.Method != http.MethodGet
	if f.Writes != nil {
		write = f.Writes(r)
	}
	switch {
	case fault == Down:
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case fault == Hang:
		select {
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
	case fault == Lose && write:
		f.Host(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case fault == Ignore && write:
		restore := f.Snapshot()
		f.Host(w, r)
		restore()
	default:
		f.Host(w, r)
		if after != nil && !write {
			f.After(nil)
			after()
		}
	}
}

// Client reaches a host without a network.
func Client(host http.Handler) *httpx.Client {
	c := httpx.New(httpx.Options{UserAgent: "homing/test"})
	c.Transport = direct{host}
	return c
}

type direct struct{ host http.Handler }

func (d direct) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	w := httptest.NewRecorder()
	defer func() {
		if gone := recover(); gone != nil {
			resp, err = nil, http.ErrAbortHandler
		}
	}()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
		trace.GotConn(httptrace.GotConnInfo{})
		trace.WroteHeaders()
	}
	d.host.ServeHTTP(w, r)
	if r.Context().Err() != nil {
		return nil, r.Context().Err()
	}
	return w.Result(), nil
}
