package cloudflare

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// batchResult is what the answer to a batch says: the records that are stored now,
// and the ids of those that are gone.
type batchResult struct {
	wanted    wantedRecords
	deleted   map[string]bool
	patched   map[string]dns.Record
	posted    map[recordIdentity]dns.Record
	misplaced map[recordIdentity]misplacedRecord // posted, under another name
}

// recordIdentity is what no two records of a zone share.
type recordIdentity struct {
	key  dns.Key
	data dns.Data
}

func (o *batchResult) decode(d *json.Decoder) error {
	o.deleted, o.patched, o.posted = map[string]bool{}, map[string]dns.Record{}, map[recordIdentity]dns.Record{}
	o.misplaced = map[recordIdentity]misplacedRecord{}
	if err := expectDelim(d, '{'); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		switch key {
		case "deletes", "patches", "posts":
			err = readArrayOrNull(d, func(d *json.Decoder) error { return o.decodeRow(d, key) })
		default:
			err = skipValue(d)
		}
		if err != nil {
			return err
		}
	}
	return expectDelim(d, '}')
}

func (o *batchResult) decodeRow(d *json.Decoder, list json.Token) error {
	var r recordRow
	if err := r.decode(d); err != nil {
		return err
	}
	if list == "deletes" { // of these the id may be all there is
		o.deleted[r.ID.String()] = true
		return nil
	}
	rec, ok, err := r.toRecord(o.wanted)
	switch {
	case err != nil:
		return err
	case !ok && list == "posts":
		if id, made, ok := r.parseMisplaced(o.wanted); ok {
			o.misplaced[id] = made
		}
	case !ok: // not one of those that were sent, so one of them will be missing
	case list == "patches":
		o.patched[rec.ID] = rec
	default:
		o.posted[recordIdentity{rec.Key(), rec.Data()}] = rec
	}
	return nil
}

// wantedRecords returns the records of these changes.
func (j *applyJob) wantedRecords(sets []changeGroup) wantedRecords {
	w := wantedRecords{wanted: nameIndex{}, texts: nameIndex{}}
	for _, s := range sets {
		for _, i := range s {
			k := j.changes[i].Key()
			w.namesOfType(k.Type)[k.Name.String()] = k.Name
		}
	}
	return w
}

// assignResults finds what became of each change. One that the answer does not speak
// of is unconfirmed.
func (j *applyJob) assignResults(sets []changeGroup, got batchResult) {
	for _, s := range sets {
		for _, i := range s {
			c := &j.changes[i]
			stored, ok := got.storedRecord(c)
			if made, wrong := got.misplaced[recordIdentity{c.New.Key(), c.New.Data()}]; wrong && c.Action == plan.ToCreate && !ok {
				j.results[i] = j.deleteMisplaced(c, made)
				continue
			}
			if !ok {
				j.results[i].Err = unconfirmedError(c)
				j.stopAfter(j.results[i].Err)
				continue
			}
			j.results[i] = checkStored(c, stored)
		}
	}
}

func (o *batchResult) storedRecord(c *plan.Change) (stored dns.Record, ok bool) {
	switch c.Action {
	case plan.ToDelete:
		return dns.Record{}, o.deleted[c.Old.ID]
	case plan.ToUpdate:
		stored, ok = o.patched[c.Old.ID]
	default:
		stored, ok = o.posted[recordIdentity{c.New.Key(), c.New.Data()}]
	}
	return stored, ok && stored.Key() == c.Key()
}

func unconfirmedError(c *plan.Change) *provider.Error {
	return &provider.Error{Kind: provider.Unconfirmed, What: describeChange(c),
		Err:  errors.New("the answer of Cloudflare does not speak of it"),
		Hint: cureReread}
}

// describeChange names a change for people.
func describeChange(c *plan.Change) string { return c.Action.String() + " " + c.Key().String() }

// checkStored makes the Result of a change that Cloudflare says it made. What is stored
// now must be what was asked, because some things are accepted and not done (a
// proxied switch that did not take, seen in 2026). Of an update only what was
// sent counts: the rest is as somebody else left it.
func checkStored(c *plan.Change, stored dns.Record) provider.Result {
	if c.Action == plan.ToDelete {
		return provider.Result{}
	}
	asked := plan.Content | plan.Proxied | plan.TTL | plan.Comment | plan.Tags
	if c.Action == plan.ToUpdate {
		asked = c.Fields()
	}
	off := plan.Differ(&c.New, &stored) & asked
	if off == 0 {
		return provider.Result{Record: stored}
	}
	return provider.Result{Record: stored, Err: &provider.Error{Kind: provider.Rejected, What: describeChange(c),
		Err:  fmt.Errorf("the host says that it is done, but %s", describeDifference(&stored, &c.New, off)),
		Hint: "look at the record in the dashboard; the zone's plan or another feature of Cloudflare may decide this"}}
}

// describeDifference says in which of the fields got is not as asked.
func describeDifference(got, asked *dns.Record, off plan.Fields) string {
	var all []string
	add := func(f plan.Fields, got, asked any) {
		if off.Has(f) {
			all = append(all, rest.Printable(fmt.Sprintf("%s is %v, not %v", f, got, asked)))
		}
	}
	add(plan.Content, got.Content(), asked.Content())
	add(plan.Proxied, got.Proxied, asked.Proxied)
	add(plan.TTL, got.TTL, asked.TTL)
	add(plan.Comment, fmt.Sprintf("%q", got.Comment), fmt.Sprintf("%q", asked.Comment))
	add(plan.Tags, got.Tags, asked.Tags)
	return strings.Join(all, " and ")
}
