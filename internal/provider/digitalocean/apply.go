package digitalocean

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// Apply reads what stands at the names, and then makes a call for each change of a
// set that is as it was read. Within sets that go together nothing is tried after a
// failure, so that nothing is deleted whose replacement is not there; a failure that
// is about more than one record ends the work.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	j := &applyJob{p: p, zone: zone, here: map[dns.Key]map[string]dns.Record{}}
	switch {
	case ctx.Err() != nil:
		j.stopped = rest.NewError(provider.NotTried, "", "", "stop before this change: %w", context.Cause(ctx))
	case len(sets) > 0:
		j.rereadCurrent(ctx, sets)
	}
	results := make([]provider.SetResult, len(sets))
	var failed *provider.Error
	for i := range sets {
		if !sets[i].Joined {
			failed = nil
		}
		results[i], failed = j.applySet(ctx, &sets[i], failed)
	}
	return results
}

// maxUnconfirmed is how many writes in a row may come to nothing that is known before
// no more are sent.
const maxUnconfirmed = 3

// applyJob is one Apply.
type applyJob struct {
	p       *Provider
	zone    provider.Zone
	here    map[dns.Key]map[string]dns.Record // what stands there, by id
	stopped *provider.Error                   // why nothing more is sent
	writes  int                               // that were sent
	unknown int                               // of these in a row, whose answer is lost
}

func (j *applyJob) rereadCurrent(ctx context.Context, sets []plan.Set) {
	names := map[dns.Name]bool{}
	for i := range sets {
		names[sets[i].Key.Name] = true
	}
	j.stopped = j.p.readRecords(ctx, j.zone, names, func(r *dns.Record) {
		if j.here[r.Key()] == nil {
			j.here[r.Key()] = map[string]dns.Record{}
		}
		j.here[r.Key()][r.ID] = *r
	})
}

// applySet carries out the changes of a set, unless one before it failed.
func (j *applyJob) applySet(ctx context.Context, s *plan.Set, failed *provider.Error) (provider.SetResult, *provider.Error) {
	results := make([]provider.Result, len(s.Changes))
	if failed == nil && j.stopped == nil {
		for i := range s.Changes {
			if failed = j.checkUnchanged(&s.Changes[i]); failed != nil {
				break // before anything of the set is done
			}
		}
	}
	for i := range s.Changes {
		c := &s.Changes[i]
		switch what := describeChange(c); {
		case failed != nil && (failed.Kind == provider.Stale || failed.What == ""):
			results[i].Err = rest.NewError(failed.Kind, what, failed.Hint, "%w", failed.Err)
		case j.stopped != nil:
			results[i].Err = j.notTriedError(what)
		case failed != nil:
			results[i].Err = rest.NewError(provider.NotTried, what, "", "another change of the same set failed")
		case ctx.Err() != nil:
			results[i].Err = rest.NewError(provider.NotTried, what, "", "stop before this change: %w", context.Cause(ctx))
		default:
			results[i].Record, results[i].Err = j.writeRecord(ctx, c)
			j.trackFailure(results[i].Err)
		}
		if failed == nil {
			failed = results[i].Err
		}
	}
	return provider.ResultOfChanges(s, results), failed
}

// trackFailure reports whether anything more is sent after a failure.
func (j *applyJob) trackFailure(err *provider.Error) {
	if err == nil || err.Kind != provider.Unconfirmed {
		j.unknown = 0
	}
	switch {
	case err == nil, err.Kind == provider.Rejected, err.Kind == provider.Stale:
		return
	case err.Kind == provider.Unconfirmed:
		if j.unknown++; j.unknown < maxUnconfirmed {
			return
		}
	}
	j.stopped = err
}

// notTriedError is the error for a change that was not sent because of a failure before
// it; of the first there is no more to say than why nothing could be read.
func (j *applyJob) notTriedError(what string) *provider.Error {
	if j.writes > 0 {
		return rest.NewError(provider.NotTried, what, "", "stop before this change: an earlier call went wrong: %w", j.stopped.Err)
	}
	err := rest.NewError(j.stopped.Kind, what, j.stopped.Hint, "%w", j.stopped.Err)
	err.RetryAfter = j.stopped.RetryAfter
	return err
}

// checkUnchanged returns an error where what a change is about is not as it was read, or cannot
// be stored.
func (j *applyJob) checkUnchanged(c *plan.Change) *provider.Error {
	here := j.here[c.Key()]
	if c.Action != plan.ToDelete {
		if c.New.Comment != "" || c.New.Proxied || len(c.New.Tags) > 0 {
			return rest.NewError(provider.Rejected, "", "", "DigitalOcean keeps no comments and tags, and proxies nothing")
		}
		for _, r := range here {
			if r.Data() == c.New.Data() && r.ID != c.Old.ID {
				return rest.NewError(provider.Stale, "", "", "%s is there already: %s", c.Key(), r.Content())
			}
		}
	}
	r, there := here[c.Old.ID]
	switch {
	case c.Action == plan.ToCreate, !there && c.Action == plan.ToDelete: // somebody else was faster
		return nil
	case !there:
		return rest.NewError(provider.Stale, "", "", "%s is not as it was read: %s is gone", c.Key(), c.Old.Content())
	case r.Data() != c.Old.Data():
		return rest.NewError(provider.Stale, "", "", "%s is not as it was read: %s is now %s", c.Key(), c.Old.Content(), r.Content())
	}
	return nil
}

// describeChange names a change for people.
func describeChange(c *plan.Change) string { return fmt.Sprintf("%s %s", c.Action, c.Key()) }

// writeRecord makes one call. It is done when the answer has what was asked.
func (j *applyJob) writeRecord(ctx context.Context, c *plan.Change) (dns.Record, *provider.Error) {
	if c.Action == plan.ToDelete {
		return dns.Record{}, j.deleteRecord(ctx, c)
	}
	j.writes++
	var answer struct {
		Row row `json:"domain_record"`
	}
	body := sent{Type: c.New.Type, Name: rest.RelativeName(c.New.Name, j.zone.Name, "@"), Data: c.New.Content(), TTL: c.New.TTL}
	call := rest.Call{What: describeChange(c), Method: http.MethodPost, Path: recordsPath(j.zone), NotFoundKind: provider.NoZone, Result: rest.DecodeJSON(&answer)}
	asked := plan.Content | plan.TTL
	if c.Action == plan.ToUpdate {
		asked = c.Fields() // what somebody else changed beside them stays
		call.Method, call.Path, call.NotFoundKind = http.MethodPatch, call.Path+"/"+url.PathEscape(c.Old.ID), provider.Stale
		body.Name = ""
		if !asked.Has(plan.Content) {
			body.Data = ""
		}
		if !asked.Has(plan.TTL) {
			body.TTL = 0
		}
	}
	call.Body = body
	if _, err := j.p.api.Do(ctx, call); err != nil {
		return dns.Record{}, err
	}
	got, ok := answer.Row.toRecord(j.zone.Name)
	switch {
	case !ok || got.Key() != c.Key() || c.Action == plan.ToUpdate && got.ID != c.Old.ID:
		return dns.Record{}, rest.NewError(provider.Unconfirmed, describeChange(c), "", "DigitalOcean answered with another record")
	case asked.Has(plan.Content) && got.Data() != c.New.Data() || asked.Has(plan.TTL) && got.TTL != c.New.TTL:
		return got, rest.NewError(provider.Rejected, describeChange(c), "look at the record in the control panel of DigitalOcean",
			"DigitalOcean says that it is done, and holds %s with a TTL of %d s", got.Content(), got.TTL)
	}
	return got, nil
}

// deleteRecord deletes a record; one that is gone already is deleted.
func (j *applyJob) deleteRecord(ctx context.Context, c *plan.Change) *provider.Error {
	if _, there := j.here[c.Key()][c.Old.ID]; !there {
		return nil
	}
	j.writes++
	_, err := j.p.api.Do(ctx, rest.Call{What: describeChange(c), Method: http.MethodDelete, Path: recordsPath(j.zone) + "/" + url.PathEscape(c.Old.ID), NotFoundKind: provider.Stale})
	if rest.StatusOf(err) == http.StatusNotFound && err.Kind == provider.Stale {
		return nil
	}
	return err
}

// sent is a record as it is to be; of one that is changed, what is new.
type sent struct {
	Type dns.Type `json:"type"`
	Name string   `json:"name,omitempty"`
	Data string   `json:"data,omitempty"`
	TTL  int      `json:"ttl,omitempty"`
}
