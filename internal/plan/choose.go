package plan

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// choose picks the record of ours to keep for each wanted address that has
// one, the least different of several; the others are stale. Both are in the
// order in which homing would rather keep them.
func (s *rrset) choose(wanted []dns.Data) (keep, stale []dns.Record) {
	mine := slices.Clone(s.mine)
	sort.SliceStable(mine, func(i, j int) bool { return s.rank(mine[i]) < s.rank(mine[j]) })
	sort.SliceStable(mine, func(i, j int) bool { return s.countEnforcedDifferences(mine[i]) < s.countEnforcedDifferences(mine[j]) })
	for _, r := range mine {
		if i := slices.Index(wanted, r.Data()); i >= 0 && !slices.ContainsFunc(keep, func(k dns.Record) bool { return k.Data() == r.Data() }) {
			keep = append(keep, r)
		} else if !s.mayBeOfUnknownSite(r) {
			stale = append(stale, r)
		}
	}
	sort.Slice(keep, func(i, j int) bool { return keep[i].Data().Compare(keep[j].Data()) < 0 })
	sort.SliceStable(stale, func(i, j int) bool { return s.rank(stale[i]) < s.rank(stale[j]) })
	return keep, stale
}

// mayBeOfUnknownSite reports whether r stays because not all is known of what is to stand here:
// it may be what a site has that is not known.
func (s *rrset) mayBeOfUnknownSite(r dns.Record) bool {
	return s.Partial && !slices.Contains(s.Values, r.Data()) && !slices.Contains(s.Gone, r.Data())
}

// keptForUnknownSites returns the records of ours that stay for that.
func (s *rrset) keptForUnknownSites() (rs []dns.Record) {
	for _, r := range s.mine {
		if s.mayBeOfUnknownSite(r) {
			rs = append(rs, r)
		}
	}
	return rs
}

// rank returns how soon a stale record is changed rather than another one: what
// homing is known to have published, newest first; then a public address before
// any other, a proxied record before one that is not, and what has most of the
// wanted attributes. Records of one rank stand in the order of before.
func (s *rrset) rank(r dns.Record) int {
	published := s.publishedAt(r)
	if published < 0 {
		published = len(s.Last)
	}
	rank := published<<1 + boolToInt(!isPublic(r))
	rank = rank<<1 + boolToInt(!r.Proxied)
	return rank<<8 + s.countAttrDifferences(r)
}

// publishedAt returns the place of what r says in what homing published; negative where
// it is not known to have done so.
func (s *rrset) publishedAt(r dns.Record) int {
	if s.Key.Type != dns.TXT {
		return slices.Index(s.Last, r.Data())
	}
	latest := -1
	for _, a := range s.Content.addresses(r.Data().JoinedText()) {
		i := slices.Index(s.Last, dns.Data{Addr: a})
		if i < 0 {
			return -1
		}
		latest = max(latest, i)
	}
	return latest
}

// countAttrDifferences returns in how many attributes r is not as the settings would have it.
func (s *rrset) countAttrDifferences(r dns.Record) int {
	a, _ := s.limits.fit(s.Key, s.Attrs)
	want := r
	want.Proxied, want.TTL, want.Comment, want.Tags = a.Proxied, a.TTL, a.Comment, a.Tags
	return bits.OnesCount8(uint8(Differ(&r, &want)))
}

// countEnforcedDifferences returns how many enforced fields of r are not yet as wanted.
func (s *rrset) countEnforcedDifferences(r dns.Record) int {
	to := s.enforce(r)
	return bits.OnesCount8(uint8(Differ(&r, &to)))
}

// splitStale parts the stale records into those that take the n addresses that
// are still wanted, and the rest. Where the rest is to stay, only a record goes
// that is homing's beyond doubt.
func (s *rrset) splitStale(stale []dns.Record, n int) (chosen, rest []dns.Record) {
	if s.Leftovers != Keep {
		n = min(n, len(stale))
		return stale[:n], stale[n:]
	}
	if s.State == Clear {
		return nil, stale
	}
	m := min(n, s.countSurelyOurs(stale, n))
	return stale[:m], stale[m:]
}

// countSurelyOurs returns how many of the stale records, from the first, are beyond doubt
// homing's to change: those that say what homing published. Where no record does,
// nor one what is wanted, it is the only one there is, or those that alone are
// public, or alone are proxied, if n addresses want all of them.
func (s *rrset) countSurelyOurs(stale []dns.Record, n int) int {
	ours := countLeading(stale, func(r dns.Record) bool { return s.publishedAt(r) >= 0 })
	switch {
	case ours > 0:
		return ours
	case s.hasKnownPublished():
		return 0
	case len(stale) == 1:
		return 1
	}
	same := countLeading(stale, func(r dns.Record) bool { return isPublic(r) == isPublic(stale[0]) })
	if same > n {
		same = countLeading(stale[:same], func(r dns.Record) bool { return r.Proxied && !stale[same-1].Proxied })
	}
	if same > n {
		return 0
	}
	return same
}

// countLeading returns how many records, from the first, are so.
func countLeading(rs []dns.Record, so func(dns.Record) bool) int {
	for i, r := range rs {
		if !so(r) {
			return i
		}
	}
	return len(rs)
}

// isOwnershipUnclear reports whether records stay beside the ones that are still to be
// made, and homing's may be among them.
func (s *rrset) isOwnershipUnclear(wanted []dns.Data, rest []dns.Record) bool {
	return s.Leftovers == Keep && s.State == Values && len(wanted) > 0 && len(rest) > 0 && !s.hasKnownPublished()
}

// hasKnownPublished reports whether a record of ours says what homing published or publishes,
// so that the others are not homing's.
func (s *rrset) hasKnownPublished() bool {
	return slices.ContainsFunc(s.mine, func(r dns.Record) bool {
		return s.publishedAt(r) >= 0 || slices.Contains(s.Values, r.Data())
	})
}

// staysProxied reports whether what is left of the RRset has a proxied record.
func (s *rrset) staysProxied(left []dns.Record) bool {
	return slices.ContainsFunc(left, func(r dns.Record) bool { return s.enforce(r).Proxied }) ||
		slices.ContainsFunc(s.changes, func(c Change) bool { return c.New.Proxied })
}

func isPublic(r dns.Record) bool { return addr.Public(r.Addr, 0) == nil }

// less orders the records at a name and above it: by type, then by what they say.
func less(a, b dns.Record) bool { return cmp.Or(cmp.Compare(a.Type, b.Type), a.Compare(&b)) < 0 }

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
