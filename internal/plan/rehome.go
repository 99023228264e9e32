package plan

import (
	"net/netip"
	"slices"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// keepHosts works out what a name that keeps its hosts is to say. It reports false
// where there is none to keep anything of, or none that may be told.
func (s *rrset) keepHosts() bool {
	s.Values = s.KeepHosts(s.mine)
	if len(s.Values) == 0 {
		s.note(NoHost, "homing has no record here whose host part it could keep, so nothing is created",
			"create the record once by hand, with any prefix and the right host part; or set the host: {records.ipv6_host=::10}")
		return false
	}
	for _, d := range s.Values {
		for _, p := range s.Behind {
			if err := checkPublic(d.Addr, p); p.Contains(d.Addr) && err != nil {
				s.Unfit = err
				s.notes = append(s.notes, noteUnfit(s.Target))
				return false
			}
		}
	}
	return true
}

// KeepHosts returns what a name that keeps its hosts is to say where these stand: their
// hosts behind the prefixes of today, ascending, no two alike. Of several records
// the public ones count and those that stand
// right, or all where there are none, as where somebody made one with an
// example's prefix. Of all other names it is their values.
func (t Target) KeepHosts(standing []dns.Record) []dns.Data {
	if len(t.Behind) == 0 {
		return t.Values
	}
	var hosts, public []netip.Addr
	for _, r := range standing {
		if !addr.IPv6.Holds(r.Addr) {
			continue
		}
		home := slices.ContainsFunc(t.Behind, func(p netip.Prefix) bool { return p.Contains(r.Addr) })
		if hosts = append(hosts, r.Addr); home || addr.Public(r.Addr, 0) == nil {
			public = append(public, r.Addr)
		}
	}
	if len(public) > 0 {
		hosts = public
	}
	var addrs []netip.Prefix
	for _, p := range t.Behind {
		for _, h := range hosts {
			addrs = append(addrs, netip.PrefixFrom(withPrefix(h, p), 128))
		}
	}
	return dns.DataOfAddrs(addr.Known(addrs...).Addrs())
}

// pairWithHosts returns wanted in the order in which each record of ours that changes keeps
// its host, and with it its attributes.
func (s *rrset) pairWithHosts(stale []dns.Record, wanted []dns.Data) []dns.Data {
	if len(s.Behind) == 0 {
		return wanted
	}
	wanted = slices.Clone(wanted)
	for i, r := range stale {
		j := slices.IndexFunc(wanted[i:], func(d dns.Data) bool {
			return slices.ContainsFunc(s.Behind, func(p netip.Prefix) bool { return withPrefix(r.Addr, p) == d.Addr })
		})
		if j > 0 {
			wanted[i], wanted[i+j] = wanted[i+j], wanted[i]
		}
	}
	return wanted
}
