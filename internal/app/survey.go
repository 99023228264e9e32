package app

import (
	"context"
	"slices"
	"sync"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/plan"
)

// Survey asks every way of every source, and then decides as a round would. seen
// is the decision with the votes of the asking, decided the same with the votes
// it rests on.
func (a *App) Survey(ctx context.Context, all bool) (seen, decided plan.Seen, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen, decided = plan.Seen{}, plan.Seen{}
	for of, p := range a.Panels {
		surveyed := p
		if all && of.Site == "" {
			if surveyed, err = panel(a.everyone(of.Family), a.world, of); err != nil {
				return nil, nil, err
			}
		}
		wg.Go(func() {
			votes := surveyed.Survey(ctx)
			surveyed.CloseIdle()
			o := p.Observe(ctx)
			if a.Config.Site(of.Site).Confirm || o.Weak() {
				o = p.Confirm(ctx, o)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[of], decided[of] = o.With(votes...), o
		})
	}
	wg.Wait()
	return seen, decided, nil
}

// everyone is the configuration with every source that can be asked about f
// without being told more.
func (a *App) everyone(f addr.Family) *config.Config {
	cfg := *a.Config
	d := cfg.Detect[f]
	m := making{World: a.world, wanted: wantedOf(cfg.Detect[f], f)}
	table := sources()
	for i := range table {
		k := &table[i]
		_, err := m.of(k, "")
		named := func(s config.Source) bool { return s.Word == k.word }
		if k.bare && k.word != emptyWord && err == nil && !slices.ContainsFunc(d.Sources, named) {
			d.Sources = append(d.Sources, config.Source{Word: k.word})
		}
	}
	cfg.Detect = map[addr.Family]config.Detection{f: d}
	return &cfg
}
