package cloudflare

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// Verify asks what has become of the API token in use: "active", "disabled",
// "expired" or a word of another day, and when it expires; zero is never. known is
// false where nothing can be said: for a Global API key, and for tokens that an
// account owns, which the call refuses (as of 2026). A refusal proves nothing.
func (p *Provider) Verify(ctx context.Context) (state string, expires time.Time, known bool) {
	if p.client.currentCredential().Token.IsZero() {
		return "", expires, false
	}
	var raw struct {
		Status  rawValue `json:"status"`
		Expires rawValue `json:"expires_on"`
	}
	_, err := p.client.do(ctx, call{what: "verify the token", method: http.MethodGet, path: "/user/tokens/verify", optional: true,
		result: func(d *json.Decoder) error { return d.Decode(&raw) }})
	if err != nil {
		return "", expires, false
	}
	expires, _ = time.Parse(time.RFC3339, raw.Expires.String()) // what is no time is none
	return raw.Status.String(), expires, len(raw.Status) > 0
}
