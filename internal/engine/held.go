package engine

import (
	"sort"

	"github.com/homing-dns/homing/internal/status"
)

// Held returns what the hosts hold at the managed names, as far as that is known.
// It is for Config.Done, while no round runs. Nobody changes the records.
func (e *Engine) Held() []status.Held {
	var held []status.Held
	for _, a := range e.accounts {
		first := len(held)
		for _, z := range a.zones {
			if z.view != nil {
				held = append(held, status.Held{Account: a.Account.Name, Zone: z.Name, Read: z.readAt, Records: z.view.records})
			}
		}
		of := held[first:]
		sort.Slice(of, func(i, j int) bool { return of[i].Zone.Compare(of[j].Zone) < 0 })
	}
	return held
}
