package web

import (
	"context"
	"net/http"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// plans makes plans for whoever asks. Each costs the calls of a first reading,
// and rounds need those too: one is made at a time, for all who wait for it,
// and who shows no credential is given one that may be a minute old.
type plans struct {
	now  func(context.Context) (status.Round, error)
	slot chan struct{} // held by whoever makes one, and looks at what is below

	latest *status.Round
	began  time.Time // when that was
}

const (
	planTimeout = time.Minute // for a plan that was asked for over HTTP
	planKept    = time.Minute // for who shows no credential
)

func newPlans(now func(context.Context) (status.Round, error)) *plans {
	return &plans{now: now, slot: make(chan struct{}, 1)}
}

// since is a plan that was begun after t.
func (p *plans) since(ctx context.Context, t time.Time) (*status.Round, error) {
	select {
	case p.slot <- struct{}{}:
		defer func() { <-p.slot }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if p.began.After(t) {
		return p.latest, nil
	}
	began := time.Now()
	r, err := p.now(ctx)
	if err == nil {
		p.latest, p.began = &r, began
	}
	return &r, err
}

// plan is what the next round would do, as new as who asks may have it.
func (s *Server) plan(w http.ResponseWriter, r *http.Request) (*status.Round, error) {
	ctx, cancel := context.WithTimeout(r.Context(), planTimeout)
	defer cancel()
	s.extendDeadlines(w, r, planTimeout)
	oldest := time.Now()
	if credentialOf(r) == noCredential {
		oldest = oldest.Add(-planKept)
	}
	return s.plans.since(ctx, oldest)
}

func (s *Server) servePlan(w http.ResponseWriter, r *http.Request) {
	round, err := s.plan(w, r)
	if err != nil {
		s.refuseWith(w, r, http.StatusServiceUnavailable, "No plan could be made: "+plain(err.Error()))
		return
	}
	s.withinQuota(w, r, s.answers, planTimeout, func() { s.writeAPI(w, r, round) })
}
