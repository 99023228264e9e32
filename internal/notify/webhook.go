package notify

import (
	"context"
	"net/http"

	"github.com/homing-dns/homing/internal/secret"
)

// webhook posts each Message as a JSON document to a URL. Any 2xx is success.
type webhook struct {
	client Doer
	url    secret.String
}

// NewWebhook makes the sink of a URL. The error does not hold it.
func NewWebhook(raw secret.String, client Doer) (Sink, error) {
	if _, err := parseWebURL(raw.Reveal()); err != nil {
		return nil, err
	}
	return &webhook{client, raw}, nil
}

func (w *webhook) Name() string { return "webhook" }

func (w *webhook) deliveries(e Event) []delivery {
	var out []delivery
	for i := range e.Messages {
		r := request{method: http.MethodPost, url: w.url.Reveal(), contentType: "application/json", body: string(newDocument(&e.Messages[i]))}
		out = append(out, delivery{send: func(ctx context.Context) error { return w.post(ctx, r) }})
	}
	return out
}

func (w *webhook) post(ctx context.Context, r request) error {
	switch status, _, err := doRequest(ctx, w.client, r); {
	case status >= 200 && status <= 299:
		return nil // what else it says is nothing to us, and no reason to tell it twice
	case err != nil:
		return err
	default:
		return statusFailure(status)
	}
}
