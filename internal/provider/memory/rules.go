package memory

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// mergeChange returns r with the fields that c changes, and no other.
func mergeChange(r dns.Record, c plan.Change) dns.Record {
	f := c.Fields()
	if f.Has(plan.Content) {
		r.Addr, r.Text = c.New.Addr, c.New.Text
	}
	if f.Has(plan.Proxied) {
		r.Proxied = c.New.Proxied
	}
	if f.Has(plan.TTL) || f.Has(plan.Proxied) {
		r.TTL = c.New.TTL
	}
	if f.Has(plan.Comment) {
		r.Comment = c.New.Comment
	}
	if f.Has(plan.Tags) {
		r.Tags = slices.Clone(c.New.Tags)
	}
	return r
}

// storeRecord puts r at place i of what stands at its name, in the form a host keeps
// it, or says why not.
func (z *zone) storeRecord(here []dns.Record, i int, r dns.Record) ([]dns.Record, dns.Record, *provider.Error) {
	if r.Proxied {
		r.TTL = dns.AutoTTL
	}
	if err := z.validateRecord(r); err != nil {
		return here, dns.Record{}, err
	}
	for j, other := range here {
		if j == i {
			continue
		}
		if err := z.checkCoexistence(r, other); err != nil {
			return here, dns.Record{}, err
		}
	}
	if i < len(here) {
		here[i] = r
		return here, r, nil
	}
	if z.quota > 0 && z.size-len(z.at[r.Name])+len(here) >= z.quota {
		return here, dns.Record{}, newError(provider.Rejected, "the zone holds %d records and has no room for more", z.quota)
	}
	return append(here, r), r, nil
}

// validateRecord reports why the zone would not take r, whatever else is in it.
func (z *zone) validateRecord(r dns.Record) *provider.Error {
	l := z.Limits
	maxTTL := cmp.Or(l.MaxTTL, r.TTL)
	switch {
	case !r.Name.IsWithin(z.Name):
		return newError(provider.Rejected, "%s is not in the zone %s", r.Name, z.Name)
	case r.Type == dns.A && !r.Addr.Is4(), r.Type == dns.AAAA && (!r.Addr.Is6() || r.Addr.Is4In6()), !r.Type.IsAddress() && r.Type != dns.TXT, r.Type == dns.TXT && dns.ParseTXT(r.Text).Text != r.Text:
		return newError(provider.Rejected, "%q is not the content of a %s record", r.Content(), r.Type)
	case r.TTL != dns.AutoTTL && (r.TTL < max(l.MinTTL, 1) || r.TTL > maxTTL):
		return newError(provider.Rejected, "a TTL of %d s is out of range", r.TTL)
	case r.Proxied && (l.NoProxy || !r.Type.IsAddress()):
		return newError(provider.Rejected, "nothing is proxied here")
	case r.TTL == dns.AutoTTL && l.AutoTTL > 0:
		return newError(provider.Rejected, "a TTL of 1 s is out of range")
	case l.Comment != 0 && utf8.RuneCountInString(r.Comment) > max(l.Comment, 0):
		return newError(provider.Rejected, "the comment is longer than %d characters", max(l.Comment, 0))
	case l.Tags != 0 && len(r.Tags) > max(l.Tags, 0):
		return newError(provider.Rejected, "there are more than %d tags", max(l.Tags, 0))
	}
	return nil
}

// checkCoexistence reports why r could not stand beside other.
func (z *zone) checkCoexistence(r, other dns.Record) *provider.Error {
	switch {
	case other.Type == dns.CNAME, other.Type == dns.NS && other.Name != z.Name:
		return newError(provider.Rejected, "a %s record stands at %s", other.Type, r.Name)
	case other.Type == r.Type && other.Data() == r.Data():
		return newError(provider.Stale, "an identical record exists")
	}
	return nil
}

func newError(kind provider.Kind, format string, args ...any) *provider.Error {
	return &provider.Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}
