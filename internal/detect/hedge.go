package detect

import (
	"context"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// hedge is a Source that can be reached by several ways. It asks them one
// after another until one knows. Which is asked first rotates from one
// question to the next, so that a single one that keeps saying what is no
// longer true cannot keep the truth out. One that was overtaken when it was its
// turn, because it is slow, has the next turn too, and then half of the time to
// itself: or a stale one that is fast would always be heard in its place.
type hedge struct {
	voter addr.Voter
	ways  []Source

	mu   sync.Mutex
	turn int
	owed bool // whose turn it is was overtaken last time
}

func newHedge(voter addr.Voter, ways []Source) *hedge {
	voter.Route = ""
	return &hedge{voter: voter, ways: ways}
}

func (h *hedge) Voter() addr.Voter { return h.voter }
func (h *hedge) Ways() []Source    { return h.ways }

// Observe returns the first answer that knows, with the votes of all that
// answered before it.
func (h *hedge) Observe(ctx context.Context) addr.Observation {
	turn, owed := h.next()
	inTurn := append(h.ways[turn:len(h.ways):len(h.ways)], h.ways[:turn]...)
	patience := func(ctx context.Context) time.Duration {
		if first := owed; first {
			owed = false
			return half(ctx)
		}
		return hedged(ctx)
	}
	answers := relay{inTurn, patience, oneKnows}.run(ctx)
	answered := false
	for _, a := range answers {
		answered = answered || a.nth == 0
	}
	h.had(turn, answered)
	return addr.Agree(addr.First(), 1, votesOf(answers))
}

// next is whose turn it is, and whether it was overtaken before.
func (h *hedge) next() (turn int, owed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.turn, h.owed
}

// had ends a turn, unless it was overtaken for the first time.
func (h *hedge) had(turn int, answered bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case turn != h.turn: // somebody asked at the same time
	case answered || h.owed:
		h.turn, h.owed = (turn+1)%len(h.ways), false
	default:
		h.owed = true
	}
}

// half is half of the time that is left.
func half(ctx context.Context) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Until(deadline) / 2
	}
	return 10 * hedgeDelay
}

func (h *hedge) CloseIdle() {
	for _, w := range h.ways {
		closeIdle(w)
	}
}
