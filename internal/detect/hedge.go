package detect

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/homing-dns/homing/internal/addr"
)

// hedge is a Source that can be reached by several ways. It asks them one
// after another until one knows. Which is asked first rotates from one
// question to the next, so that a single one that keeps saying what is no
// longer true cannot keep the truth out.
type hedge struct {
	voter addr.Voter
	ways  []Source
	turn  atomic.Uint64
}

func newHedge(voter addr.Voter, ways []Source) *hedge {
	voter.Way = ""
	return &hedge{voter: voter, ways: ways}
}

func (h *hedge) Voter() addr.Voter { return h.voter }
func (h *hedge) Ways() []Source    { return slices.Clone(h.ways) }

// Observe returns the first answer that knows, with the votes of all that
// answered before it.
func (h *hedge) Observe(ctx context.Context) addr.Observation {
	turn := int((h.turn.Add(1) - 1) % uint64(len(h.ways)))
	inTurn := slices.Concat(h.ways[turn:], h.ways[:turn])
	answers := relay{inTurn, hedged, oneKnows}.run(ctx)
	return addr.Agree(addr.First(), 1, votesOf(answers))
}

func (h *hedge) CloseIdle() {
	for _, w := range h.ways {
		closeIdle(w)
	}
}
