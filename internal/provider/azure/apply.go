package azure

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// maxConcurrent is how many calls are under way at a time, and maxUnconfirmed how many may
// come to nothing that is known before no more are sent.
const (
	maxConcurrent  = 4
	maxUnconfirmed = 3
)

// Apply makes a call for each set, four at a time. Those that go together are made
// one after another, and what comes after a failure is not tried.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	j := &applyJob{p: p, zone: zone, sets: sets, results: make([]provider.SetResult, len(sets))}
	groups := make(chan []int)
	var all sync.WaitGroup
	for range min(maxConcurrent, len(sets)) {
		all.Go(func() {
			for g := range groups {
				j.applyGroup(ctx, g)
			}
		})
	}
	for i := 0; i < len(sets); {
		var g []int
		for range plan.GroupLen(sets[i:]) {
			g, i = append(g, i), i+1
		}
		groups <- g
	}
	close(groups)
	all.Wait()
	return j.results
}

// applyJob is one Apply; sets are named by their places in it.
type applyJob struct {
	p       *Provider
	zone    provider.Zone
	sets    []plan.Set
	results []provider.SetResult // each is written by one goroutine

	mu               sync.Mutex
	stopReason       error // why nothing more is sent
	unconfirmedInRow int
}

// applyGroup carries out sets that go together.
func (j *applyJob) applyGroup(ctx context.Context, places []int) {
	var failed *provider.Error
	for _, i := range places {
		if failed == nil {
			failed = j.applySet(ctx, &j.sets[i], &j.results[i])
			continue
		}
		j.results[i] = provider.FailedSet(&j.sets[i], failed)
	}
}

// applySet carries out a set, and says why the next of its group is not to be.
func (j *applyJob) applySet(ctx context.Context, s *plan.Set, r *provider.SetResult) *provider.Error {
	j.mu.Lock()
	if j.stopReason == nil && ctx.Err() != nil {
		j.stopReason = context.Cause(ctx)
	}
	stopped := j.stopReason
	j.mu.Unlock()
	var err *provider.Error
	if errors.Is(stopped, errLimitNear) {
		err = rest.NewError(provider.Throttled, describeChange(s), "homing waits and goes on by itself", "stop before this change: %w", stopped)
	} else if stopped != nil {
		err = rest.NewError(provider.NotTried, describeChange(s), "", "stop before this change: %w", stopped)
	} else if err = validateSet(s, &j.zone.Limits); err == nil {
		err = j.writeSet(ctx, s, r)
		j.trackFailure(err)
	}
	if err != nil {
		*r = provider.FailedSet(s, err)
		return err
	}
	for _, e := range r.Errs {
		if e != nil {
			return e
		}
	}
	return nil
}

// trackFailure decides whether anything more is sent after a failure.
func (j *applyJob) trackFailure(err *provider.Error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case err == nil:
		j.unconfirmedInRow = 0
		return
	case err.Kind == provider.Rejected, err.Kind == provider.Stale, err.Kind == provider.NotTried:
		return
	case err.Kind == provider.Unconfirmed:
		if j.unconfirmedInRow++; j.unconfirmedInRow < maxUnconfirmed {
			return
		}
	}
	if j.stopReason == nil {
		j.stopReason = fmt.Errorf("an earlier call went wrong: %w", err)
	}
}

// stopNearLimit stops before Azure has to refuse: its answers say how many more changes it
// takes of the subscription, others' among them.
func (j *applyJob) stopNearLimit(header http.Header) {
	left, err := strconv.Atoi(header.Get("x-ms-ratelimit-remaining-subscription-writes"))
	if err != nil || left >= maxConcurrent {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.stopReason == nil {
		j.stopReason = errLimitNear
	}
}

var errLimitNear = errors.New("hardly any more changes of the subscription are taken for now")

// validateSet returns why a set cannot be sent.
func validateSet(s *plan.Set, l *plan.Limits) *provider.Error {
	if slices.ContainsFunc(s.Records, func(r dns.Record) bool { return r.ReadOnly }) {
		return rest.NewError(provider.Rejected, "", "take the alias away at Azure, or the name out of the settings", "%s follows %s, which is left alone", s.Key, aliasFeature)
	}
	after := s.After()
	for i := range after {
		r := &after[i]
		switch {
		case !r.Type.IsAddress() && r.Type != dns.TXT, r.Type.IsAddress() && !r.Addr.IsValid():
			return rest.NewError(provider.Rejected, "", "", "no %s is written here", r.Type)
		case r.Proxied || len(r.Tags) > 0:
			return rest.NewError(provider.Rejected, "", "", "Azure keeps no tags of records, and proxies nothing")
		case slices.ContainsFunc(after[:i], func(o dns.Record) bool { return o.Data() == r.Data() }):
			return rest.NewError(provider.Stale, "", "", "%s is there already: %s", s.Key, r.Content())
		case r.TTL != after[0].TTL || r.Comment != after[0].Comment:
			return rest.NewError(provider.Rejected, "", "", "the records of %s share their TTL and their comment", s.Key)
		case utf8.RuneCountInString(r.Comment) > l.Comment:
			return rest.NewError(provider.Rejected, "", "", "the comment is longer than %d characters", l.Comment)
		}
	}
	return nil
}

// writeSet makes the call for a set, on the condition that it is as it was read.
func (j *applyJob) writeSet(ctx context.Context, s *plan.Set, r *provider.SetResult) *provider.Error {
	here, err := j.currentSet(ctx, s)
	if err != nil {
		return err
	}
	after := s.After()
	call := rest.Call{What: describeChange(s), Method: http.MethodPut, Path: j.setPath(s.Key), Query: versionQuery(), Header: http.Header{"If-None-Match": {"*"}}, NotFoundKind: provider.NoZone, ExtraQuota: j.p.writes}
	if here != nil {
		call.Header = http.Header{"If-Match": {here.Etag}}
	}
	var now recordSet
	if len(after) == 0 {
		call.Method = http.MethodDelete
	} else {
		call.Body, call.Result = newRecordSet(after, here), rest.DecodeJSON(&now)
	}
	header, err := j.p.api.Do(ctx, call)
	if err != nil {
		j.p.etags.store(j.zone.ID, s.Key, nil)
		return err
	}
	j.stopNearLimit(header)
	if len(after) == 0 {
		j.p.etags.store(j.zone.ID, s.Key, nil)
		*r = provider.Confirm(s, nil)
		return nil
	}
	if now.Etag == "" {
		return rest.NewError(provider.Unconfirmed, call.What, "", "Azure does not say what it stores")
	}
	j.p.etags.store(j.zone.ID, s.Key, &now)
	*r = provider.Confirm(s, now.toRecords(s.Key))
	return nil
}

// currentSet returns the set as it was planned from, with its etag; nil where there was none.
func (j *applyJob) currentSet(ctx context.Context, s *plan.Set) (*recordSet, *provider.Error) {
	if known := j.p.etags.lookUp(j.zone.ID, s.Key, s.Records); known != nil || len(s.Records) == 0 {
		return known, nil
	}
	var now recordSet
	_, err := j.p.api.Do(ctx, rest.Call{What: "read " + s.Key.String(), Method: http.MethodGet, Path: j.setPath(s.Key), Query: versionQuery(), NotFoundKind: provider.Stale, Result: rest.DecodeJSON(&now)})
	switch {
	case err != nil && err.Kind == provider.Unavailable && ctx.Err() != nil:
		return nil, rest.NewError(provider.NotTried, describeChange(s), "", "stop before this change: %w", context.Cause(ctx))
	case err != nil:
		return nil, err
	case !sameRecords(now.toRecords(s.Key), s.Records):
		return nil, rest.NewError(provider.Stale, "", "", "%s is not as it was read", s.Key)
	}
	return &now, nil
}

// setPath returns the path of a set.
func (j *applyJob) setPath(k dns.Key) string {
	return j.p.zonePath(j.zone.ID, "/"+url.PathEscape(string(k.Type))+"/"+url.PathEscape(rest.RelativeName(k.Name, j.zone.Name, "@")))
}

// newRecordSet makes what is written of a set: its values, and the metadata with what others
// keep there.
func newRecordSet(records []dns.Record, here *recordSet) recordSet {
	p := properties{TTL: records[0].TTL}
	if here != nil {
		p.Metadata = maps.Clone(here.Properties.Metadata)
		delete(p.Metadata, commentKey)
	}
	if c := records[0].Comment; c != "" {
		if p.Metadata == nil {
			p.Metadata = map[string]string{}
		}
		p.Metadata[commentKey] = c
	}
	for i := range records {
		r := &records[i]
		switch r.Type {
		case dns.A:
			p.A = append(p.A, ipv4{r.Content()})
		case dns.AAAA:
			p.AAAA = append(p.AAAA, ipv6{r.Content()})
		case dns.TXT:
			p.TXT = append(p.TXT, texts{r.Data().Strings()})
		}
	}
	return recordSet{Properties: p}
}

// describeChange names the change of a set for people.
func describeChange(s *plan.Set) string {
	if len(s.Changes) == 1 {
		return fmt.Sprintf("%s %s", s.Changes[0].Action, s.Key)
	}
	return "change " + s.Key.String()
}
