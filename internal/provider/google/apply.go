package google

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// maxRefusedChanges bounds how many changes are refused before the search for what Google
// does not like is given up.
const maxRefusedChanges = 16

// Apply sends as many sets as the quotas of the project allow in one change. What
// is refused is left out and the rest sent again; any other failure ends the work.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	j := &applyJob{p: p, zone: zone, sets: sets, results: make([]provider.SetResult, len(sets))}
	var batch []int
	var err *provider.Error
	if j.project, err = p.projectID(ctx); err == nil {
		j.quota, err = p.readQuotas(ctx, j.project)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = rest.NewError(provider.NotTried, "", "", "stop before this change: %w", context.Cause(ctx))
		}
		j.failSets(indexRange(0, len(sets)), err)
		return j.results
	}
	size := change{}
	for i := 0; i < len(sets); {
		group := indexRange(i, i+plan.GroupLen(sets[i:]))
		i += len(group)
		if err := j.validateGroup(group); err != nil {
			j.failSets(group, err)
			continue
		}
		next := j.addSets(size, group)
		if len(batch) > 0 && !next.fitsIn(j.quota) {
			j.sendSets(ctx, batch)
			batch, next = nil, j.addSets(change{}, group)
		}
		batch, size = append(batch, group...), next
	}
	j.sendSets(ctx, batch)
	return j.results
}

func indexRange(from, to int) []int {
	all := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

// applyJob is one Apply; sets are named by their places in it.
type applyJob struct {
	p              *Provider
	project        string
	quota          quota
	zone           provider.Zone
	sets           []plan.Set
	results        []provider.SetResult
	stopReason     error // why nothing more is sent
	refusedChanges int   // changes
}

func (j *applyJob) failSets(places []int, err *provider.Error) {
	for _, i := range places {
		j.results[i] = provider.FailedSet(&j.sets[i], err)
	}
}

// validateGroup returns why sets that go together cannot be sent.
func (j *applyJob) validateGroup(group []int) *provider.Error {
	for _, i := range group {
		if err := validateSet(&j.sets[i]); err != nil {
			return err
		}
	}
	return nil
}

// addSets returns a change with these sets added.
func (j *applyJob) addSets(c change, places []int) change {
	for _, i := range places {
		c = c.withSet(&j.sets[i], func(k dns.Key, r []dns.Record) []string { return j.p.originalValues.valuesOf(j.zone.ID, k, r) })
	}
	return c
}

// sendSets carries out these sets, and finds out which of them Google refuses.
func (j *applyJob) sendSets(ctx context.Context, places []int) {
	if j.stopReason == nil && ctx.Err() != nil {
		j.stopReason = context.Cause(ctx)
	}
	switch {
	case len(places) == 0:
		return
	case j.stopReason != nil:
		j.failSets(places, rest.NewError(provider.NotTried, j.describe(places), "", "stop before this change: %w", j.stopReason))
		return
	}
	err := j.postChange(ctx, places)
	switch {
	case err == nil:
		return
	case err.Kind == provider.Rejected && j.refusedChanges < maxRefusedChanges && len(places) > plan.GroupLen(j.setsAt(places)):
		j.refusedChanges++
		j.splitRefused(ctx, places, err)
		return
	case err.Kind != provider.Rejected && err.Kind != provider.Stale:
		j.stopReason = err
	}
	j.failSets(places, err)
}

// splitRefused sends what is left without those that a refusal names; where it names
// none, the halves.
func (j *applyJob) splitRefused(ctx context.Context, places []int, err *provider.Error) {
	c := j.addSets(change{}, places)
	key, ok := refusedKey(err.Error(), c)
	var named, rest []int
	for k := 0; k < len(places); {
		n := plan.GroupLen(j.setsAt(places[k:]))
		group, hit := places[k:k+n], false
		k += n
		for _, i := range group {
			hit = hit || ok && (j.sets[i].Key == key || j.sets[i].Mark == key)
		}
		if hit {
			named = append(named, group...)
		} else {
			rest = append(rest, group...)
		}
	}
	if len(named) == 0 || len(rest) == 0 {
		half := plan.HalfLen(j.setsAt(places))
		j.sendSets(ctx, places[:half])
		j.sendSets(ctx, places[half:])
		return
	}
	j.failSets(named, err)
	j.sendSets(ctx, rest)
}

// refusedKey returns the set that a refusal names: by its place in the change, or by its name
// and type. Both forms stand in what people reported from 2018 to 2024.
func refusedKey(words string, c change) (dns.Key, bool) {
	m := regexp.MustCompile(`entity\.change\.(additions|deletions)\[([^\]]+)\](?:\[([A-Z]+)\])?`).FindStringSubmatch(words)
	if m == nil {
		return dns.Key{}, false
	}
	list := c.Additions
	if m[1] == "deletions" {
		list = c.Deletions
	}
	if i, err := strconv.Atoi(m[2]); err == nil && m[3] == "" {
		if i < 0 || i >= len(list) {
			return dns.Key{}, false
		}
		return list[i].parseKey()
	}
	return set{Name: m[2], Type: dns.Type(m[3])}.parseKey()
}

// setsAt returns the sets at these places.
func (j *applyJob) setsAt(places []int) []plan.Set {
	sets := make([]plan.Set, len(places))
	for k, i := range places {
		sets[k] = j.sets[i]
	}
	return sets
}

// postChange makes the change of these sets, and takes what Google says it stores.
func (j *applyJob) postChange(ctx context.Context, places []int) *provider.Error {
	c := j.addSets(change{}, places)
	var done struct {
		ID        string      `json:"id"`
		Status    string      `json:"status"`
		Additions []listedSet `json:"additions"`
		Deletions []listedSet `json:"deletions"`
	}
	what := j.describe(places)
	if _, err := j.p.api.Do(ctx, rest.Call{What: what, Method: http.MethodPost, Path: zonePath(j.project, j.zone.ID, "/changes"), Body: c,
		Limit: maxPage, NotFoundKind: provider.NoZone, Result: rest.DecodeJSON(&done)}); err != nil {
		return err
	}
	if len(done.Additions) != len(c.Additions) || len(done.Deletions) != len(c.Deletions) {
		return rest.NewError(provider.Unconfirmed, what, "", "Google answers with another change than was asked")
	}
	held := make(map[dns.Key][]dns.Record, len(done.Additions))
	for i := range done.Additions {
		a := &done.Additions[i]
		if n, err := dns.ParseName(a.Name); err == nil {
			k := dns.Key{Name: n, Type: a.Type}
			held[k] = a.toRecords(k)
		}
	}
	for _, i := range places {
		j.results[i] = provider.Confirm(&j.sets[i], held[j.sets[i].Key])
		if done.Status != "done" {
			j.results[i].Receipt = done.ID
		}
	}
	return nil
}

// describe names the changes for people.
func (j *applyJob) describe(places []int) string {
	if len(places) == 1 {
		s := j.sets[places[0]]
		if len(s.Changes) == 1 {
			return fmt.Sprintf("%s %s", s.Changes[0].Action, s.Key)
		}
		return "change " + s.Key.String()
	}
	return fmt.Sprintf("make %d changes in %s", plan.CountChanges(j.setsAt(places)), j.zone.Name.Describe())
}
