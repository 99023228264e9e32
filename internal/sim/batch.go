package sim

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// draft is a zone on which a transaction works. It takes the zone's place when
// everything in it went well.
type draft struct {
	zone  zone
	newID func() string
	store func(*Record)
	now   time.Time
}

func (c *Cloudflare) draft(q *request, z *zone) *draft {
	return &draft{zone{z.Zone, slices.Clone(z.records)}, c.newID, q.store, q.now}
}

func (d *draft) post(ch change) (Record, *refusal) {
	if ch.Type == nil || ch.Name == nil || ch.Content == nil {
		return Record{}, refuse(http.StatusBadRequest, 9207, "type, name and content are needed")
	}
	r := defaults()
	r.Created = d.now
	r, no := d.settle(ch.onto(r))
	if no != nil {
		return Record{}, no
	}
	if len(d.zone.records) >= d.zone.limits().quota {
		return Record{}, refuse(http.StatusBadRequest, 81045, "The record quota has been exceeded.")
	}
	r.ID = d.newID()
	d.zone.records = append(d.zone.records, r)
	return r, nil
}

func (d *draft) put(ch change) (Record, *refusal) {
	if ch.Type == nil || ch.Name == nil || ch.Content == nil {
		return Record{}, refuse(http.StatusBadRequest, 9207, "type, name and content are needed")
	}
	return d.replace(ch, func(old Record) Record {
		r := defaults()
		r.ID, r.Created = old.ID, old.Created
		return r
	})
}

func (d *draft) patch(ch change) (Record, *refusal) {
	return d.replace(ch, func(old Record) Record { return old })
}

func (d *draft) replace(ch change, base func(Record) Record) (Record, *refusal) {
	i, no := d.writable(ch.ID)
	if no != nil {
		return Record{}, no
	}
	r, no := d.settle(ch.onto(base(d.zone.records[i])))
	if no != nil {
		return Record{}, no
	}
	d.zone.records[i] = r
	return r, nil
}

func (d *draft) drop(ch change) (Record, *refusal) {
	i, no := d.writable(ch.ID)
	if no != nil {
		return Record{}, no
	}
	r := d.zone.records[i]
	d.zone.records = slices.Delete(d.zone.records, i, i+1)
	return r, nil
}

// settle is r as the zone stores it, or why it does not.
func (d *draft) settle(r Record) (Record, *refusal) {
	r, no := d.zone.canonical(r)
	if no == nil {
		no = d.zone.conflict(r)
	}
	if no != nil {
		return Record{}, no
	}
	r.Modified = d.now
	if d.store != nil {
		d.store(&r)
	}
	return r, nil
}

func (d *draft) writable(id string) (int, *refusal) {
	i, no := d.zone.find(id)
	if no == nil && d.zone.records[i].ReadOnly {
		// The real code is not known; nothing but "refused" may depend on it.
		no = refuse(http.StatusBadRequest, 1043, "The record is read only and managed by another feature")
	}
	return i, no
}

func (z *zone) find(id string) (int, *refusal) {
	if !isID(id) {
		return 0, refuse(http.StatusNotFound, 7003, "Could not route to the record, perhaps your object identifier is invalid?")
	}
	for i := range z.records {
		if z.records[i].ID == id {
			return i, nil
		}
	}
	return 0, refuse(http.StatusNotFound, 81044, "Record does not exist.")
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
	result := map[string][]Record{}
	for _, list := range []struct {
		name    string
		changes []change
		do      func(change) (Record, *refusal)
	}{
		{"deletes", body.Deletes, d.drop},
		{"patches", body.Patches, d.patch},
		{"puts", body.Puts, d.put},
		{"posts", body.Posts, d.post},
	} {
		result[list.name] = []Record{}
		for i, ch := range list.changes {
			r, no := list.do(ch)
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
