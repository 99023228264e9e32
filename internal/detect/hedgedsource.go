package detect

import (
	"context"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// hedgedSource is a Source that can be reached by several routes. It asks them one
// after another until one knows. Which is asked first rotates from one
// question to the next, so that a single one that keeps saying what is no
// longer true cannot keep the truth out. One that was overtaken when it was its
// turn, because it is slow, has the next turn too, and then half of the time to
// itself: or a stale one that is fast would always be heard in its place.
type hedgedSource struct {
	voter  addr.Voter
	routes []Source

	mu        sync.Mutex
	turn      int
	retryTurn bool // whose turn it is was overtaken last time
}

func newHedgedSource(voter addr.Voter, ways []Source) *hedgedSource {
	voter.Route = ""
	return &hedgedSource{voter: voter, routes: ways}
}

func (h *hedgedSource) Voter() addr.Voter { return h.voter }
func (h *hedgedSource) Routes() []Source  { return h.routes }

// Observe returns the first answer that knows, with the votes of all that
// answered before it.
func (h *hedgedSource) Observe(ctx context.Context) addr.Observation {
	turn, owed := h.nextTurn()
	inTurn := append(h.routes[turn:len(h.routes):len(h.routes)], h.routes[:turn]...)
	patience := func(ctx context.Context) time.Duration {
		if first := owed; first {
			owed = false
			return halfRemaining(ctx)
		}
		return adaptiveDelay(ctx)
	}
	answers := race{inTurn, patience, anyKnown}.run(ctx)
	answered := false
	for _, a := range answers {
		answered = answered || a.index == 0
	}
	h.endTurn(turn, answered)
	return addr.Agree(addr.First(), 1, votesOf(answers))
}

// nextTurn returns which route's turn it is, and whether it was overtaken before.
func (h *hedgedSource) nextTurn() (turn int, owed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.turn, h.retryTurn
}

// endTurn ends a turn, unless it was overtaken for the first time.
func (h *hedgedSource) endTurn(turn int, answered bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case turn != h.turn: // somebody asked at the same time
	case answered || h.retryTurn:
		h.turn, h.retryTurn = (turn+1)%len(h.routes), false
	default:
		h.retryTurn = true
	}
}

// halfRemaining returns half of the time that is left.
func halfRemaining(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline) / 2
	}
	return 10 * hedgeDelay
}

func (h *hedgedSource) CloseIdle() {
	for _, w := range h.routes {
		closeIdle(w)
	}
}
