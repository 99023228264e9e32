package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// examineMarks tells of marks of owners at the names of an account that has no
// owner's id, and so does not go by them.
func examineMarks(ctx context.Context, account engine.Account, words text.Words, r status.Round) []finding {
	p, ok := account.Provider.(provider.Texts)
	if !ok || account.Spec.OwnerID != "" {
		return nil
	}
	var found []finding
	for _, z := range r.Zones {
		if z.Account != account.Name || z.Name.IsZero() {
			continue
		}
		spec := account.Spec.Only(r.Houses(z))
		asked := spec
		asked.OwnerID = "?" // anybody's marks are asked for
		records, err := p.RecordsAndTexts(ctx, provider.Zone{ID: z.ID, Name: z.Name}, spec.Names(), asked.Texts(z.Name))
		if err != nil {
			continue // the round says what is wrong with the zone
		}
		found = append(found, marksFound(spec.MarksOf(z.Name, records), words)...)
	}
	return found
}

// marksFound is a finding for each owner.
func marksFound(marks []plan.Marks, words text.Words) (found []finding) {
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
		found = append(found, finding{frail, text.List(keys[w], 3),
			fmt.Sprintf("marked as owned by %s; homing does not look at marks, so it changes these records all the same", w),
			text.Hint("if they belong to another program, set {policy.owner_id}: homing then marks its own records, and leaves alone what others marked").In(words)})
	}
	return found
}
