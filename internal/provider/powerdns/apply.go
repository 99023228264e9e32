package powerdns

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// maxRefused bounds how many PATCHes are refused before the search for what
// PowerDNS does not like is given up.
const maxRefused = 16

// Apply sends the sets of a batch in one PATCH, of which all is stored or
// nothing. What is refused is left out and the rest sent again; any other failure
// ends the work.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	grace, done := provider.Linger(ctx)
	defer done()
	j := &job{p: p, grace: grace, zone: zone, sets: sets, results: make([]provider.SetResult, len(sets))}
	first := 0
	for batch := range provider.Batches(sets, zone.Limits, octets) {
		var places []int
		for range batch {
			places, first = append(places, first), first+1
		}
		j.send(ctx, places)
	}
	return j.results
}

// octets is about what a set adds to a PATCH.
func octets(s plan.Set) int {
	n := 200 + 2*len(s.Key.Name.String())
	for _, r := range s.After() {
		n += 64 + 2*len(r.Comment) + 2*len(r.Text)
	}
	return n
}

// job is one Apply; sets are named by their places in it.
type job struct {
	p       *Provider
	grace   context.Context // for what must be known of a write
	zone    provider.Zone
	sets    []plan.Set
	results []provider.SetResult
	stopped error // why nothing more is sent
	refused int   // PATCHes
}

func (j *job) fail(places []int, err *provider.Error) {
	for _, i := range places {
		j.results[i] = provider.Failed(j.sets[i], err)
	}
}

// send carries out these sets, and finds out which PowerDNS refuses.
func (j *job) send(ctx context.Context, places []int) {
	if j.stopped == nil && ctx.Err() != nil {
		j.stopped = context.Cause(ctx)
	}
	switch {
	case len(places) == 0:
		return
	case j.stopped != nil:
		j.fail(places, fault(provider.NotTried, j.what(places), "", "stop before this change: %w", j.stopped))
		return
	}
	places, err := j.patch(ctx, places)
	switch {
	case err == nil:
		j.verify(places)
	case err.Kind != provider.Rejected:
		j.stopped = fmt.Errorf("an earlier call went wrong: %w", err)
		j.fail(places, err)
	case j.half(places) == len(places):
		j.fail(places, err)
	case j.refused >= maxRefused:
		j.stopped = fmt.Errorf("PowerDNS refuses too much: %w", err)
		j.send(ctx, places)
	default:
		j.split(ctx, places, err)
	}
}

// split sends what was refused together in two parts: what PowerDNS named, or
// else the first half, and the rest.
func (j *job) split(ctx context.Context, places []int, err *provider.Error) {
	j.refused++
	reason := err.Reason()
	named := func(i int) bool { return named(reason, j.sets[i].Key) }
	if !slices.ContainsFunc(places, named) {
		half := j.half(places)
		j.send(ctx, places[:half])
		j.send(ctx, places[half:])
		return
	}
	var first, rest []int
	for k := 0; k < len(places); {
		group := places[k : k+j.together(places[k:])]
		if k += len(group); slices.ContainsFunc(group, named) && first == nil {
			first = group
		} else {
			rest = append(rest, group...)
		}
	}
	j.fail(first, err)
	j.send(ctx, rest)
}

// setsAt is the sets at these places.
func (j *job) setsAt(places []int) []plan.Set {
	sets := make([]plan.Set, len(places))
	for k, i := range places {
		sets[k] = j.sets[i]
	}
	return sets
}

// half is plan.Half of the sets at these places.
func (j *job) half(places []int) int { return plan.Half(j.setsAt(places)) }

// together is plan.Together of the sets at these places, of which there are some.
func (j *job) together(places []int) int {
	n := 1
	for n < len(places) && j.sets[places[n]].Joined {
		n++
	}
	return n
}

// named says whether the words of a refusal are about a set: "RRset N IN A: …",
// "Record N/A '…': …".
func named(words string, k dns.Key) bool {
	n, kind := k.Name.String()+".", string(k.Type)
	return strings.Contains(words, " "+n+" IN "+kind) || strings.Contains(words, " "+n+"/"+kind+" ")
}

// patch reads the zone, compares what stands there with what the sets were
// planned from, and writes those that are as they were. It returns these.
func (j *job) patch(ctx context.Context, places []int) ([]int, *provider.Error) {
	here, row, err := j.read(ctx, places)
	switch {
	case err != nil:
		return places, err
	case row.secondary():
		return places, fault(provider.Rejected, j.what(places), "set {accounts.base_url} to the address of the primary",
			"the zone is a secondary here (%s), and its primary would undo the change", row.Kind)
	}
	var fit []int
	var body struct {
		RRsets []change `json:"rrsets"`
	}
	for k := 0; k < len(places); {
		group := places[k : k+j.together(places[k:])]
		k += len(group)
		changes, err := j.changesOf(group, here)
		if err != nil {
			j.fail(group, err)
			continue
		}
		fit, body.RRsets = append(fit, group...), append(body.RRsets, changes...)
	}
	switch {
	case len(fit) == 0:
		return nil, nil
	case ctx.Err() != nil:
		return fit, fault(provider.NotTried, j.what(fit), "", "stop before this change: %w", context.Cause(ctx))
	}
	_, err = j.p.api.Do(ctx, rest.Call{What: j.what(fit), Method: http.MethodPatch, Path: "/zones/" + url.PathEscape(j.zone.ID),
		Body: body, Gone: provider.NoZone})
	return fit, err
}

// changesOf is what is to be written of sets that go together.
func (j *job) changesOf(group []int, here map[dns.Key]*rrset) ([]change, *provider.Error) {
	changes := make([]change, len(group))
	for k, i := range group {
		c, err := changeOf(&j.sets[i], here[j.sets[i].Key])
		if err != nil {
			return nil, err
		}
		changes[k] = c
	}
	return changes, nil
}

// read is what stands at the keys of these sets.
func (j *job) read(ctx context.Context, places []int) (map[dns.Key]*rrset, zoneRow, *provider.Error) {
	here := make(map[dns.Key]*rrset)
	for _, i := range places {
		here[j.sets[i].Key] = &rrset{}
	}
	row, err := j.p.zone(ctx, j.zone.ID, nil, func(k dns.Key, s *rrset) {
		if _, wanted := here[k]; wanted {
			here[k] = s
		}
	})
	return here, row, err
}

// verify reads what the server holds now of sets that it says it wrote.
func (j *job) verify(places []int) {
	if len(places) == 0 {
		return
	}
	here, _, err := j.read(j.grace, places)
	if err != nil {
		err = fault(provider.Unconfirmed, j.what(places), err.Hint, "it was written, and could not be read again: %w", err.Err)
		j.stopped = err
		j.fail(places, err)
		return
	}
	for _, i := range places {
		k := j.sets[i].Key
		j.results[i] = provider.Confirm(j.sets[i], here[k].records(k))
	}
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
	n := 0
	for _, i := range places {
		n += len(j.sets[i].Changes)
	}
	return fmt.Sprintf("make %d changes in %s", n, j.zone.Name.Describe())
}
