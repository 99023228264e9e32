package config

import (
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// setPrefixFrom reads where the prefix of a record's network is learnt.
func (p *place) setPrefixFrom(s string) error {
	p.record.Prefix = s
	if s == plan.FromRouter {
		return nil
	}
	name, ok := strings.CutPrefix(s, plan.FromInterface)
	if !ok {
		return hinted("it is neither router nor iface: with an interface behind it",
			"write router to ask a FRITZ!Box, or such as iface:br0 for the network that this interface is in")
	}
	if kind := p.kind("local.iface"); kind != nil {
		_, err := kind.Check(addr.IPv6, name, false)
		if row, _ := p.table.setting(p.value.path); err != nil && !p.lenient(row, p.value, err) {
			return err
		}
	}
	return nil
}

// checkLAN refuses what makes no sense of the hosts of a network, and reports
// whether nothing was amiss.
func (l *loader) checkLAN(r *record) bool {
	at := r.path + ".ipv6_host"
	neighbours := slices.IndexFunc(r.Hosts, func(h plan.HostID) bool { _, ok := h.Neighbour(); return ok }) >= 0
	keeps := slices.ContainsFunc(r.Hosts, plan.HostID.Keeps)
	switch {
	case r.Prefix != "" && len(r.Hosts) == 0:
		l.wrong(r.path+".ipv6_prefix", "a prefix alone is no address", "say which host is meant: ipv6_host: \"::10\", or ipv6_host: keep")
	case r.Prefix != "" && slices.ContainsFunc(r.Hosts, plan.HostID.Preserves):
		l.wrong(at, "preserve is the address that was observed, and ipv6_prefix observes a prefix alone", "say which host is meant, such as \"::10\", or take ipv6_prefix out")
	case r.Prefix != "" && neighbours:
		l.wrong(at, "a neighbour is seen with its whole address, so that ipv6_prefix says nothing of it", "take one of the two out")
	case keeps && len(r.Hosts) > 1:
		l.wrong(at, "keep stands alone: it is the hosts of the records that are there", "take either keep or the other hosts out")
	case keeps && len(r.Sites) > 1 && r.Pick == plan.All && r.Prefix == "":
		l.wrong(at, "keep is for the prefix of one site, and these are several", "say which host is meant, such as \"::10\", or keep one of the sites")
	case keeps && slices.Contains(r.Types, dns.TXT):
		l.wrong(at, "a TXT record has no host that could be kept", "give the TXT record an entry of its own, with a host such as \"::10\"")
	case keeps && l.cfg.DeleteOnStop:
		l.wrong(at, "keep takes the host from the record, and "+l.name("policy.delete_on_stop")+" deletes that", "say which host is meant, such as \"::10\", or set "+l.name("policy.delete_on_stop")+" to false")
	default:
		return true
	}
	return false
}

// LAN is the origins beside the families of sites that records need: networks of
// which the prefix is learnt, and neighbours; in order, no two alike.
func (c *Config) LAN() []plan.Origin {
	found := make(plan.Seen)
	for _, a := range c.Accounts {
		for _, r := range a.Spec.Records {
			for _, t := range r.Types {
				for _, o := range r.Needs(t) {
					if o.IsLAN() {
						found[o] = addr.Observation{}
					}
				}
			}
		}
	}
	return found.Origins()
}
