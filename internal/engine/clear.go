package engine

import (
	"context"
	"errors"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
)

// Clear makes one round that deletes what is ours in the families in scope,
// and nothing else: nobody is asked for an address and nothing is made or
// changed. Everything is read again before. What could not be deleted is among
// the round's conditions. Where ctx has a deadline no write is begun that
// might not be answered by then. No other round may run meanwhile.
func (e *Engine) Clear(ctx context.Context) status.Round {
	ctx, done := early(ctx)
	defer done()
	return e.round(ctx, clearing)
}

// PlanClear makes one round that shows what Clear would delete.
func (e *Engine) PlanClear(ctx context.Context) status.Round { return e.round(ctx, dryClearing) }

var errNoTime = errors.New("there is no time left for cleaning up")

// early is ctx, over so much before its deadline that a write begun until then
// can still be answered; at most half of the time is kept for that.
func early(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, deadline.Add(-min(provider.WriteGrace, time.Until(deadline)/2)), errNoTime)
}

// none is the knowledge that there is to be no address in any family in scope.
func (e *Engine) none() map[addr.Family]*sight {
	settled := make(chan struct{})
	close(settled)
	sights := make(map[addr.Family]*sight, len(e.families))
	for f := range e.families {
		sights[f] = &sight{settled: settled, seen: addr.None(), publishable: true}
	}
	return sights
}

// afresh has everything read and tried again. What is left after that is said
// whether or not it was said before.
func (e *Engine) afresh() {
	e.conditions = nil
	for _, a := range e.accounts {
		a.afresh()
	}
}
