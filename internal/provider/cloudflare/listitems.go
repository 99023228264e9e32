package cloudflare

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

const itemsPerPage = 500 // the most a page holds (Cloudflare's OpenAPI of 2023)

// listLimits returns what a list takes: comments of 500 characters (its API reference,
// 2026-03), IPv4 from /8 to /32 and IPv6 from /12 to /128 (its documentation,
// 2026-03).
func listLimits() plan.ListLimits { return plan.ListLimits{Comment: 500, IPv4: 8, IPv6: 12} }

// readAllItems reads the items of the list, page by page.
func (w *ipList) readAllItems(ctx context.Context) (provider.List, *provider.Error) {
	l := provider.List{ID: w.id, Limits: listLimits()}
	seen := map[string]bool{}
	query := url.Values{"per_page": {strconv.Itoa(itemsPerPage)}}
	for range maxListPages {
		var items []plan.ListItem
		got, err := w.p.client.do(ctx, call{
			what: "read the list " + w.wanted.Name, method: http.MethodGet, path: w.listsPath("/" + w.id + "/items"), query: query,
			isListCall: true, notFoundKind: provider.Stale, limit: listResponseLimit,
			result: func(d *json.Decoder) (err error) {
				items, err = decodeItems(d)
				return err
			},
		})
		switch {
		case err != nil:
			return provider.List{}, err
		case got.parseErr != nil:
			return provider.List{}, w.incompleteError(got.parseErr)
		}
		for _, i := range items {
			if !i.Prefix.IsValid() {
				return provider.List{}, &provider.Error{Kind: provider.Rejected,
					Err:  fmt.Errorf("read the list %s: its item %s is no address", w.wanted.Name, i.ID),
					Hint: "remove that item in the dashboard, or name a list that holds addresses only"}
			}
			if seen[i.ID] {
				return provider.List{}, w.incompleteError(fmt.Errorf("it holds one item twice"))
			}
			seen[i.ID] = true
		}
		l.Items = append(l.Items, items...)
		if got.Cursors.After == "" {
			if err := w.checkCount(len(l.Items), got); err != nil {
				return provider.List{}, err
			}
			return l, nil
		}
		query.Set("cursor", got.Cursors.After)
	}
	return provider.List{}, &provider.Error{Kind: provider.Rejected,
		Err:  fmt.Errorf("read the list %s: it has more than %d pages", w.wanted.Name, maxListPages),
		Hint: "give homing a list of its own"}
}

// checkCount refuses a list that is shorter than it, or the last answer, says. Whose
// items are only not seen would be written over.
func (w *ipList) checkCount(n int, got resultInfo) *provider.Error {
	most := w.size
	if got.TotalCount != nil {
		most = max(most, int(*got.TotalCount))
	}
	if n < most {
		return w.incompleteError(fmt.Errorf("there should be %d items, and %d came", most, n))
	}
	return nil
}

// decodeItems reads a page. What is no address has no prefix.
func decodeItems(d *json.Decoder) ([]plan.ListItem, error) {
	var items []plan.ListItem
	err := readArray(d, func(d *json.Decoder) error {
		var r struct {
			ID      string `json:"id"`
			IP      string `json:"ip"`
			Comment string `json:"comment"`
		}
		if err := d.Decode(&r); err != nil {
			return err
		}
		if !isValidID(r.ID) {
			return fmt.Errorf("%.40q is no item id", r.ID)
		}
		items = append(items, plan.ListItem{ID: r.ID, Prefix: parsePrefix(r.IP), Comment: r.Comment})
		return nil
	})
	return items, err
}

// parsePrefix reads an address or a range, as a range without host bits; the zero
// Prefix where it is neither. A single address comes bare or with its length.
func parsePrefix(s string) netip.Prefix {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen())
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}
	}
	return p.Masked()
}

// formatPrefix returns a range as Cloudflare takes it. A single address goes bare: older
// versions of its docs took IPv6 ranges only to /64, and single addresses beside
// them.
func formatPrefix(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.Masked().String()
}
