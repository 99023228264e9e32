package web

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// A quota bounds the answers that are made at once: each takes memory until its
// client has taken it, and there may be hundreds of clients.
type quota struct {
	each    int           // answers of one client
	slots   chan struct{} // holds one for each answer
	mu      sync.Mutex
	clients map[string]*share
}

// share is the answers of one client.
type share struct {
	slots chan struct{}
	users int // who holds or waits for a slot
}

// What may be made at once. A page of 2,000 names takes about 3 MB while it is
// made, a year of history as much.
const (
	answersAtOnce = 6
	answersEach   = 2
	historyAtOnce = 2
	answerWait    = 2 * time.Second  // for a place
	answerTake    = 10 * time.Second // for the client to take it
)

func newQuota(all, each int) *quota {
	return &quota{each: each, slots: make(chan struct{}, all), clients: make(map[string]*share)}
}

// acquire waits for a place until ctx is done; release gives it up.
func (q *quota) acquire(ctx context.Context, client string) (release func(), ok bool) {
	client = network(client)
	q.mu.Lock()
	s := q.clients[client]
	if s == nil {
		s = &share{slots: make(chan struct{}, q.each)}
		q.clients[client] = s
	}
	s.users++
	q.mu.Unlock()
	if !acquireSlot(ctx, s.slots) {
		q.release(client, s)
		return nil, false
	}
	if !acquireSlot(ctx, q.slots) {
		<-s.slots
		q.release(client, s)
		return nil, false
	}
	return func() {
		<-q.slots
		<-s.slots
		q.release(client, s)
	}, true
}

func (q *quota) release(client string, s *share) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s.users--; s.users == 0 {
		delete(q.clients, client)
	}
}

// acquireSlot takes a place that is free, or waits for one while ctx lasts.
func acquireSlot(ctx context.Context, slots chan struct{}) bool {
	select {
	case slots <- struct{}{}:
		return true
	default:
	}
	select {
	case slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// withinQuota serves as many at once as q has places for. Who has to wait longer than
// that is told to come again, and who takes an answer slowly loses it.
func (s *Server) withinQuota(w http.ResponseWriter, r *http.Request, q *quota, wait time.Duration, serve func()) {
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	release, ok := q.acquire(ctx, clientOf(r))
	if !ok {
		s.refuse(w, r, &refusal{status: http.StatusServiceUnavailable, detail: "Too many ask at once", retry: time.Second})
		return
	}
	defer release()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerTake)) // a writer without one has its own
	serve()
}

// quotaKind is how many answers of a kind are made at once.
type quotaKind uint8

const (
	free    quotaKind = iota // as many as are asked for
	large                    // as there is memory for
	history                  // as many as may read the file
)

// answer serves r within the ration of its route.
func (s *Server) answer(to *route, w http.ResponseWriter, r *http.Request) {
	serve := func() { to.serve(s, w, r) }
	switch to.quota {
	case large:
		s.withinQuota(w, r, s.answers, answerWait, serve)
	case history:
		s.withinQuota(w, r, s.histories, 0, serve)
	default:
		serve()
	}
}
