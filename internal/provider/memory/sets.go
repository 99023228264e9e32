package memory

import (
	"context"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// WriteSets makes the host one that is given whole RRsets, has no ids of its own,
// and guards its writes as the zone says. What was read is the condition of each
// write; where the host compares nothing the set is read immediately before.
func (h *Host) WriteSets() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wholeSets = true
}

// IgnoreWrites makes the host say that it did what it did not do.
func (h *Host) IgnoreWrites() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ignoresWrites = true
}

// toPublicRecord returns a record as the host tells of it.
func (h *Host) toPublicRecord(r dns.Record) dns.Record {
	if h.wholeSets {
		r.ID = ""
	}
	return clone(r)
}

// anyStale reports whether any of the sets is not as it was read.
func (h *Host) anyStale(in provider.Zone, sets ...plan.Set) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(sets, func(s plan.Set) bool {
		return !h.isUnchanged(in, s) || !s.Mark.Name.IsZero() && !h.isUnchanged(in, plan.Set{Key: s.Mark, Records: s.Marks})
	})
}

// isUnchanged reports whether a set is as it was read. h.mu is held.
func (h *Host) isUnchanged(in provider.Zone, s plan.Set) bool {
	return slices.EqualFunc(h.recordsAt(in, s.Key), s.Records, func(a, b dns.Record) bool {
		b.ID = a.ID
		return a.Equal(&b)
	})
}

// recordsAt returns what stands at a key, ordered by what it says. h.mu is held.
func (h *Host) recordsAt(in provider.Zone, k dns.Key) []dns.Record {
	z := h.zones[in.ID]
	if z == nil {
		return nil
	}
	var here []dns.Record
	for _, r := range z.at[k.Name] {
		if r.Key() == k {
			here = append(here, h.toPublicRecord(r))
		}
	}
	dns.SortRecords(here)
	return here
}

// rereadSet reads a set immediately before it is written, where nobody compares it.
func (h *Host) rereadSet(ctx context.Context, in provider.Zone, s plan.Set) *provider.Error {
	call := Call{Step: ReadRRset, Zone: in.Name, Key: s.Key}
	if err := h.beginRead(ctx, call); err != nil {
		return err.(*provider.Error)
	}
	return nil
}

// replaceSet puts the whole set in the place of what stands there.
func (h *Host) replaceSet(in provider.Zone, s plan.Set) provider.SetResult {
	h.mu.Lock()
	defer h.mu.Unlock()
	z := h.zones[in.ID]
	switch {
	case z == nil:
		return provider.FailedSet(&s, h.noZoneError(in.Name))
	case !h.isUnchanged(in, s):
		return provider.FailedSet(&s, newError(provider.Stale, "%s is not as it was read", s.Key))
	case slices.ContainsFunc(s.Changes, func(c plan.Change) bool { return c.Action != plan.ToCreate && c.Old.ReadOnly }):
		return provider.FailedSet(&s, newError(provider.Rejected, "%s is managed by another feature", s.Key))
	case h.ignoresWrites:
		return provider.Confirm(&s, h.recordsAt(in, s.Key))
	}
	here := slices.DeleteFunc(slices.Clone(z.at[s.Key.Name]), func(r dns.Record) bool { return r.Key() == s.Key })
	for _, r := range s.After() {
		var err *provider.Error
		r.ID = h.newID("r")
		if here, _, err = z.storeRecord(here, len(here), clone(r)); err != nil {
			return provider.FailedSet(&s, err)
		}
	}
	if err := z.checkSameAttributes(s.After()); err != nil {
		return provider.FailedSet(&s, err)
	}
	z.setRecords(s.Key.Name, here)
	return provider.Confirm(&s, h.recordsAt(in, s.Key))
}

// checkSameAttributes reports why a zone would not take these records as one set.
func (z *zone) checkSameAttributes(set []dns.Record) *provider.Error {
	for _, r := range set {
		switch {
		case z.Limits.Values > 0 && len(set) > z.Limits.Values:
			return newError(provider.Rejected, "%d records are more than %d", len(set), z.Limits.Values)
		case z.Limits.OneTTL && r.TTL != set[0].TTL:
			return newError(provider.Rejected, "a set has one TTL")
		case z.Limits.OneMark && (r.Comment != set[0].Comment || !dns.SameTags(r.Tags, set[0].Tags)):
			return newError(provider.Rejected, "a set has one comment")
		}
	}
	return nil
}
