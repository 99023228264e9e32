package union

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// What only some accounts can do is asked of those.

// Learnt returns the limits of a zone by all that its account knows now.
func (u *Union) Learnt(zone provider.Zone) plan.Limits {
	m, z := u.memberOf(zone)
	if l, ok := m.Provider.(provider.Learner); ok {
		return l.Learnt(z)
	}
	return zone.Limits
}

// Propagated asks the account that has the zone; one that shows at once what it stores
// gives no receipts.
func (u *Union) Propagated(ctx context.Context, zone provider.Zone, receipt string) (bool, error) {
	m, z := u.memberOf(zone)
	if p, ok := m.Provider.(provider.Propagator); ok {
		return p.Propagated(ctx, z, receipt)
	}
	return true, nil
}

// Calls returns how many calls all accounts made for the names of the Union.
func (u *Union) Calls() (n int64) {
	for _, m := range u.members {
		if meter, ok := m.Provider.(provider.Meter); ok {
			n += meter.Calls()
		}
	}
	return n
}

// Forget has everything asked for again.
func (u *Union) Forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	clear(u.lastMember)
	clear(u.ambiguous)
	for _, m := range u.members {
		if f, ok := m.Provider.(provider.Forgetful); ok {
			f.Forget()
		}
	}
}

// Recall tells every account: one that does not keep the name is never asked about it.
func (u *Union) Recall(c plan.Change, at time.Time) {
	for _, m := range u.members {
		if r, ok := m.Provider.(provider.Recaller); ok {
			r.Recall(c, at)
		}
	}
}

// Advice returns that of all accounts, and which names stay at an account although
// another one sees their zone as well.
func (u *Union) Advice() (all []provider.Advice) {
	for _, m := range u.members {
		if a, ok := m.Provider.(provider.Adviser); ok {
			for _, d := range a.Advice() {
				all = append(all, provider.Advice{Text: m.Name + ": " + d.Text, Hint: m.ownSettings(d.Hint)})
			}
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	names := slices.Collect(maps.Keys(u.ambiguous))
	sort.Slice(names, func(i, j int) bool { return names[i].Compare(names[j]) < 0 })
	for _, n := range names {
		all = append(all, provider.Advice{
			Text: fmt.Sprintf("%s stays at %s for now: the accounts %s see its zone", n.Describe(), u.lastMember[n], text.List(u.ambiguous[n], 0)),
			Hint: "say which of them it belongs to: " + text.Advise("%s", text.The("records.account").To(u.lastMember[n]))})
	}
	return all
}

// Members returns the accounts, in their order.
func (u *Union) Members() []Member { return u.members }
