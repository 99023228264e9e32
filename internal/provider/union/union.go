// Package union is several accounts as one provider, for names that nobody said
// an account of: each belongs to the one account that sees its zone, or of several
// to the one that is called default.
package union

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// Union is a Provider. The id of a zone has the name of its account before it.
type Union struct {
	members []Member

	mu         sync.Mutex
	lastMember map[dns.Name]string   // the account that a name was last found at
	ambiguous  map[dns.Name][]string // names found at one account, whose zone several see now
}

var (
	_ provider.Provider   = (*Union)(nil)
	_ provider.Texts      = (*Union)(nil)
	_ provider.Meter      = (*Union)(nil)
	_ provider.Adviser    = (*Union)(nil)
	_ provider.Forgetful  = (*Union)(nil)
	_ provider.Recaller   = (*Union)(nil)
	_ provider.Learner    = (*Union)(nil)
	_ provider.Propagator = (*Union)(nil)
)

// New makes a Union; its members speak with nobody else.
func New(members ...Member) *Union {
	return &Union{members: members, lastMember: make(map[dns.Name]string), ambiguous: make(map[dns.Name][]string)}
}

// answer is what one member says of names.
type answer struct {
	placed map[dns.Name]provider.Placed
	lost   map[dns.Name]*provider.Error
	err    *provider.Error // of all that are in neither
}

// Zones asks every account. A name goes to the one whose zone is the closest;
// where two have that zone and none of them is the default, it is not placed, and
// both are named. An account that
// cannot be asked leaves the names of the others alone, and keeps its own.
func (u *Union) Zones(ctx context.Context, names []dns.Name) (placed []provider.Placed, lost []provider.Unplaced, _ error) {
	answers := u.askAll(ctx, names)
	if err := allFailedError(answers); err != nil {
		return nil, nil, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, n := range names {
		p, err := u.chooseMember(n, answers)
		if err != nil {
			lost = append(lost, provider.Unplaced{Name: n, Err: err})
		} else {
			placed = append(placed, p)
		}
	}
	return placed, lost, nil
}

// askAll asks every member, side by side. One that hangs has half of the time, so
// that the others still have some.
func (u *Union) askAll(ctx context.Context, names []dns.Name) []answer {
	if end, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, time.Until(end)/2, context.DeadlineExceeded)
		defer cancel()
	}
	answers := make([]answer, len(u.members))
	var wg sync.WaitGroup
	for i, m := range u.members {
		wg.Go(func() {
			a := answer{placed: make(map[dns.Name]provider.Placed), lost: make(map[dns.Name]*provider.Error)}
			placed, lost, err := m.Provider.Zones(ctx, names)
			for _, p := range placed {
				p.Zone = m.toUnionZone(p.Zone)
				a.placed[p.Name] = p
			}
			for _, l := range lost {
				a.lost[l.Name] = m.wrapError(l.Err)
			}
			if err != nil {
				a.err = m.wrapError(asError(err))
			}
			answers[i] = a
		})
	}
	wg.Wait()
	return answers
}

// allFailedError is the error of answers by which nothing was learnt; nil where
// something was.
func allFailedError(answers []answer) error {
	var first *provider.Error
	var all []string
	for _, a := range answers {
		if a.err == nil {
			return nil
		}
		if a.err.Kind != provider.NoZone && first == nil {
			first = a.err
		}
		all = append(all, a.err.Error())
	}
	if first == nil {
		return nil
	}
	out := *first
	out.What, out.Err = "", errors.New(strings.Join(all, "; "))
	return &out
}

// chooseMember finds the account of a name. u.mu is held.
func (u *Union) chooseMember(n dns.Name, answers []answer) (provider.Placed, *provider.Error) {
	var best []Member
	var found provider.Placed
	var failed *provider.Error
	for i, m := range u.members {
		p, sees := answers[i].placed[n]
		switch err := answers[i].errorFor(n); {
		case !sees && err != nil && err.Kind != provider.NoZone:
			if u.lastMember[n] == m.Name {
				return provider.Placed{}, err // it stays there until that account says otherwise
			}
			if failed == nil {
				failed = err
			}
		case !sees:
		case len(best) == 0 || len(p.Zone.Name.String()) > len(found.Zone.Name.String()), p.Zone.Name == found.Zone.Name && m.Default:
			best, found = []Member{m}, p
		case p.Zone.Name == found.Zone.Name && !best[0].Default:
			best = append(best, m)
		}
	}
	delete(u.ambiguous, n)
	switch {
	case len(best) == 1:
		u.lastMember[n] = best[0].Name
		return found, nil
	case len(best) > 1:
		if u.lastMember[n] != "" {
			u.ambiguous[n] = memberNames(best)
		}
		return provider.Placed{}, ambiguousError(found.Zone.Name, memberNames(best))
	case failed != nil:
		return provider.Placed{}, failed
	}
	return provider.Placed{}, u.noZoneError(n, answers)
}

// memberNames returns what these accounts are called.
func memberNames(members []Member) (names []string) {
	for _, m := range members {
		names = append(names, m.Name)
	}
	return names
}

// errorFor returns why a member did not find the zone of a name; nil if it did.
func (a answer) errorFor(n dns.Name) *provider.Error {
	if _, ok := a.placed[n]; ok {
		return nil
	}
	if err := a.lost[n]; err != nil {
		return err
	}
	return a.err
}

// ambiguousError says that more than one account sees the zone of a name.
func ambiguousError(zone dns.Name, accounts []string) *provider.Error {
	return &provider.Error{Kind: provider.NoZone, Err: seenByError(zone, accounts),
		Hint: "say which of them it belongs to: " + text.Advise("%s", text.The("records.account").To(accounts[0]))}
}

func seenByError(zone dns.Name, accounts []string) error {
	return fmt.Errorf("the accounts %s see its zone %s, and nothing says which of them it belongs to", text.List(accounts, 0), zone.Describe())
}

// noZoneError says that no account sees a zone of a name: as the default one says it, which
// such a name is at as a rule, and else of all of them.
func (u *Union) noZoneError(n dns.Name, answers []answer) *provider.Error {
	for i, m := range u.members {
		if err := answers[i].errorFor(n); err != nil && m.Default {
			out := *err
			out.Err = fmt.Errorf("%w, and no other account sees a zone of it", err.Err)
			return &out
		}
	}
	return &provider.Error{Kind: provider.NoZone, Err: fmt.Errorf("none of the accounts %s sees a zone of it", text.List(memberNames(u.members), 0)),
		Hint: "make the zone at one of these hosts, give the credential of its account that zone, or correct the name"}
}

// Records lists the records at names of the account that has the zone.
func (u *Union) Records(ctx context.Context, zone provider.Zone, names []dns.Name) ([]dns.Record, error) {
	return u.RecordsAndTexts(ctx, zone, names, nil)
}

// RecordsAndTexts is Records, with the TXT records where that account keeps any.
func (u *Union) RecordsAndTexts(ctx context.Context, zone provider.Zone, names, texts []dns.Name) (records []dns.Record, err error) {
	m, z := u.memberOf(zone)
	if p, ok := m.Provider.(provider.Texts); ok && len(texts) > 0 {
		records, err = p.RecordsAndTexts(ctx, z, names, texts)
	} else {
		records, err = m.Provider.Records(ctx, z, names)
	}
	if err != nil {
		return nil, m.wrapError(asError(err))
	}
	return records, nil
}

// Apply has the account that has the zone carry out sets.
func (u *Union) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	m, z := u.memberOf(zone)
	results := m.Provider.Apply(ctx, z, sets)
	for i := range results {
		results[i].Errs = slices.Clone(results[i].Errs)
		for j, err := range results[i].Errs {
			results[i].Errs[j] = m.wrapError(err)
		}
	}
	return results
}
