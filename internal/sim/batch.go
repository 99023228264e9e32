package sim

import (
	"fmt"
	"net/http"
	"slices"
)

// draft is a zone on which a transaction works. It takes the zone's place when
// everything in it went well.
type draft struct {
	zone  zone
	cloud *Cloudflare
	q     *request
}

func (c *Cloudflare) draft(q *request, z *zone) *draft {
	return &draft{zone{z.Zone, slices.Clone(z.records)}, c, q}
}

func (d *draft) post(ch *change) (*Record, *refusal) {
	if no := ch.complete(); no != nil {
		return nil, no
	}
	r := defaults()
	r.Created = d.q.now
	if no := d.settle(r, ch); no != nil {
		return nil, no
	}
	if len(d.zone.records) >= d.zone.limits().quota {
		return nil, refuse(http.StatusBadRequest, 81045, "The record quota has been exceeded.")
	}
	r.ID = d.cloud.newID()
	d.zone.records = append(d.zone.records, *r)
	return r, nil
}

func (d *draft) put(ch *change) (*Record, *refusal) {
	if no := ch.complete(); no != nil {
		return nil, no
	}
	old, no := d.writable(ch.ID)
	if no != nil {
		return nil, no
	}
	r := defaults()
	r.ID, r.Created = old.ID, old.Created
	return d.replace(old, r, ch)
}

func (d *draft) patch(ch *change) (*Record, *refusal) {
	old, no := d.writable(ch.ID)
	if no != nil {
		return nil, no
	}
	r := *old
	return d.replace(old, &r, ch)
}

// replace puts r, with what a change mentions, in the place of old.
func (d *draft) replace(old, r *Record, ch *change) (*Record, *refusal) {
	if no := d.settle(r, ch); no != nil {
		return nil, no
	}
	*old = *r
	return r, nil
}

func (d *draft) drop(ch *change) (*Record, *refusal) {
	old, no := d.writable(ch.ID)
	if no != nil {
		return nil, no
	}
	gone := *old
	i := d.zone.index(ch.ID)
	d.zone.records = slices.Delete(d.zone.records, i, i+1)
	return &gone, nil
}

// settle makes r what the zone stores of it with what a change mentions, or says
// why the zone does not.
func (d *draft) settle(r *Record, ch *change) *refusal {
	ch.onto(r)
	if no := d.zone.canonical(r); no != nil {
		return no
	}
	if no := d.zone.conflict(r); no != nil {
		return no
	}
	r.Modified = d.q.now
	if d.q.store != nil {
		d.q.store(r)
	}
	return nil
}

// writable is the record of a draft with this id.
func (d *draft) writable(id string) (*Record, *refusal) {
	r, no := d.zone.find(id)
	if no == nil && r.ReadOnly {
		// The real code is not known; nothing but "refused" may depend on it.
		no = refuse(http.StatusBadRequest, 1043, "The record is read only and managed by another feature")
	}
	return r, no
}

func (z *zone) find(id string) (*Record, *refusal) {
	if !isID(id) {
		return nil, refuse(http.StatusNotFound, 7003, "Could not route to the record, perhaps your object identifier is invalid?")
	}
	for i := range z.records {
		if z.records[i].ID == id {
			return &z.records[i], nil
		}
	}
	return nil, refuse(http.StatusNotFound, 81044, "Record does not exist.")
}

// batch is one transaction (reference, section 7): deletes, patches, puts and
// posts in this order, all of them or none.
func (c *Cloudflare) batch(q *request) (reply, *refusal) {
	z, no := c.open(q, EditDNS)
	if no != nil {
		return reply{}, no
	}
	if q.token.NoBatch {
		return reply{}, forbidden()
	}
	var body struct {
		Deletes []change `json:"deletes"`
		Patches []change `json:"patches"`
		Puts    []change `json:"puts"`
		Posts   []change `json:"posts"`
	}
	if no := q.decode(&body); no != nil {
		return reply{}, no
	}
	n := len(body.Deletes) + len(body.Patches) + len(body.Puts) + len(body.Posts)
	if most := z.limits().batch; n > most {
		// The real code is not known; nothing but "refused" may depend on it.
		return reply{}, refuse(http.StatusBadRequest, 81059, fmt.Sprintf("The batch has %d entries, more than %d", n, most))
	}
	d := c.draft(q, z)
	result := map[string][]*Record{}
	for _, list := range []struct {
		name    string
		changes []change
		do      func(*draft, *change) (*Record, *refusal)
	}{
		{"deletes", body.Deletes, (*draft).drop},
		{"patches", body.Patches, (*draft).patch},
		{"puts", body.Puts, (*draft).put},
		{"posts", body.Posts, (*draft).post},
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
	return ok(result), nil
}
