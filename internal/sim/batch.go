package sim

import (
	"fmt"
	"net/http"
	"slices"
)

// transaction is a zone on which a transaction works. It takes the zone's place when
// everything in it went well.
type transaction struct {
	zone  zone
	cloud *Cloudflare
	q     *request
}

func (c *Cloudflare) newTransaction(q *request, z *zone) *transaction {
	return &transaction{zone{z.Zone, slices.Clone(z.records)}, c, q}
}

func (d *transaction) post(ch *recordChange) (*Record, *refusal) {
	if no := ch.checkComplete(); no != nil {
		return nil, no
	}
	r := defaultRecord()
	r.Created = d.q.now
	if no := d.applyChange(r, ch); no != nil {
		return nil, no
	}
	if len(d.zone.records) >= d.zone.planLimits().quota {
		return nil, newRefusal(http.StatusBadRequest, 81045, "The record quota has been exceeded.")
	}
	r.ID = d.cloud.newID()
	d.zone.records = append(d.zone.records, *r)
	return r, nil
}

func (d *transaction) put(ch *recordChange) (*Record, *refusal) {
	if no := ch.checkComplete(); no != nil {
		return nil, no
	}
	old, no := d.findWritable(ch.ID)
	if no != nil {
		return nil, no
	}
	r := defaultRecord()
	r.ID, r.Created = old.ID, old.Created
	return d.replace(old, r, ch)
}

func (d *transaction) patch(ch *recordChange) (*Record, *refusal) {
	old, no := d.findWritable(ch.ID)
	if no != nil {
		return nil, no
	}
	r := *old
	return d.replace(old, &r, ch)
}

// replace puts r, with what a change mentions, in the place of old.
func (d *transaction) replace(old, r *Record, ch *recordChange) (*Record, *refusal) {
	if no := d.applyChange(r, ch); no != nil {
		return nil, no
	}
	*old = *r
	return r, nil
}

func (d *transaction) delete(ch *recordChange) (*Record, *refusal) {
	old, no := d.findWritable(ch.ID)
	if no != nil {
		return nil, no
	}
	gone := *old
	i := d.zone.recordIndex(ch.ID)
	d.zone.records = slices.Delete(d.zone.records, i, i+1)
	return &gone, nil
}

// applyChange makes r what the zone stores of it with what a change mentions, or says
// why the zone does not.
func (d *transaction) applyChange(r *Record, ch *recordChange) *refusal {
	ch.applyTo(r)
	if no := d.zone.canonicalize(r); no != nil {
		return no
	}
	if no := d.zone.checkConflict(r); no != nil {
		return no
	}
	r.Modified = d.q.now
	if d.q.store != nil {
		d.q.store(r)
	}
	return nil
}

// findWritable returns the record with this id, if it can be written.
func (d *transaction) findWritable(id string) (*Record, *refusal) {
	r, no := d.zone.findRecord(id)
	if no == nil && r.ReadOnly {
		// The real code is not known; nothing but "refused" may depend on it.
		no = newRefusal(http.StatusBadRequest, 1043, "The record is read only and managed by another feature")
	}
	return r, no
}

func (z *zone) findRecord(id string) (*Record, *refusal) {
	if !isID(id) {
		return nil, newRefusal(http.StatusNotFound, 7003, "Could not route to the record, perhaps your object identifier is invalid?")
	}
	for i := range z.records {
		if z.records[i].ID == id {
			return &z.records[i], nil
		}
	}
	return nil, newRefusal(http.StatusNotFound, 81044, "Record does not exist.")
}

// handleBatch carries out one transaction (reference, section 7): deletes, patches, puts and
// posts in this order, all of them or none.
func (c *Cloudflare) handleBatch(q *request) (reply, *refusal) {
	z, no := c.openZone(q, EditDNS)
	if no != nil {
		return reply{}, no
	}
	if q.token.NoBatch {
		return reply{}, forbiddenRefusal()
	}
	var body struct {
		Deletes []recordChange `json:"deletes"`
		Patches []recordChange `json:"patches"`
		Puts    []recordChange `json:"puts"`
		Posts   []recordChange `json:"posts"`
	}
	if no := q.decodeBody(&body); no != nil {
		return reply{}, no
	}
	n := len(body.Deletes) + len(body.Patches) + len(body.Puts) + len(body.Posts)
	if most := z.planLimits().batch; n > most {
		// The real code is not known; nothing but "refused" may depend on it.
		return reply{}, newRefusal(http.StatusBadRequest, 81059, fmt.Sprintf("The batch has %d entries, more than %d", n, most))
	}
	d := c.newTransaction(q, z)
	result := map[string][]*Record{}
	for _, list := range []struct {
		name    string
		changes []recordChange
		do      func(*transaction, *recordChange) (*Record, *refusal)
	}{
		{"deletes", body.Deletes, (*transaction).delete},
		{"patches", body.Patches, (*transaction).patch},
		{"puts", body.Puts, (*transaction).put},
		{"posts", body.Posts, (*transaction).post},
	} {
		result[list.name] = []*Record{}
		for i := range list.changes {
			r, no := list.do(d, &list.changes[i])
			if no != nil {
				no.entry = fmt.Sprintf("/%s/%d", list.name, i)
				return reply{}, no
			}
			result[list.name] = append(result[list.name], r)
		}
	}
	z.records = d.zone.records
	return okReply(result), nil
}
