package route53

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/text"
)

const (
	maxRefusedBatches = 16 // batches, before the search for what Route 53 does not like is given up
	maxBusyRetries    = 4  // times that a batch is sent again because Route 53 was busy
)

// Apply sends as many sets as fit into one change batch, of which all is done or
// nothing: where one of them is not as it was read, all of its batch are stale. What
// Route 53 refuses for another reason is left out and the rest sent again; any other
// failure ends the work.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	j := &applyJob{p: p, zone: zone, sets: sets, changes: make([]setChange, len(sets)), ownershipMarks: make([]*setChange, len(sets)), results: make([]provider.SetResult, len(sets))}
	var fit [][]int // sets that go together
	for i := 0; i < len(sets); {
		var group []int
		var err *provider.Error
		for range plan.GroupLen(sets[i:]) {
			var bad *provider.Error
			if j.changes[i], bad = p.newSetChange(zone.ID, &sets[i]); bad != nil && err == nil {
				err = bad
			}
			j.ownershipMarks[i] = p.ownershipMark(zone.ID, &sets[i])
			group, i = append(group, i), i+1
		}
		if err != nil {
			j.failSets(group, err)
			continue
		}
		fit = append(fit, group)
	}
	for len(fit) > 0 {
		n := j.countFitting(fit)
		j.sendGroups(ctx, fit[:n])
		fit = fit[n:]
	}
	return j.results
}

// applyJob is one Apply; sets are named by their places in it, and those that go
// together are a group.
type applyJob struct {
	p              *Provider
	zone           provider.Zone
	sets           []plan.Set
	changes        []setChange
	ownershipMarks []*setChange // that must be as they were read
	results        []provider.SetResult
	stopReason     error // why nothing more is sent
	refusedBatches int   // batches
}

// countFitting returns how many groups, from the first, one batch takes; at least one.
func (j *applyJob) countFitting(groups [][]int) int {
	values, chars := 0, 0
	marked := map[dns.Key]bool{}
	for n, g := range groups {
		for _, i := range g {
			v, c := j.changes[i].batchSize()
			values, chars = values+v, chars+c
			if m := j.ownershipMarks[i]; m != nil && !marked[m.key] {
				v, c := m.batchSize()
				values, chars, marked[m.key] = values+v, chars+c, true
			}
		}
		if n > 0 && (values > maxBatchValues || chars > maxBatchChars) {
			return n
		}
	}
	return len(groups)
}

func (j *applyJob) failSets(places []int, err *provider.Error) {
	for _, i := range places {
		j.results[i] = provider.FailedSet(&j.sets[i], err)
	}
}

// sendGroups carries out these groups, and finds out which Route 53 refuses.
func (j *applyJob) sendGroups(ctx context.Context, groups [][]int) {
	places := slices.Concat(groups...)
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
	receipt, words, err := j.submitBatch(ctx, places)
	switch {
	case err == nil:
		j.markDone(places, receipt)
	case words == "" && err.Kind != provider.Rejected:
		j.stopReason = fmt.Errorf("an earlier call went wrong: %w", err)
		j.failSets(places, err)
	case j.refusedBatches >= maxRefusedBatches:
		j.stopReason = fmt.Errorf("Route 53 refuses too much: %w", err)
		j.failSets(places, err)
	default:
		j.splitRefused(ctx, groups, words, err)
	}
}

// splitRefused sends what was refused together again: without what Route 53 named, or,
// where it named nothing, by halves.
func (j *applyJob) splitRefused(ctx context.Context, groups [][]int, words string, err *provider.Error) {
	j.refusedBatches++
	named := parseBatchErrors(words)
	var left [][]int
	for _, said := range named {
		if isStaleClause(said) {
			j.failSets(slices.Concat(groups...), rest.NewError(provider.Stale, "", "", "something is not as it was read (Route 53 says %s)", j.p.api.Sanitize(words)))
			return
		}
	}
	for _, g := range groups {
		if bad := j.refusalFor(g, named); bad != nil {
			j.failSets(g, bad)
		} else {
			left = append(left, g)
		}
	}
	switch half := len(left) / 2; {
	case len(left) < len(groups):
		j.sendGroups(ctx, left)
	case half == 0:
		j.failSets(slices.Concat(left...), err)
	default:
		j.sendGroups(ctx, left[:half])
		j.sendGroups(ctx, left[half:])
	}
}

// refusalFor returns why a group was refused, if one of its sets is named.
func (j *applyJob) refusalFor(group []int, named map[dns.Key]string) *provider.Error {
	for _, i := range group {
		k := j.sets[i].Key
		said, ok := named[k]
		if !ok {
			said, ok = named[dns.Key{Name: k.Name}]
		}
		if ok {
			return rest.NewError(provider.Rejected, j.describe([]int{i}), cureRefused, "Route 53 refused (it says %s)", j.p.api.Sanitize(said))
		}
	}
	return nil
}

// submitBatch sends one batch, again where Route 53 was busy with an earlier one of the
// zone or with others: it has then done nothing. words are what it says of the
// changes of a batch that it refused.
func (j *applyJob) submitBatch(ctx context.Context, places []int) (receipt, words string, err *provider.Error) {
	var changes []setChange
	marked := map[dns.Key]bool{}
	for _, i := range places {
		changes = append(changes, j.changes[i])
		if m := j.ownershipMarks[i]; m != nil && !marked[m.key] {
			changes, marked[m.key] = append(changes, *m), true
		}
	}
	call := rest.Call{What: j.describe(places), Method: http.MethodPost, Path: "/hostedzone/" + url.PathEscape(j.zone.ID) + "/rrset/", XML: true,
		Body: rest.Document{Type: "text/xml", Content: encodeBatch(changes)}, NotFoundKind: provider.NoZone,
		ExplainRefusal: func(status int, body []byte) rest.Refusal {
			if said := parseAWSError(body); said.code == codeInvalidChangeBatch {
				words = said.message
			}
			return j.p.explainRefusal(status, body)
		},
		Result: func(r io.Reader) error {
			doc, err := parseDocument(r, "ChangeResourceRecordSetsResponse")
			if err != nil {
				return err
			}
			if receipt, err = parseChangeID(doc.textAt("ChangeInfo", "Id")); err == nil && doc.textAt("ChangeInfo", "Status") == propagated {
				receipt = ""
			}
			return err
		}}
	for n := 0; ; n++ {
		_, err = j.p.api.Do(ctx, call)
		busy := err != nil && err.Kind == provider.Throttled && err.RetryAfter > 0 && err.RetryAfter <= maxBusyWait
		if !busy || n == maxBusyRetries || !rest.Sleep(ctx, err.RetryAfter) {
			return receipt, words, err
		}
	}
}

// maxBusyWait is the longest pause that is waited for within a call.
const maxBusyWait = 5 * time.Second

// markDone takes what Route 53 says it did for done: all of it, exactly as asked.
func (j *applyJob) markDone(places []int, receipt string) {
	for _, i := range places {
		j.results[i] = provider.Confirm(&j.sets[i], j.sets[i].After())
		j.results[i].Receipt = receipt
	}
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
	n := 0
	for _, i := range places {
		n += len(j.sets[i].Changes)
	}
	return fmt.Sprintf("make %d changes in %s", n, j.zone.Name.Describe())
}

const cureRefused text.Hint = "look at the records of the name in the Route 53 console; a CNAME stands alone"
