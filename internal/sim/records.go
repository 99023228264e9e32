package sim

import (
	"cmp"
	"encoding/json"
	"net/http"
	"sort"
	"strings"
	"time"
)

// Record is a DNS record as the API gives it (reference, section 5).
type Record struct {
	ID       string         `json:"id"`
	Type     string         `json:"type"`
	Name     string         `json:"name"`
	Content  string         `json:"content"`
	Proxied  bool           `json:"proxied"`
	TTL      int            `json:"ttl"` // seconds; 1 is automatic
	Comment  string         `json:"-"`
	Tags     []string       `json:"tags"`
	Settings map[string]any `json:"settings"`
	Created  time.Time      `json:"created_on"`
	Modified time.Time      `json:"modified_on"`
	ReadOnly bool           `json:"-"` // kept by another feature; writes fail
}

// Address is an A or AAAA record, whichever the content asks for.
func Address(name, content string) Record {
	r := Record{Type: "A", Name: name, Content: content, TTL: 1}
	if strings.Contains(content, ":") {
		r.Type = "AAAA"
	}
	return r
}

// MarshalJSON adds what the API works out, and null for no comment.
func (r Record) MarshalJSON() ([]byte, error) {
	type plain Record
	meta := map[string]any{"auto_added": false, "managed_by_apps": false, "managed_by_argo_tunnel": false}
	if r.ReadOnly {
		meta["read_only"] = true
	}
	v := struct {
		plain
		Proxiable bool           `json:"proxiable"`
		Comment   *string        `json:"comment"`
		Meta      map[string]any `json:"meta"`
		CommentOn *time.Time     `json:"comment_modified_on,omitempty"`
		TagsOn    *time.Time     `json:"tags_modified_on,omitempty"`
	}{plain: plain(r), Proxiable: proxiable(r), Meta: meta}
	if r.Comment != "" {
		v.Comment, v.CommentOn = &r.Comment, &r.Modified
	}
	if len(r.Tags) > 0 {
		v.TagsOn = &r.Modified
	}
	return json.Marshal(v)
}

// change is the body of a write, and an entry of a batch. What is not
// mentioned is nil. TTL is a float because the API's own schema says number.
type change struct {
	ID       string         `json:"id"`
	Type     *string        `json:"type"`
	Name     *string        `json:"name"`
	Content  *string        `json:"content"`
	Proxied  *bool          `json:"proxied"`
	TTL      *float64       `json:"ttl"`
	Comment  *string        `json:"comment"`
	Tags     *[]string      `json:"tags"`
	Settings map[string]any `json:"settings"`
}

// onto is r with what the change mentions.
func (ch change) onto(r Record) Record {
	set(&r.Type, ch.Type)
	set(&r.Name, ch.Name)
	set(&r.Content, ch.Content)
	set(&r.Proxied, ch.Proxied)
	set(&r.Comment, ch.Comment)
	set(&r.Tags, ch.Tags)
	if ch.TTL != nil {
		r.TTL = int(*ch.TTL)
	}
	if ch.Settings != nil {
		r.Settings = ch.Settings
	}
	return r
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// defaults is a record of which nothing has been said yet: what POST begins
// with, and what PUT goes back to.
func defaults() Record {
	return Record{TTL: 1, Tags: []string{}, Settings: map[string]any{}}
}

func (c *Cloudflare) listRecords(q *request) (reply, *refusal) {
	z, no := c.open(q, ReadDNS)
	if no != nil {
		return reply{}, no
	}
	query := q.URL.Query()
	rows := []Record{}
	for _, r := range z.records {
		if matchText(query, "name", r.Name) && matchText(query, "content", r.Content) &&
			matchText(query, "comment", r.Comment) && (!query.Has("type") || query.Get("type") == r.Type) {
			rows = append(rows, r)
		}
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].Type < rows[j].Type })
	page, info := paginate(query, rows, 100, cmp.Or(c.options.RecordPage, 5000))
	return listed(page, info), nil
}

func (c *Cloudflare) getRecord(q *request) (reply, *refusal) {
	z, no := c.open(q, ReadDNS)
	if no != nil {
		return reply{}, no
	}
	i, no := z.find(q.args["record"])
	if no != nil {
		return reply{}, no
	}
	return ok(z.records[i]), nil
}

func (c *Cloudflare) createRecord(q *request) (reply, *refusal) {
	var ch change
	return c.write(q, &ch, func(d *draft) (Record, *refusal) { return d.post(ch) })
}

// writeRecord is PATCH, which keeps what it does not mention, and PUT, which
// resets it.
func (c *Cloudflare) writeRecord(q *request) (reply, *refusal) {
	var ch change
	return c.write(q, &ch, func(d *draft) (Record, *refusal) {
		ch.ID = q.args["record"]
		if q.Method == http.MethodPut {
			return d.put(ch)
		}
		return d.patch(ch)
	})
}

// deleteRecord answers without the usual frame, as the official SDK has it
// (reference, section 1).
func (c *Cloudflare) deleteRecord(q *request) (reply, *refusal) {
	_, no := c.write(q, nil, func(d *draft) (Record, *refusal) { return d.drop(change{ID: q.args["record"]}) })
	if no != nil {
		return reply{}, no
	}
	return reply{http.StatusOK, map[string]any{"result": map[string]any{"id": q.args["record"]}}}, nil
}

// write reads the body into ch, and does one thing to one record.
func (c *Cloudflare) write(q *request, ch *change, do func(*draft) (Record, *refusal)) (reply, *refusal) {
	z, no := c.open(q, EditDNS)
	if no != nil {
		return reply{}, no
	}
	if ch != nil {
		if no := q.decode(ch); no != nil {
			return reply{}, no
		}
	}
	d := c.draft(q, z)
	r, no := do(d)
	if no != nil {
		return reply{}, no
	}
	z.records = d.zone.records
	return ok(r), nil
}
