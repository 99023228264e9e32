package engine

import (
	"context"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/provider"
)

// How often a host that stores before its name servers answer is asked whether they do.
const (
	visibleFirst = 5 * time.Second // and twice as long after each answer
	visibleMost  = 5 * time.Minute // then nobody waits any more
)

// rememberReceipts keeps what a Propagator is asked by, of what was confirmed.
func (z *zone) rememberReceipts(results []provider.SetResult) {
	for _, r := range results {
		if r.Receipt != "" && !slices.Contains(z.receipts, r.Receipt) {
			z.receipts = append(z.receipts, r.Receipt)
		}
	}
}

// watchPropagation has the log say when the world sees what was stored in the latest round, and
// holds up no other.
func (e *Engine) watchPropagation(ctx context.Context) {
	for _, a := range e.accounts {
		p, ok := a.Provider.(provider.Propagator)
		for _, z := range a.zones {
			receipts := z.receipts
			z.receipts = nil
			if !ok || len(receipts) == 0 {
				continue
			}
			asked := z.Zone
			e.following.Go(func() {
				if took, seen := awaitPropagation(ctx, p, asked, receipts); seen {
					e.cfg.Log.Info("visible", "zone", asked.Name.Describe(), "after", took.Round(time.Second))
				}
			})
		}
	}
}

// awaitPropagation asks until the name servers answer with everything, or until nobody waits any
// more: what is stored counts in any case.
func awaitPropagation(ctx context.Context, p provider.Propagator, z provider.Zone, receipts []string) (took time.Duration, seen bool) {
	began := time.Now()
	for pause := visibleFirst; time.Since(began)+pause <= visibleMost; pause *= 2 {
		select {
		case <-ctx.Done():
			return 0, false
		case <-time.After(pause):
		}
		for len(receipts) > 0 {
			done, err := p.Propagated(ctx, z, receipts[0])
			if err != nil {
				return 0, false
			}
			if !done {
				break
			}
			receipts = receipts[1:]
		}
		if len(receipts) == 0 {
			return time.Since(began), true
		}
	}
	return 0, false
}
