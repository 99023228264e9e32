package plan

import (
	"encoding/json"
	"net/netip"

	"github.com/homing-dns/homing/internal/dns"
)

// The JSON of a plan is read by scripts: fields are added, never renamed.

type changeJSON struct {
	Action string      `json:"action"`
	Name   string      `json:"name"`
	Type   dns.Type    `json:"type"`
	Fields []string    `json:"fields,omitempty"`
	Old    *recordJSON `json:"old,omitempty"`
	New    *recordJSON `json:"new,omitempty"`
	Reason string      `json:"reason"`
}

type recordJSON struct {
	ID      string   `json:"id,omitempty"`
	Content string   `json:"content"`
	Proxied bool     `json:"proxied"`
	TTL     int      `json:"ttl"`
	Comment string   `json:"comment,omitempty"`
	Tags    []string `json:"tags,omitempty"`
}

func (c Change) MarshalJSON() ([]byte, error) {
	j := changeJSON{Action: c.Action.String(), Name: c.Key().Name.String(), Type: c.Key().Type, Reason: c.Reason}
	if c.Action != ToCreate {
		j.Old = newRecordJSON(c.Old)
	}
	if c.Action != ToDelete {
		j.New = newRecordJSON(c.New)
	}
	if c.Action == ToUpdate {
		j.Fields = c.Fields().Names()
	}
	return json.Marshal(j)
}

func newRecordJSON(r dns.Record) *recordJSON {
	return &recordJSON{ID: r.ID, Content: r.Content(), Proxied: r.Proxied, TTL: r.TTL, Comment: r.Comment, Tags: r.Tags}
}

func (n Note) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Code NoteCode `json:"code"`
		Name string   `json:"name"`
		Type dns.Type `json:"type"`
		Text string   `json:"text"`
		Hint string   `json:"hint,omitempty"`
	}{n.Code, n.Key.Name.String(), n.Key.Type, n.Text, n.Hint.String()})
}

func (p Plan) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Changes []Change `json:"changes"`
		Notes   []Note   `json:"notes"`
		Kept    int      `json:"kept"`
	}{orEmpty(p.Changes()), orEmpty(p.Notes), p.Kept})
}

func (c ListChange) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Action  string       `json:"action"`
		ID      string       `json:"id,omitempty"`
		Prefix  netip.Prefix `json:"prefix"`
		Comment string       `json:"comment,omitempty"`
		Reason  string       `json:"reason"`
	}{c.Action.String(), c.Item.ID, c.Item.Prefix, c.Item.Comment, c.Reason})
}

func (n ListNote) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Code NoteCode `json:"code"`
		Text string   `json:"text"`
		Hint string   `json:"hint,omitempty"`
	}{n.Code, n.Text, n.Hint.String()})
}

func (p ListPlan) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Account string       `json:"account"`
		List    string       `json:"list"`
		Changes []ListChange `json:"changes"`
		Notes   []ListNote   `json:"notes"`
		Kept    int          `json:"kept"`
	}{p.List.Account, p.List.Name, orEmpty(p.Changes), orEmpty(p.Notes), p.Kept})
}

// orEmpty keeps a missing list from becoming null.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
