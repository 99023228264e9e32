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
	firstPoll            = 250 * time.Millisecond // at an operation, after it was begun; then twice as long each time
	maxPollInterval      = 8 * time.Second
	maxItemsPerOperation = 1000 // in one operation
)

// addItems puts items into the list.
func (w *ipList) addItems(ctx, grace context.Context, items []plan.ListItem) *provider.Error {
	type item struct {
		IP      string `json:"ip"`
		Comment string `json:"comment,omitempty"`
	}
	for part := range slices.Chunk(items, maxItemsPerOperation) {
		body := make([]item, len(part))
		for k, i := range part {
			body[k] = item{formatPrefix(i.Prefix), i.Comment}
		}
		if err := w.runOperation(ctx, grace, call{what: w.describeItems("add %s to the list %s", part), method: http.MethodPost, body: body}); err != nil {
			return err
		}
	}
	return nil
}

// deleteItems takes items out of the list.
func (w *ipList) deleteItems(ctx, grace context.Context, items []plan.ListItem) *provider.Error {
	type item struct {
		ID string `json:"id"`
	}
	for part := range slices.Chunk(items, maxItemsPerOperation) {
		body := struct {
			Items []item `json:"items"`
		}{make([]item, len(part))}
		for k, i := range part {
			body.Items[k].ID = i.ID
		}
		if err := w.runOperation(ctx, grace, call{what: w.describeItems("remove %s from the list %s", part), method: http.MethodDelete, body: body}); err != nil {
			return err
		}
	}
	return nil
}

func (w *ipList) describeItems(format string, items []plan.ListItem) string {
	if len(items) == 1 {
		return fmt.Sprintf(format, items[0].Prefix, w.wanted.Name)
	}
	return fmt.Sprintf(format, fmt.Sprintf("%d items", len(items)), w.wanted.Name)
}

// runOperation begins an operation and follows it to its end, all of it within the
// time of a call. It is begun while ctx is alive, and followed while grace is.
func (w *ipList) runOperation(ctx, grace context.Context, r call) *provider.Error {
	limit := w.p.client.rest.Timeout
	grace, done := context.WithTimeoutCause(grace, limit, &rest.TimeoutError{Limit: limit})
	defer done()
	var id string
	r.path, r.isListCall, r.notFoundKind = w.listsPath("/"+w.id+"/items"), true, provider.Stale
	r.result = func(d *json.Decoder) error {
		var o struct {
			ID string `json:"operation_id"`
		}
		if err := d.Decode(&o); err != nil {
			return err
		}
		if id = o.ID; !isValidID(id) {
			return errors.New("it names no operation to follow")
		}
		return nil
	}
	if err := w.startOperation(ctx, grace, r); err != nil {
		return err
	}
	return w.pollOperation(grace, r.what, id)
}

// startOperation sends the change; while another program's change of the account's lists
// is under way it is refused, and sent again later.
func (w *ipList) startOperation(ctx, grace context.Context, r call) *provider.Error {
	for pause := firstPoll; ; pause = min(2*pause, maxPollInterval) {
		if ctx.Err() != nil {
			return notTriedError(r.what, context.Cause(ctx))
		}
		_, err := w.p.client.do(ctx, r)
		if err == nil || !failureFrom(err).isBusy() {
			return err
		}
		wait := max(pause, err.RetryAfter)
		if deadline, _ := grace.Deadline(); time.Until(deadline) <= wait {
			return err
		}
		rest.Sleep(ctx, wait)
	}
}

// pollOperation looks at an operation until it has ended.
func (w *ipList) pollOperation(grace context.Context, what, id string) *provider.Error {
	var wait time.Duration
	for pause := firstPoll; ; pause = min(2*pause, maxPollInterval) {
		if !rest.Sleep(grace, max(pause, wait)) {
			return &provider.Error{Kind: provider.Unconfirmed, Err: fmt.Errorf("%s: Cloudflare has not finished it: %w", what, context.Cause(grace)), Hint: cureRetry + "; for slow lines set {network.update_timeout} to more"}
		}
		state, err := w.readOperation(grace, what, id)
		switch {
		case err != nil && err.Kind != provider.Unavailable && err.Kind != provider.Throttled && err.Kind != provider.Stale:
			return &provider.Error{Kind: provider.Unconfirmed, What: err.What, Hint: err.Hint, Err: err.Err}
		case err != nil:
			wait = err.RetryAfter
		case state.Status == "completed":
			return nil
		case state.Status == "failed":
			return &provider.Error{Kind: provider.Rejected, Hint: cureRetry,
				Err: fmt.Errorf("%s: Cloudflare accepted it and then could not do it (it says %q)", what, w.p.client.rest.Sanitize(state.Error))}
		}
	}
}

// operationState is how far an operation is: pending, running, completed or failed.
type operationState struct {
	Status string `json:"status"`
	Error  string `json:"error"`
}

func (w *ipList) readOperation(ctx context.Context, what, id string) (operationState, *provider.Error) {
	var s operationState
	_, err := w.p.client.do(ctx, call{
		what: what + ": see whether it is done", method: http.MethodGet, path: w.listsPath("/bulk_operations/" + id),
		isListCall: true, notFoundKind: provider.Stale,
		result: func(d *json.Decoder) error {
			s = operationState{}
			return d.Decode(&s)
		},
	})
	return s, err
}
