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

// sendOneByOne makes a call for each change: for one that is alone, and where the
// batch endpoint is refused. Within an RRset what comes after a failure is not
// sent, so that nothing is deleted whose replacement is not there.
func (j *applyJob) sendOneByOne(ctx context.Context, sets []changeGroup) {
	for _, s := range sets {
		for _, s := range j.rejectCreatesIfFull([]changeGroup{s}) {
			j.sendInOrder(ctx, s)
		}
	}
}

// probeWithoutBatch finds out what it is that cannot be done: to send a batch, or to
// change records. A single call tells; refused as well, it did nothing.
func (j *applyJob) probeWithoutBatch(ctx context.Context, sets []changeGroup, refused *provider.Error) {
	j.batchRefused = true
	j.sendOneByOne(ctx, sets[:1])
	if first := j.results[sets[0][0]].Err; first != nil && failureFrom(first).isEndpointRefused() {
		j.setError(sets, refused)
		j.stopAfter(refused)
		return
	}
	j.sendOneByOne(ctx, sets[1:])
}

func (j *applyJob) sendInOrder(ctx context.Context, s changeGroup) {
	for k, i := range s {
		if j.stopReason != nil {
			j.setError([]changeGroup{s[k:]}, notTriedError(j.describeGroups([]changeGroup{s[k:]}), j.stopReason))
			return
		}
		j.results[i] = j.sendOne(ctx, &j.changes[i])
		err := j.results[i].Err
		switch {
		case err == nil:
			if j.batchRefused {
				j.p.batchRefused.Store(true)
			}
			continue
		case err.Kind != provider.Rejected:
			j.stopAfter(err)
		case j.learnLimits([]changeGroup{s[k:]}, err):
			return
		case j.changes[i].Action == plan.ToCreate && failureFrom(err).hasCode(codeRecordQuota):
			j.zoneFull = err
		}
		if rest := s[k+1:]; len(rest) > 0 {
			j.setError([]changeGroup{rest}, notTriedError(j.describeGroups([]changeGroup{rest}), err))
		}
		return
	}
}

// sendOne makes one change by a call of its own.
func (j *applyJob) sendOne(ctx context.Context, c *plan.Change) provider.Result {
	var stored dns.Record
	var wrong misplacedRecord
	r := call{what: describeChange(c), path: j.recordsPath(""), notFoundKind: provider.Stale, result: func(d *json.Decoder) (err error) {
		stored, wrong, err = decodeRecord(d, c)
		return err
	}}
	switch c.Action {
	case plan.ToCreate:
		r.method, r.body = http.MethodPost, newRecordPost(&c.New)
	case plan.ToUpdate:
		r.method, r.path, r.body = http.MethodPatch, j.recordsPath("/"+c.Old.ID), newRecordPatch(c, "")
	case plan.ToDelete:
		r.method, r.path, r.result = http.MethodDelete, j.recordsPath("/"+c.Old.ID), expectDeleted(c.Old.ID)
	}
	if c.Action != plan.ToCreate && !isValidID(c.Old.ID) {
		return provider.Result{Err: &provider.Error{Kind: provider.Stale, Err: fmt.Errorf("%s: it has no id", r.what)}}
	}
	_, err := j.p.client.do(ctx, r)
	if err != nil {
		if c.Action == plan.ToDelete && failureFrom(err).hasCode(codeRecordNotFound) {
			return provider.Result{} // somebody else was faster
		}
		return provider.Result{Err: err}
	}
	if wrong.id != "" {
		return j.deleteMisplaced(c, wrong)
	}
	return checkStored(c, stored)
}

// expectDeleted takes the answer to a delete, which holds no more than the id.
func expectDeleted(id string) func(*json.Decoder) error {
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

// decodeRecord takes the record a change was about, or the one that was made in its
// place.
func decodeRecord(d *json.Decoder, c *plan.Change) (rec dns.Record, wrong misplacedRecord, err error) {
	var r recordRow
	if err := r.decode(d); err != nil {
		return dns.Record{}, misplacedRecord{}, err
	}
	name := nameIndex{c.Key().Name.String(): c.Key().Name}
	wanted := wantedRecords{wanted: name, texts: name}
	rec, ok, err := r.toRecord(wanted)
	if id, made, strayed := r.parseMisplaced(wanted); err == nil && !ok && strayed && c.Action == plan.ToCreate && id == (recordIdentity{c.Key(), c.New.Data()}) {
		return dns.Record{}, made, nil
	}
	if err == nil && (!ok || rec.Key() != c.Key() || c.Action == plan.ToUpdate && rec.ID != c.Old.ID) {
		err = errors.New("it is about another record")
	}
	return rec, misplacedRecord{}, err
}
