package cloudflare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// oneByOne makes a call for each change: for one that is alone, and where the
// batch endpoint is refused. Within an RRset what comes after a failure is not
// sent, so that nothing is deleted whose replacement is not there.
func (j *job) oneByOne(ctx context.Context, sets []rrset) {
	for _, s := range sets {
		for _, s := range j.withoutCreates([]rrset{s}) {
			j.inOrder(ctx, s)
		}
	}
}

// withoutBatch finds out what it is that cannot be done: to send a batch, or to
// change records. A single call tells; refused as well, it did nothing.
func (j *job) withoutBatch(ctx context.Context, sets []rrset, refused *provider.Error) {
	j.singly = true
	j.oneByOne(ctx, sets[:1])
	if first := j.results[sets[0][0]].Err; first != nil && causeOf(first).closedDoor() {
		j.mark(sets, refused)
		j.stop(refused)
		return
	}
	j.oneByOne(ctx, sets[1:])
}

func (j *job) inOrder(ctx context.Context, s rrset) {
	for k, i := range s {
		if j.stopped != nil {
			j.mark([]rrset{s[k:]}, notTried(j.what([]rrset{s[k:]}), j.stopped))
			return
		}
		j.results[i] = j.one(ctx, &j.changes[i])
		err := j.results[i].Err
		switch {
		case err == nil:
			if j.singly {
				j.p.singly.Store(true)
			}
			continue
		case err.Kind != provider.Rejected:
			j.stop(err)
		case j.learn([]rrset{s[k:]}, err):
			return
		case j.changes[i].Action == plan.ToCreate && causeOf(err).has(codeQuota):
			j.full = err
		}
		if rest := s[k+1:]; len(rest) > 0 {
			j.mark([]rrset{rest}, notTried(j.what([]rrset{rest}), err))
		}
		return
	}
}

// one makes one change by a call of its own.
func (j *job) one(ctx context.Context, c *plan.Change) provider.Result {
	var stored dns.Record
	var wrong astray
	r := call{what: describe(c), path: j.path(""), gone: provider.Stale, result: func(d *json.Decoder) (err error) {
		stored, wrong, err = readOne(d, c)
		return err
	}}
	switch c.Action {
	case plan.ToCreate:
		r.method, r.body = http.MethodPost, postOf(&c.New)
	case plan.ToUpdate:
		r.method, r.path, r.body = http.MethodPatch, j.path("/"+c.Old.ID), patchOf(c, "")
	case plan.ToDelete:
		r.method, r.path, r.result = http.MethodDelete, j.path("/"+c.Old.ID), deleted(c.Old.ID)
	}
	if c.Action != plan.ToCreate && !isID(c.Old.ID) {
		return provider.Result{Err: &provider.Error{Kind: provider.Stale, Err: fmt.Errorf("%s: it has no id", r.what)}}
	}
	_, err := j.p.client.do(ctx, r)
	if err != nil {
		if c.Action == plan.ToDelete && causeOf(err).has(codeAbsent) {
			return provider.Result{} // somebody else was faster
		}
		return provider.Result{Err: err}
	}
	if wrong.id != "" {
		return j.takeBack(c, wrong)
	}
	return settle(c, stored)
}

// deleted takes the answer to a delete, which holds no more than the id.
func deleted(id string) func(*json.Decoder) error {
	return func(d *json.Decoder) error {
		var r struct {
			ID string `json:"id"`
		}
		if err := d.Decode(&r); err != nil {
			return err
		}
		if r.ID != id {
			return errors.New("it is about another record")
		}
		return nil
	}
}

// readOne takes the record a change was about, or the one that was made in its
// place.
func readOne(d *json.Decoder, c *plan.Change) (rec dns.Record, wrong astray, err error) {
	var r row
	if err := r.read(d); err != nil {
		return dns.Record{}, astray{}, err
	}
	name := names{c.Key().Name.String(): c.Key().Name}
	wanted := which{wanted: name, texts: name}
	rec, ok, err := r.record(wanted)
	if id, made, strayed := r.astray(wanted); err == nil && !ok && strayed && c.Action == plan.ToCreate && id == (identity{c.Key(), c.New.Data()}) {
		return dns.Record{}, made, nil
	}
	if err == nil && (!ok || rec.Key() != c.Key() || c.Action == plan.ToUpdate && rec.ID != c.Old.ID) {
		err = errors.New("it is about another record")
	}
	return rec, astray{}, err
}
