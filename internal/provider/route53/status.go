package route53

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"sort"
	"time"

	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// Credential returns what the calls carry, in words.
func (p *Provider) Credential() string {
	if p.instance {
		return "role of this machine"
	}
	return "access key"
}

// ListZones returns every zone of the account that the world is answered from, by name.
func (p *Provider) ListZones(ctx context.Context) ([]provider.Zone, error) {
	all, err := p.listHostedZones(ctx)
	if err != nil {
		return nil, err
	}
	var zones []provider.Zone
	for _, z := range all {
		if !z.private {
			zones = append(zones, z.toProviderZone())
		}
	}
	sort.Slice(zones, func(i, j int) bool {
		if c := zones[i].Name.Compare(zones[j].Name); c != 0 {
			return c < 0
		}
		return zones[i].ID < zones[j].ID
	})
	return zones, nil
}

// ClockSkew is by how much AWS's clock is ahead of this machine's, by the latest
// answer; negative where it is behind. false before the first answer.
func (p *Provider) ClockSkew() (time.Duration, bool) { return p.api.ClockSkew() }

// propagated is the state of a change that all name servers of Route 53 answer with.
const propagated = "INSYNC"

// Propagated asks what became of a change, which Route 53 stored at once: its name
// servers answer with it within a minute, as a rule.
func (p *Provider) Propagated(ctx context.Context, _ provider.Zone, receipt string) (bool, error) {
	var status string
	_, err := p.api.Do(ctx, rest.Call{What: "ask what became of a change", Method: http.MethodGet, Path: "/change/" + url.PathEscape(receipt), XML: true,
		NotFoundKind: provider.Stale,
		Result: func(r io.Reader) error {
			doc, err := parseDocument(r, "GetChangeResponse")
			if err == nil {
				status = doc.textAt("ChangeInfo", "Status")
			}
			return err
		}})
	if err != nil {
		return false, err
	}
	return status == propagated, nil
}
