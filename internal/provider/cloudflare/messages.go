package cloudflare

import (
	"bytes"
	"encoding/json"
	"slices"
)

// message is one error of an answer.
type message struct {
	Code       lenientInt
	Message    string
	Pointer    string // where in the body of the call the error is; empty when not said
	ErrorIndex int    // which of the errors it stands in: the particulars of an error stand in its chain
}

// What is read of the errors of one answer. Cloudflare's have a few messages and
// one chain below them; more is nobody's to explain, and somebody's to flood with.
const (
	maxMessages   = 100
	maxChainDepth = 8 // how deep a chain is followed
)

// readMessages reads what stands in "errors", in one slice: the most particular
// message of each error first, the error itself last. The chain is an older form
// that still comes (measured 2026-06-30). What has another shape is left out, and
// nothing is an error: the status says enough.
func readMessages(raw json.RawMessage) []message {
	var all []message
	top := -1
	forEachElement(raw, func(row json.RawMessage) bool {
		top++
		all = appendMessages(all, row, top, 1)
		return len(all) < maxMessages
	})
	return all
}

func appendMessages(all []message, row json.RawMessage, top, depth int) []message {
	var m struct {
		Code    json.RawMessage `json:"code"`
		Message json.RawMessage `json:"message"`
		Chain   json.RawMessage `json:"error_chain"`
		Source  json.RawMessage `json:"source"`
	}
	if json.Unmarshal(row, &m) != nil {
		return all
	}
	if depth < maxChainDepth {
		forEachElement(m.Chain, func(row json.RawMessage) bool {
			all = appendMessages(all, row, top, depth+1)
			return len(all) < maxMessages-depth // so that those around it have their places
		})
	}
	var source struct {
		Pointer string `json:"pointer"`
	}
	_ = json.Unmarshal(m.Source, &source)
	one := message{Pointer: source.Pointer, ErrorIndex: top}
	_ = json.Unmarshal(m.Code, &one.Code)
	_ = json.Unmarshal(m.Message, &one.Message)
	return append(all, one)
}

// forEachElement calls f for the elements of a list until f says that it has enough; for
// anything but a list not once.
func forEachElement(raw json.RawMessage, f func(json.RawMessage) bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if expectDelim(d, '[') != nil {
		return
	}
	for d.More() {
		var row json.RawMessage
		if d.Decode(&row) != nil || !f(row) {
			return
		}
	}
}

// groupByError returns the messages of each error, in their order.
func groupByError(all []message) [][]message {
	var out [][]message
	for len(all) > 0 {
		n := slices.IndexFunc(all, func(m message) bool { return m.ErrorIndex != all[0].ErrorIndex })
		if n < 0 {
			n = len(all)
		}
		out, all = append(out, all[:n]), all[n:]
	}
	return out
}

// firstPointer returns where an error says that it is; empty when it does not.
func firstPointer(all []message) string {
	for _, m := range all {
		if m.Pointer != "" {
			return m.Pointer
		}
	}
	return ""
}
