package hetzner

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// maxLockedRetries is how often a write is sent again that Hetzner did not take because an
// action of the zone was not done.
const maxLockedRetries = 6

// Pauses between two questions for actions, and before a write is sent again.
const (
	firstPause = 250 * time.Millisecond
	maxPause   = 4 * time.Second
)

// actionsPerPage is how many actions are asked for in one call.
const actionsPerPage = 25

// readReserve is how many calls are kept for reading again what was written, beside
// one for each ten sets.
const readReserve = 20

// Apply writes one set a call, and reads all of them again when their actions are
// done.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	j := &applyJob{p: p, zone: zone, runningActions: map[int64]dns.Key{}, failedActions: map[dns.Key]*provider.Error{}}
	w := rest.SetApplier{Host: "Hetzner", Zone: zone, OneSetPerCall: true, CreateFailsIfExists: true, Write: j.writeSet, LateError: func(k dns.Key) *provider.Error { return j.failedActions[k] },
		Read: func(ctx context.Context, keys []dns.Key) (map[dns.Key]rest.StoredSet, *provider.Error) {
			if err := j.waitForActions(ctx, keys); err != nil {
				return nil, err
			}
			return p.readSets(ctx, zone, keys)
		}}
	return w.Apply(ctx, sets)
}

// applyJob is one Apply.
type applyJob struct {
	p              *Provider
	zone           provider.Zone
	written        int
	runningActions map[int64]dns.Key // actions by id, and what they are about
	failedActions  map[dns.Key]*provider.Error
}

// action is what goes on after the answer to a write.
type action struct {
	ID     int64  `json:"id"`
	Status string `json:"status"` // running, success or error
	Error  *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// writeSet makes the one or two calls for a set.
func (j *applyJob) writeSet(ctx context.Context, what string, sets []rest.SetChange) (map[dns.Key]rest.StoredSet, []int, *provider.Error) {
	if err := j.p.API.CheckQuota(what, readReserve+j.written/10); err != nil {
		return nil, nil, err
	}
	j.written++
	for _, c := range j.callsFor(&sets[0]) {
		c.What = what
		if err := j.sendWhenUnlocked(ctx, sets[0].Key, c); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, nil
}

// callsFor returns what has to be asked for a set.
func (j *applyJob) callsFor(c *rest.SetChange) []rest.Call {
	here, _ := c.Stored.(*rrset)
	path := setPath(j.zone, c.Key)
	switch {
	case len(c.Desired) == 0:
		return []rest.Call{{Method: http.MethodDelete, Path: path}}
	case here == nil:
		return []rest.Call{{Method: http.MethodPost, Path: zonePath(j.zone) + "/rrsets", Body: struct {
			Name   string   `json:"name"`
			Type   dns.Type `json:"type"`
			TTL    *int     `json:"ttl,omitempty"`
			Values []value  `json:"records"`
		}{rest.RelativeName(c.Key.Name, j.zone.Name, "@"), c.Key.Type, ttlOf(c.Desired), valuesOf(c.Desired)}}}
	}
	var calls []rest.Call
	if values := valuesOf(c.Desired); !slices.Equal(values, valuesOf(here.Records(c.Key))) {
		calls = append(calls, rest.Call{Method: http.MethodPost, Path: path + "/actions/set_records", Body: struct {
			Values []value `json:"records"`
		}{values}})
	}
	if ttl := ttlOf(c.Desired); (ttl == nil) != (here.TTL == nil) || ttl != nil && *ttl != *here.TTL {
		calls = append(calls, rest.Call{Method: http.MethodPost, Path: path + "/actions/change_ttl", Body: struct {
			TTL *int `json:"ttl"`
		}{ttl}})
	}
	return calls
}

// ttlOf returns the TTL of a set as the API writes it.
func ttlOf(records []dns.Record) *int {
	if ttl := records[0].TTL; ttl != dns.AutoTTL {
		return &ttl
	}
	return nil
}

func valuesOf(records []dns.Record) []value {
	values := make([]value, len(records))
	for i, content := range rest.ZoneFileValues(records) {
		values[i] = value{content, records[i].Comment}
	}
	sort.Slice(values, func(i, j int) bool { return values[i].Value < values[j].Value })
	return values
}

// sendWhenUnlocked makes a call that changes a set. While another action of the zone is not
// done Hetzner takes none, and says so before it does anything.
func (j *applyJob) sendWhenUnlocked(ctx context.Context, k dns.Key, c rest.Call) *provider.Error {
	c.NotFoundKind = provider.Stale
	var answer struct {
		Action action `json:"action"`
	}
	c.Result = func(r io.Reader) error {
		if err := rest.DecodeJSON(&answer)(r); err != nil {
			return err
		}
		if answer.Action.ID == 0 {
			return errors.New("there is no action in it")
		}
		return nil
	}
	pause := firstPause
	for n := 1; ; n++ {
		_, err := j.p.API.Do(ctx, c)
		if err == nil {
			j.recordAction(k, &answer.Action)
			return nil
		}
		if f, ok := errors.AsType[*rest.Failure](err.Err); !ok || !f.Busy || n == maxLockedRetries || !rest.Sleep(ctx, pause) {
			return err
		}
		pause = min(2*pause, maxPause)
	}
}

// recordAction takes what is known of an action.
func (j *applyJob) recordAction(k dns.Key, a *action) {
	switch {
	case a.Status == "success":
		delete(j.runningActions, a.ID)
	case a.Status == "error" || a.Error != nil:
		delete(j.runningActions, a.ID)
		why := "it says nothing more"
		if a.Error != nil {
			why = j.p.API.Sanitize(a.Error.Message + " (" + a.Error.Code + ")")
		}
		j.failedActions[k] = rest.NewError(provider.Rejected, "change "+k.String(), "homing tries again later by itself; if it stays so, look at the zone in the Hetzner Console",
			"Hetzner took the change and then failed to make it: %s", why)
	default:
		j.runningActions[a.ID] = k
	}
}

// waitForActions waits until the actions are done that are about these keys, for as long as
// a call may take.
func (j *applyJob) waitForActions(ctx context.Context, keys []dns.Key) *provider.Error {
	var ids []int64
	for id, k := range j.runningActions {
		if slices.Contains(keys, k) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	pause, until := firstPause, time.Now().Add(j.p.API.Timeout)
	for len(ids) > 0 {
		for some := range slices.Chunk(ids, actionsPerPage) {
			if err := j.readActions(ctx, some); err != nil {
				return err
			}
		}
		ids = slices.DeleteFunc(ids, func(id int64) bool { _, on := j.runningActions[id]; return !on })
		if len(ids) == 0 || !time.Now().Before(until) || !rest.Sleep(ctx, pause) {
			break
		}
		pause = min(2*pause, maxPause)
	}
	for _, id := range ids {
		k := j.runningActions[id]
		j.failedActions[k] = rest.NewError(provider.Unconfirmed, "change "+k.String(), "homing reads it again and goes on by itself; if it stays so, see status.hetzner.com",
			"Hetzner took the change, and has not made it yet")
		delete(j.runningActions, id)
	}
	return nil
}

// readActions asks what became of actions. One that is not told of is over.
func (j *applyJob) readActions(ctx context.Context, ids []int64) *provider.Error {
	query := url.Values{"per_page": {strconv.Itoa(actionsPerPage)}}
	for _, id := range ids {
		query.Add("id", strconv.FormatInt(id, 10))
	}
	var answer struct {
		Actions []action `json:"actions"`
	}
	if _, err := j.p.API.Do(ctx, rest.Call{What: "ask what became of changes in " + j.zone.Name.Describe(), Method: http.MethodGet, Path: "/actions", Query: query,
		NotFoundKind: provider.Unavailable, Result: rest.DecodeJSON(&answer)}); err != nil {
		return err
	}
	for _, id := range ids {
		if i := slices.IndexFunc(answer.Actions, func(a action) bool { return a.ID == id }); i >= 0 {
			j.recordAction(j.runningActions[id], &answer.Actions[i])
		} else {
			delete(j.runningActions, id)
		}
	}
	return nil
}
