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

// maxRefused bounds how many changes are refused before the search for what Google
// does not like is given up.
const maxRefused = 16

// Apply sends as many sets as the quotas of the project allow in one change. What
// is refused is left out and the rest sent again; any other failure ends the work.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	j := &job{p: p, zone: zone, sets: sets, results: make([]provider.SetResult, len(sets))}
	var batch []int
	var err *provider.Error
	if j.project, err = p.projectID(ctx); err == nil {
		j.most, err = p.quotas(ctx, j.project)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = rest.NewError(provider.NotTried, "", "", "stop before this change: %w", context.Cause(ctx))
		}
		j.fail(places(0, len(sets)), err)
		return j.results
	}
	size := change{}
	for i := 0; i < len(sets); {
		group := places(i, i+plan.Together(sets[i:]))
		i += len(group)
		if err := j.unfit(group); err != nil {
			j.fail(group, err)
			continue
		}
		next := j.add(size, group)
		if len(batch) > 0 && !next.fits(j.most) {
			j.send(ctx, batch)
			batch, next = nil, j.add(change{}, group)
		}
		batch, size = append(batch, group...), next
	}
	j.send(ctx, batch)
	return j.results
}

func places(from, to int) []int {
	all := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

// job is one Apply; sets are named by their places in it.
type job struct {
	p       *Provider
	project string
	most    quota
	zone    provider.Zone
	sets    []plan.Set
	results []provider.SetResult
	stopped error // why nothing more is sent
	refused int   // changes
}

func (j *job) fail(places []int, err *provider.Error) {
	for _, i := range places {
		j.results[i] = provider.FailedSet(&j.sets[i], err)
	}
}

// unfit is why sets that go together are not sent.
func (j *job) unfit(group []int) *provider.Error {
	for _, i := range group {
		if err := unfit(&j.sets[i]); err != nil {
			return err
		}
	}
	return nil
}

// add is a change and what these sets add to it.
func (j *job) add(c change, places []int) change {
	for _, i := range places {
		c = c.with(&j.sets[i], func(k dns.Key, r []dns.Record) []string { return j.p.forms.of(j.zone.ID, k, r) })
	}
	return c
}

// send carries out these sets, and finds out which of them Google refuses.
func (j *job) send(ctx context.Context, places []int) {
	if j.stopped == nil && ctx.Err() != nil {
		j.stopped = context.Cause(ctx)
	}
	switch {
	case len(places) == 0:
		return
	case j.stopped != nil:
		j.fail(places, rest.NewError(provider.NotTried, j.what(places), "", "stop before this change: %w", j.stopped))
		return
	}
	err := j.post(ctx, places)
	switch {
	case err == nil:
		return
	case err.Kind == provider.Rejected && j.refused < maxRefused && len(places) > plan.Together(j.setsAt(places)):
		j.refused++
		j.without(ctx, places, err)
		return
	case err.Kind != provider.Rejected && err.Kind != provider.Stale:
		j.stopped = err
	}
	j.fail(places, err)
}

// without sends what is left without those that a refusal names; where it names
// none, the halves.
func (j *job) without(ctx context.Context, places []int, err *provider.Error) {
	c := j.add(change{}, places)
	key, ok := blamed(err.Error(), c)
	var named, rest []int
	for k := 0; k < len(places); {
		n := plan.Together(j.setsAt(places[k:]))
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
		half := plan.Half(j.setsAt(places))
		j.send(ctx, places[:half])
		j.send(ctx, places[half:])
		return
	}
	j.fail(named, err)
	j.send(ctx, rest)
}

// blamed is the set that a refusal names: by its place in the change, or by its name
// and type. Both forms stand in what people reported from 2018 to 2024.
func blamed(words string, c change) (dns.Key, bool) {
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
		return list[i].key()
	}
	return set{Name: m[2], Type: dns.Type(m[3])}.key()
}

// setsAt is the sets at these places.
func (j *job) setsAt(places []int) []plan.Set {
	sets := make([]plan.Set, len(places))
	for k, i := range places {
		sets[k] = j.sets[i]
	}
	return sets
}

// post makes the change of these sets, and takes what Google says it stores.
func (j *job) post(ctx context.Context, places []int) *provider.Error {
	c := j.add(change{}, places)
	var done struct {
		ID        string  `json:"id"`
		Status    string  `json:"status"`
		Additions []rrset `json:"additions"`
		Deletions []rrset `json:"deletions"`
	}
	what := j.what(places)
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
			held[k] = a.records(k)
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

// what names the changes for people.
func (j *job) what(places []int) string {
	if len(places) == 1 {
		s := j.sets[places[0]]
		if len(s.Changes) == 1 {
			return fmt.Sprintf("%s %s", s.Changes[0].Action, s.Key)
		}
		return "change " + s.Key.String()
	}
	return fmt.Sprintf("make %d changes in %s", plan.Size(j.setsAt(places)), j.zone.Name.Describe())
}
