package powerdns

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
)

// Apply sends the sets of a batch in one PATCH, of which all is stored or
// nothing. What is refused is left out and the rest sent again; any other failure
// ends the work.
func (p *Provider) Apply(ctx context.Context, zone provider.Zone, sets []plan.Set) []provider.SetResult {
	var row zoneRow
	kept := make(map[dns.Key]bool) // whose comments stay, unlike those that were asked for
	w := rest.SetApplier{Host: "PowerDNS", Zone: zone, SetSize: setSize,
		Read: func(ctx context.Context, keys []dns.Key) (here map[dns.Key]rest.StoredSet, err *provider.Error) {
			here, row, err = p.readSets(ctx, zone, keys)
			for k, h := range here {
				if s, is := h.(*rrset); is && kept[k] {
					s.Comments = nil
				}
			}
			return here, err
		},
		Write: func(ctx context.Context, what string, sets []rest.SetChange) (map[dns.Key]rest.StoredSet, []int, *provider.Error) {
			for i := range sets {
				kept[sets[i].Key] = keepsComments(&sets[i])
			}
			refused, err := p.patchSets(ctx, zone, row, what, sets)
			return nil, refused, err
		}}
	return w.Apply(ctx, sets)
}

// setSize estimates what a set adds to a PATCH.
func setSize(s *plan.Set) int {
	n := 200 + 2*len(s.Key.Name.String())
	for _, r := range s.After() {
		n += 64 + 2*len(r.Comment) + 2*len(r.Text)
	}
	return n
}

// patchSets writes sets. Of those that are refused it gives the first that PowerDNS
// names, or all that have a comment where it keeps none.
func (p *Provider) patchSets(ctx context.Context, zone provider.Zone, row zoneRow, what string, sets []rest.SetChange) ([]int, *provider.Error) {
	if row.isSecondary() {
		return nil, rest.NewError(provider.Rejected, what, "set {accounts.base_url} to the address of the primary",
			"the zone is a secondary here (%s), and its primary would undo the change", row.Kind)
	}
	var body struct {
		RRsets []change `json:"rrsets"`
	}
	for i := range sets {
		body.RRsets = append(body.RRsets, newChange(&sets[i]))
	}
	select {
	case p.patchLock <- struct{}{}:
		defer func() { <-p.patchLock }()
	case <-ctx.Done(): // which the call will say
	}
	_, err := p.api.Do(ctx, rest.Call{What: what, Method: http.MethodPatch, Path: "/zones/" + url.PathEscape(zone.ID),
		Body: body, NotFoundKind: provider.NoZone})
	if err != nil && err.Kind == provider.Rejected {
		if strings.Contains(err.Reason(), noComments) { // which are all of these, and nothing else
			var refused []int
			for i, c := range body.RRsets {
				if c.Comments != nil {
					refused = append(refused, i)
				}
			}
			return refused, err
		}
		for i := range sets {
			if namesSet(err.Reason(), sets[i].Key) {
				return []int{i}, err
			}
		}
	}
	return nil, err
}

// namesSet reports whether the words of a refusal are about a set: "RRset N IN A: …",
// "Record N/A '…': …".
func namesSet(words string, k dns.Key) bool {
	n, kind := k.Name.String()+".", string(k.Type)
	return strings.Contains(words, " "+n+" IN "+kind) || strings.Contains(words, " "+n+"/"+kind+" ")
}

// readSets returns what stands at these keys.
func (p *Provider) readSets(ctx context.Context, zone provider.Zone, keys []dns.Key) (map[dns.Key]rest.StoredSet, zoneRow, *provider.Error) {
	here := make(map[dns.Key]rest.StoredSet, len(keys))
	for _, k := range keys {
		here[k] = &rrset{}
	}
	row, err := p.fetchZone(ctx, zone.ID, nil, func(k dns.Key, s *rrset) {
		if here[k] != nil {
			here[k] = s
		}
	})
	return here, row, err
}
