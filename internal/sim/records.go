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

// Address returns an A or AAAA record, whichever the content asks for.
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
	}{plain: plain(r), Proxiable: isProxiable(&r), Meta: meta}
	if r.Comment != "" {
		v.Comment, v.CommentOn = &r.Comment, &r.Modified
	}
	if len(r.Tags) > 0 {
		v.TagsOn = &r.Modified
	}
	return json.Marshal(v)
}

// recordChange is the body of a write, and an entry of a batch. What is not
// mentioned is nil. TTL is a float because the API's own schema says number.
type recordChange struct {
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

// checkComplete refuses what a whole record cannot be made of.
func (ch *recordChange) checkComplete() *refusal {
	if ch.Type == nil || ch.Name == nil || ch.Content == nil {
		return newRefusal(http.StatusBadRequest, 9207, "type, name and content are needed")
	}
	return nil
}

// applyTo gives r what the change mentions.
func (ch *recordChange) applyTo(r *Record) {
	setIfGiven(&r.Type, ch.Type)
	setIfGiven(&r.Name, ch.Name)
	setIfGiven(&r.Content, ch.Content)
	setIfGiven(&r.Proxied, ch.Proxied)
	setIfGiven(&r.Comment, ch.Comment)
	setIfGiven(&r.Tags, ch.Tags)
	if ch.TTL != nil {
		r.TTL = int(*ch.TTL)
	}
	if ch.Settings != nil {
		r.Settings = ch.Settings
	}
}

func setIfGiven[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// defaultRecord returns a record of which nothing has been said yet: what POST begins
// with, and what PUT goes back to.
func defaultRecord() *Record {
	return &Record{TTL: 1, Tags: []string{}, Settings: map[string]any{}}
}

func (c *Cloudflare) listRecords(q *request) (reply, *refusal) {
	z, no := c.openZone(q, ReadDNS)
	if no != nil {
		return reply{}, no
	}
	query := q.URL.Query()
	rows := []Record{}
	for i := range z.records {
		r := &z.records[i]
		if matchesTextFilter(query, "name", r.Name) && matchesTextFilter(query, "content", r.Content) &&
			matchesTextFilter(query, "comment", r.Comment) && (!query.Has("type") || query.Get("type") == r.Type) {
			rows = append(rows, *r)
		}
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].Type < rows[j].Type })
	page, info := paginate(query, rows, 100, cmp.Or(c.options.RecordPage, 5000))
	return okList(page, info), nil
}

func (c *Cloudflare) getRecord(q *request) (reply, *refusal) {
	z, no := c.openZone(q, ReadDNS)
	if no != nil {
		return reply{}, no
	}
	r, no := z.findRecord(q.args["record"])
	if no != nil {
		return reply{}, no
	}
	return okReply(*r), nil
}

// writeRecord does one thing to one record: POST makes one, PATCH keeps what it
// does not mention, PUT resets that, and DELETE has no body.
func (c *Cloudflare) writeRecord(q *request) (reply, *refusal) {
	z, no := c.openZone(q, EditDNS)
	if no != nil {
		return reply{}, no
	}
	var ch recordChange
	if q.Method != http.MethodDelete {
		if no := q.decodeBody(&ch); no != nil {
			return reply{}, no
		}
	}
	ch.ID = q.args["record"]
	d := c.newTransaction(q, z)
	var r *Record
	switch q.Method {
	case http.MethodPost:
		r, no = d.post(&ch)
	case http.MethodPatch:
		r, no = d.patch(&ch)
	case http.MethodPut:
		r, no = d.put(&ch)
	default:
		r, no = d.delete(&ch)
	}
	if no != nil {
		return reply{}, no
	}
	z.records = d.zone.records
	if q.Method == http.MethodDelete { // without the usual frame, as the official SDK has it (reference, section 1)
		return reply{http.StatusOK, map[string]any{"result": map[string]any{"id": ch.ID}}}, nil
	}
	return okReply(r), nil
}
