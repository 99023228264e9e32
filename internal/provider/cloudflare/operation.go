package cloudflare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

const (
	firstLook = 250 * time.Millisecond // at an operation, after it was begun; then twice as long each time
	lastLook  = 8 * time.Second
	maxItems  = 1000 // in one operation
)

// add puts items into the list.
func (w *ipList) add(ctx, grace context.Context, items []plan.ListItem) *provider.Error {
	type item struct {
		IP      string `json:"ip"`
		Comment string `json:"comment,omitempty"`
	}
	for part := range slices.Chunk(items, maxItems) {
		body := make([]item, len(part))
		for k, i := range part {
			body[k] = item{textOf(i.Prefix), i.Comment}
		}
		if err := w.change(ctx, grace, call{what: w.what("add %s to the list %s", part), method: http.MethodPost, body: body}); err != nil {
			return err
		}
	}
	return nil
}

// drop takes items out of the list.
func (w *ipList) drop(ctx, grace context.Context, items []plan.ListItem) *provider.Error {
	type item struct {
		ID string `json:"id"`
	}
	for part := range slices.Chunk(items, maxItems) {
		body := struct {
			Items []item `json:"items"`
		}{make([]item, len(part))}
		for k, i := range part {
			body.Items[k].ID = i.ID
		}
		if err := w.change(ctx, grace, call{what: w.what("remove %s from the list %s", part), method: http.MethodDelete, body: body}); err != nil {
			return err
		}
	}
	return nil
}

func (w *ipList) what(format string, items []plan.ListItem) string {
	if len(items) == 1 {
		return fmt.Sprintf(format, items[0].Prefix, w.wanted.Name)
	}
	return fmt.Sprintf(format, fmt.Sprintf("%d items", len(items)), w.wanted.Name)
}

// change begins an operation and follows it to its end, all of it within the
// time of a call. It is begun while ctx is alive, and followed while grace is.
func (w *ipList) change(ctx, grace context.Context, r call) *provider.Error {
	limit := w.p.client.rest.Timeout
	grace, done := context.WithTimeoutCause(grace, limit, &rest.TooSlow{Limit: limit})
	defer done()
	var id string
	r.path, r.lists, r.gone = w.path("/"+w.id+"/items"), true, provider.Stale
	r.result = func(d *json.Decoder) error {
		var o struct {
			ID string `json:"operation_id"`
		}
		if err := d.Decode(&o); err != nil {
			return err
		}
		if id = o.ID; !isID(id) {
			return errors.New("it names no operation to follow")
		}
		return nil
	}
	if err := w.begin(ctx, grace, r); err != nil {
		return err
	}
	return w.follow(grace, r.what, id)
}

// begin sends the change; while another program's change of the account's lists
// is under way it is refused, and sent again later.
func (w *ipList) begin(ctx, grace context.Context, r call) *provider.Error {
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		if ctx.Err() != nil {
			return notTried(r.what, context.Cause(ctx))
		}
		_, err := w.p.client.do(ctx, r)
		if err == nil || !causeOf(err).busy() {
			return err
		}
		wait := max(pause, err.RetryAfter)
		if deadline, _ := grace.Deadline(); time.Until(deadline) <= wait {
			return err
		}
		rest.Sleep(ctx, wait)
	}
}

// follow looks at an operation until it has ended.
func (w *ipList) follow(grace context.Context, what, id string) *provider.Error {
	var wait time.Duration
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		if !rest.Sleep(grace, max(pause, wait)) {
			return &provider.Error{Kind: provider.Unconfirmed, Err: fmt.Errorf("%s: Cloudflare has not finished it: %w", what, context.Cause(grace)), Hint: cureAgain + "; for slow lines set {network.update_timeout} to more"}
		}
		state, err := w.look(grace, what, id)
		switch {
		case err != nil && err.Kind != provider.Unavailable && err.Kind != provider.Throttled && err.Kind != provider.Stale:
			return &provider.Error{Kind: provider.Unconfirmed, What: err.What, Hint: err.Hint, Err: err.Err}
		case err != nil:
			wait = err.RetryAfter
		case state.Status == "completed":
			return nil
		case state.Status == "failed":
			return &provider.Error{Kind: provider.Rejected, Hint: cureAgain,
				Err: fmt.Errorf("%s: Cloudflare accepted it and then could not do it (it says %q)", what, w.p.client.rest.Clean(state.Error))}
		}
	}
}

// state is how far an operation is: pending, running, completed or failed.
type state struct {
	Status string `json:"status"`
	Error  string `json:"error"`
}

func (w *ipList) look(ctx context.Context, what, id string) (state, *provider.Error) {
	var s state
	_, err := w.p.client.do(ctx, call{
		what: what + ": see whether it is done", method: http.MethodGet, path: w.path("/bulk_operations/" + id),
		lists: true, gone: provider.Stale,
		result: func(d *json.Decoder) error {
			s = state{}
			return d.Decode(&s)
		},
	})
	return s, err
}
