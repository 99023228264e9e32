package sim

import (
	"net/http"
	"time"
)

// operation is a change of items that Cloudflare makes when it gets round to
// it. One at a time is pending in an account.
type operation struct {
	id      string
	account string
	due     time.Time
	list    *list
	apply   func([]Item) []Item
	failure string
	done    bool
}

// startOperation accepts a change of items, unless another one of the account is
// still under way.
func (c *Cloudflare) startOperation(q *request, l *list, change func([]Item) []Item) (reply, *refusal) {
	for _, o := range c.operations {
		if o.account == l.account && !o.done {
			// The real code is not known; nothing but the status may depend on it.
			return reply{}, newRefusal(http.StatusTooManyRequests, 10049, "a write operation on the lists of this account is still being processed")
		}
	}
	o := &operation{id: c.newID(), account: l.account, due: q.now.Add(c.options.ListDelay), list: l, apply: change, failure: c.options.ListFailure}
	c.operations = append(c.operations, o)
	return okReply(map[string]any{"operation_id": o.id}), nil
}

// completeDue carries out what is due.
func (c *Cloudflare) completeDue(account string, now time.Time) {
	for _, o := range c.operations {
		if o.account != account || o.done || now.Before(o.due) {
			continue
		}
		if o.done = true; o.failure == "" {
			o.list.items = o.apply(o.list.items)
			o.list.Modified = o.due
		}
	}
}

func (c *Cloudflare) getOperation(q *request) (reply, *refusal) {
	account, no := c.openAccount(q, ReadLists)
	if no != nil {
		return reply{}, no
	}
	for _, o := range c.operations {
		if o.id == q.args["operation"] && o.account == account {
			return okReply(o.toJSON()), nil
		}
	}
	return reply{}, newRefusal(http.StatusNotFound, 10050, "could not find the operation") // the real code is not known
}

func (o *operation) toJSON() map[string]any {
	v := map[string]any{"id": o.id, "status": "pending"}
	if o.done {
		v["status"], v["completed"] = "completed", o.due
		if o.failure != "" {
			v["status"], v["error"] = "failed", o.failure
		}
	}
	return v
}
