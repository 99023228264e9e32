package notify

import (
	"encoding/json"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// Schema is the number of the JSON that webhooks and programs are given.
// Fields are added under the same number; it changes when one is renamed or
// means something else.
const Schema = 1

// maxListed is the most changes and conditions of a document; the totals count
// all of them.
const maxListed = 200

// document is a Message as programs read it.
type document struct {
	Schema          int                `json:"schema"`
	Event           Kind               `json:"event"`
	At              time.Time          `json:"at"`
	Title           string             `json:"title"`
	Body            string             `json:"body"`
	IPv4            []string           `json:"ipv4"` // what is known; empty where nothing is, or no round is told of
	IPv6            []string           `json:"ipv6"`
	Changes         []changeJSON       `json:"changes"`
	ChangesTotal    int                `json:"changes_total"`
	Conditions      []status.Condition `json:"conditions"`
	ConditionsTotal int                `json:"conditions_total"`
}

type changeJSON struct {
	Action string `json:"action"` // create, update, delete
	Name   string `json:"name"`   // in ASCII
	Type   string `json:"type"`   // A, AAAA
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
	Reason string `json:"reason"`
}

func newDocument(m *Message) []byte {
	d := document{Schema: Schema, Event: m.Kind, At: m.At, Title: stripControl(m.Title), Body: stripControl(m.Body),
		IPv4: append([]string{}, m.IPv4...), IPv6: append([]string{}, m.IPv6...),
		Changes: []changeJSON{}, ChangesTotal: m.changedRecords(), Conditions: []status.Condition{}, ConditionsTotal: len(m.Conditions)}
	for i := range m.Changes {
		e := &m.Changes[i]
		for _, k := range e.Keys[:min(len(e.Keys), maxListed-len(d.Changes))] {
			d.Changes = append(d.Changes, changeJSON{e.Action.String(), k.Name.String(), string(k.Type), e.From, e.To, stripControl(e.Text)})
		}
	}
	for _, c := range m.Conditions[:min(len(m.Conditions), maxListed)] {
		c.Subject, c.Text, c.Reason, c.Hint = stripControl(c.Subject), stripControl(c.Text), stripControl(c.Reason), text.Advise("%s", stripControl(c.Hint.String()))
		d.Conditions = append(d.Conditions, c)
	}
	b, err := json.Marshal(&d)
	if err != nil { // a time beyond year 9999; nothing else in it can fail
		return nil
	}
	return b
}
