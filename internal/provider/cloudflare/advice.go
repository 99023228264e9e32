package cloudflare

import (
	"fmt"

	"github.com/homing-dns/homing/internal/provider"
)

var _ provider.Adviser = (*Provider)(nil)

// Advice returns what a person should know about this account although it works.
func (p *Provider) Advice() []provider.Advice {
	var all []provider.Advice
	if m := p.client.fallback.Load(); m != nil {
		all = append(all, provider.Advice{
			Text: fmt.Sprintf("the Global API key is used, because the API token was refused: %s: %v", m.what, m.refusal),
			Hint: m.refusal.Cure,
		})
	} else if p.client.credential.Token.IsZero() {
		all = append(all, provider.Advice{
			Text: "the Global API key is used, which may do everything this user may",
			Hint: tokenHint + " into {accounts.token}, in place of the key, and take {accounts.email} away",
		})
	}
	if p.batchRefused.Load() {
		all = append(all, provider.Advice{
			Text: "changes go out one by one, which is slower, because the batch endpoint was refused",
			Hint: "look for a proxy that does not know /dns_records/batch ({accounts.base_url}), and check that the token has Zone · DNS · Edit",
		})
	}
	return all
}
