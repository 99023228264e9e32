package status

import (
	"bytes"
	"encoding/json"
	"time"
)

// The number in every line of the history. Fields are added under the same
// number; lines with a greater one than is known are left alone and not shown.
const (
	HistorySchema = 1
	siteSchema    = 2 // of a line about a site with a name; who knows of none passes it over
)

// entry is one thing that happened. Which fields mean something depends on its
// Kind.
type entry struct {
	Schema int       `json:"v"`
	At     time.Time `json:"at"`
	Kind   entryKind `json:"kind"`

	Family    string   `json:"family,omitempty"`    // of Address: IPv4 or IPv6
	Site      string   `json:"site,omitempty"`      // of Address and Published: the site, where it has a name
	Addresses []string `json:"addresses,omitempty"` // of Address: what is known from now on; may be none

	Action string   `json:"action,omitempty"`  // of Published: create, update, delete
	Type   string   `json:"type,omitempty"`    // of Published: the type of the records
	List   string   `json:"list,omitempty"`    // of Published: the IP list, where it is an item of one and no record
	Old    string   `json:"old,omitempty"`     // of Published: the content before
	New    string   `json:"new,omitempty"`     // of Published: the content from now on
	Names  []string `json:"names,omitempty"`   // of Published: whose records, in ASCII; the first of them
	Count  int      `json:"count,omitempty"`   // of Published: how many records; of Began: how many subjects
	TookMS int64    `json:"took_ms,omitempty"` // of Published: since the new address was first heard of

	TruthMS int64 `json:"truth_ms,omitempty"` // of Published: since the first bell of the change, where one rang

	Code    Code   `json:"code,omitempty"`    // of Began and Ended
	Subject string `json:"subject,omitempty"` // of Began and Ended
	Text    string `json:"text,omitempty"`    // of Began: what is wrong; of Begin and End: what a person should know
}

// entryKind is what an entry is about.
type entryKind string

const (
	entryAddress   entryKind = "address"   // a family has other addresses than before
	entryPublished entryKind = "published" // records were changed alike, or an item of an IP list
	entryBegan     entryKind = "began"     // something is not as it should be
	entryEnded     entryKind = "ended"     // and is so no longer
	entryStart     entryKind = "start"     // homing started
	entryEdited    entryKind = "edited"    // somebody changed settings: who is old, and which settings new
	entryStop      entryKind = "stop"      // homing stopped; where it is missing, homing was killed
)

// entryMark is how every line begins.
const entryMark = `{"v":`

// parseEntry reads one line.
func parseEntry(line []byte) (entry, bool) {
	var e entry
	if !bytes.HasPrefix(line, []byte(entryMark)) || json.Unmarshal(line, &e) != nil {
		return entry{}, false
	}
	return e, e.Schema >= 1
}

// salvage reads the entries of a damaged line: where a line break was lost, two
// stand in one.
func salvage(line []byte) []entry {
	var out []entry
	for len(line) > 0 {
		next := len(line)
		if i := bytes.Index(line[1:], []byte(entryMark)); i >= 0 {
			next = i + 1
		}
		var e entry                                    // what stands behind it is passed over
		whole := bytes.IndexByte(line[:next], '}') > 0 // most damage has none, and a decoder costs
		if whole && json.NewDecoder(bytes.NewReader(line[:next])).Decode(&e) == nil && e.Schema >= 1 {
			out = append(out, e)
		}
		line = line[next:]
	}
	return out
}
