package cloudflare

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// outcome is what the answer to a batch says: the records that are stored now,
// and the ids of those that are gone.
type outcome struct {
	which   which
	deleted map[string]bool
	patched map[string]dns.Record
	posted  map[identity]dns.Record
	astray  map[identity]astray // posted, under another name
}

// identity is what no two records of a zone share.
type identity struct {
	key  dns.Key
	says dns.Data
}

func (o *outcome) read(d *json.Decoder) error {
	o.deleted, o.patched, o.posted = map[string]bool{}, map[string]dns.Record{}, map[identity]dns.Record{}
	o.astray = map[identity]astray{}
	if err := expect(d, '{'); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		switch key {
		case "deletes", "patches", "posts":
			err = readListOrNull(d, func(d *json.Decoder) error { return o.readRow(d, key) })
		default:
			err = skip(d)
		}
		if err != nil {
			return err
		}
	}
	return expect(d, '}')
}

func (o *outcome) readRow(d *json.Decoder, list json.Token) error {
	var r row
	if err := r.read(d); err != nil {
		return err
	}
	if list == "deletes" { // of these the id may be all there is
		o.deleted[r.ID.String()] = true
		return nil
	}
	rec, ok, err := r.record(o.which)
	switch {
	case err != nil:
		return err
	case !ok && list == "posts":
		if id, made, ok := r.astray(o.which); ok {
			o.astray[id] = made
		}
	case !ok: // not one of those that were sent, so one of them will be missing
	case list == "patches":
		o.patched[rec.ID] = rec
	default:
		o.posted[identity{rec.Key(), rec.Data()}] = rec
	}
	return nil
}

// which is the records of these changes.
func (j *job) which(sets []rrset) which {
	w := which{wanted: names{}, texts: names{}}
	for _, s := range sets {
		for _, i := range s {
			k := j.changes[i].Key()
			w.at(k.Type)[k.Name.String()] = k.Name
		}
	}
	return w
}

// match finds what became of each change. One that the answer does not speak
// of is unconfirmed.
func (j *job) match(sets []rrset, got outcome) {
	for _, s := range sets {
		for _, i := range s {
			c := &j.changes[i]
			stored, ok := got.of(c)
			if made, wrong := got.astray[identity{c.New.Key(), c.New.Data()}]; wrong && c.Action == plan.ToCreate && !ok {
				j.results[i] = j.takeBack(c, made)
				continue
			}
			if !ok {
				j.results[i].Err = unconfirmed(c)
				j.stop(j.results[i].Err)
				continue
			}
			j.results[i] = settle(c, stored)
		}
	}
}

func (o *outcome) of(c *plan.Change) (stored dns.Record, ok bool) {
	switch c.Action {
	case plan.ToDelete:
		return dns.Record{}, o.deleted[c.Old.ID]
	case plan.ToUpdate:
		stored, ok = o.patched[c.Old.ID]
	default:
		stored, ok = o.posted[identity{c.New.Key(), c.New.Data()}]
	}
	return stored, ok && stored.Key() == c.Key()
}

func unconfirmed(c *plan.Change) *provider.Error {
	return &provider.Error{Kind: provider.Unconfirmed, What: describe(c),
		Err:  errors.New("the answer of Cloudflare does not speak of it"),
		Hint: cureReread}
}

// describe names a change for people.
func describe(c *plan.Change) string { return c.Action.String() + " " + c.Key().String() }

// settle is the Result of a change that Cloudflare says it made. What is stored
// now must be what was asked, because some things are accepted and not done (a
// proxied switch that did not take, seen in 2026). Of an update only what was
// sent counts: the rest is as somebody else left it.
func settle(c *plan.Change, stored dns.Record) provider.Result {
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
	return provider.Result{Record: stored, Err: &provider.Error{Kind: provider.Rejected, What: describe(c),
		Err:  fmt.Errorf("the host says that it is done, but %s", contrast(&stored, &c.New, off)),
		Hint: "look at the record in the dashboard; the zone's plan or another feature of Cloudflare may decide this"}}
}

// contrast says in which of the fields got is not as asked.
func contrast(got, asked *dns.Record, off plan.Fields) string {
	var all []string
	add := func(f plan.Fields, got, asked any) {
		if off.Has(f) {
			all = append(all, printable(fmt.Sprintf("%s is %v, not %v", f, got, asked)))
		}
	}
	add(plan.Content, got.Content(), asked.Content())
	add(plan.Proxied, got.Proxied, asked.Proxied)
	add(plan.TTL, got.TTL, asked.TTL)
	add(plan.Comment, fmt.Sprintf("%q", got.Comment), fmt.Sprintf("%q", asked.Comment))
	add(plan.Tags, got.Tags, asked.Tags)
	return strings.Join(all, " and ")
}
