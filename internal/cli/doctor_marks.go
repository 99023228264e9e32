package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// marks tells of marks of owners at the names of an account that has no owner's
// id, and so does not go by them.
func (c *checkup) marks(ctx context.Context, account *engine.Account) {
	p, ok := account.Provider.(provider.Texts)
	if !ok || account.Spec.OwnerID != "" {
		return
	}
	for i := range c.round.Zones {
		z := &c.round.Zones[i]
		if z.Account != account.Name || z.Name.IsZero() {
			continue
		}
		spec := account.Spec.Only(c.round.Houses(z))
		asked := spec
		asked.OwnerID = "?" // anybody's marks are asked for
		records, err := p.RecordsAndTexts(ctx, provider.Zone{ID: z.ID, Name: z.Name}, spec.Names(), asked.Texts(z.Name))
		if err != nil {
			continue // the round says what is wrong with the zone
		}
		c.owners(spec.MarksOf(z.Name, records))
	}
}

// owners tells of each owner.
func (c *checkup) owners(marks []plan.Marks) {
	var owners []string
	keys := make(map[string][]string)
	for _, m := range marks {
		w := m.Words()
		if !slices.Contains(owners, w) {
			owners = append(owners, w)
		}
		keys[w] = append(keys[w], m.Key.String())
	}
	for _, w := range owners {
		c.frail(text.List(keys[w], 3), fmt.Sprintf("marked as owned by %s; homing ignores marks without an owner ID, so it changes these records anyway", w),
			"if they belong to another program, set {policy.owner_id}: homing then marks its own records and leaves those of others alone")
	}
}
