package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/dns"
)

func name(t testing.TB, s string) dns.Name {
	t.Helper()
	n, err := dns.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// host is a zone as a DNS host keeps it: it takes one change at a time, stores
// the canonical form, and refuses what a host refuses.
type host struct {
	zone    Zone
	records []dns.Record
	last    int
}

// canonical is the form in which a host keeps a record.
func canonical(r dns.Record) dns.Record {
	if r.Proxied {
		r.TTL = dns.AutoTTL
	}
	r.Tags = slices.Clone(r.Tags)
	return r
}

// carryOut is what the host holds after each change of p; an error is a change
// that no host would take.
func (h *host) carryOut(c Change) error {
	i := slices.IndexFunc(h.records, func(r dns.Record) bool { return r.ID == c.Old.ID })
	switch {
	case c.Action == ToCreate:
		h.last++
		r := c.New
		r.ID = fmt.Sprintf("new%d", h.last)
		return h.store(len(h.records), r)
	case i < 0:
		return fmt.Errorf("there is no record %q", c.Old.ID)
	case !h.records[i].Equal(&c.Old):
		return fmt.Errorf("the plan believes %+v and the host holds %+v", c.Old, h.records[i])
	case c.Action == ToDelete:
		h.records = slices.Delete(slices.Clone(h.records), i, i+1)
		return nil
	case c.New.ID != c.Old.ID || c.New.Key() != c.Old.Key():
		return fmt.Errorf("an update makes another record of %s", c.Old.ID)
	}
	return h.store(i, c.New)
}

// put is what a host holds that is given whole sets, and has one TTL or one mark
// for each.
func (h *host) put(t testing.TB, set Set) {
	t.Helper()
	h.records = slices.DeleteFunc(slices.Clone(h.records), func(r dns.Record) bool { return r.Key() == set.Key })
	for i, r := range set.After() {
		first := set.After()[0]
		if h.zone.Limits.OneTTL && r.TTL != first.TTL {
			t.Errorf("%s is given the TTLs %d and %d", set.Key, first.TTL, r.TTL)
		}
		if h.zone.Limits.OneMark && (r.Comment != first.Comment || !dns.SameTags(r.Tags, first.Tags)) {
			t.Errorf("%s is given two marks: %+v and %+v", set.Key, first, r)
		}
		if r.ID == "" {
			r.ID = fmt.Sprintf("%s#%d", set.Key, i)
		}
		h.records = append(h.records, r)
	}
}

func (h *host) store(i int, r dns.Record) error {
	r = canonical(r)
	for j, other := range h.records {
		switch {
		case j == i || other.Name != r.Name:
		case other.Type == dns.CNAME && r.Type == dns.TXT && r.Name == h.zone.Name:
		case other.Type == dns.CNAME, other.Type == dns.NS && other.Name != h.zone.Name:
			return fmt.Errorf("a %s stands at %s", other.Type, r.Name)
		case other.Type == r.Type && other.Data() == r.Data() && (i == len(h.records) || h.records[i].Data() != r.Data()):
			return fmt.Errorf("%s %s is already there", r.Key(), r.Content())
		}
	}
	h.records = slices.Clone(h.records)
	if i == len(h.records) {
		h.records = append(h.records, r)
	} else {
		h.records[i] = r
	}
	return nil
}

// fits says why the attributes of r, in the fields f, are not for this zone.
func (l Limits) fits(r dns.Record, f Fields) error {
	switch {
	case f.Has(Proxied) && r.Proxied && l.NoProxy:
		return errors.New("a proxied record")
	case f.Has(TTL) && r.TTL == dns.AutoTTL && l.AutoTTL > 0:
		return errors.New("an automatic TTL")
	case f.Has(TTL) && r.TTL != dns.AutoTTL && (r.TTL < cmp.Or(l.MinTTL, r.TTL) || r.TTL > cmp.Or(l.MaxTTL, r.TTL)):
		return fmt.Errorf("a TTL of %d", r.TTL)
	case f.Has(TTL|Proxied) && r.Proxied && r.TTL != dns.AutoTTL:
		return fmt.Errorf("a proxied record with a TTL of %d", r.TTL)
	case f.Has(Comment) && l.Comment != 0 && utf8.RuneCountInString(r.Comment) > max(l.Comment, 0):
		return fmt.Errorf("a comment of %d characters", utf8.RuneCountInString(r.Comment))
	case f.Has(Tags) && l.Tags != 0 && len(r.Tags) > max(l.Tags, 0):
		return fmt.Errorf("%d tags", len(r.Tags))
	}
	return nil
}

// dataAt is all that the host answers for key.
func (h *host) dataAt(key dns.Key) []dns.Data {
	var all []dns.Data
	for _, r := range h.records {
		if r.Key() == key {
			all = append(all, r.Data())
		}
	}
	return all
}

// every is all fields of a record.
const every = Content | Proxied | TTL | Comment | Tags
