package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// checkHosts tells of host ids nobody would choose, or that do nothing, and
// refuses those that cannot stand behind the address that is set.
func (l *loader) checkHosts(r *record) {
	if !l.checkLAN(r) || len(r.Hosts) == 0 {
		return
	}
	hostid, sources := l.name(r.path+".ipv6_host"), 0
	if hostid != r.path+".ipv6_host" {
		hostid = "hostid6 of " + r.Name.Describe() // as the lists of the environment call it
	}
	for _, h := range r.Hosts {
		if why := h.Suspicious(); why != "" {
			l.notice(hostid + ": " + why)
		}
		for _, of := range r.Needs(dns.AAAA) {
			ipv6 := l.cfg.Site(of.Site).Detect[addr.IPv6]
			sources += len(ipv6.Sources)
			for _, bits := range staticBits(ipv6) {
				if err := h.Fits(bits); err != nil {
					l.wrong(r.path+".ipv6_host", fmt.Sprintf("%v, which is what %s has", err, l.name(of.Setting("sources").Path)),
						fmt.Sprintf("write another length behind the address, or set %s", l.name(of.Setting("prefix_len").Path)))
					return
				}
			}
		}
	}
	switch {
	case !slices.Contains(r.Types, dns.AAAA) && !slices.Contains(r.Content.Families(), addr.IPv6):
		l.notice(hostid + " has no effect: the name has no AAAA records")
	case sources == 0 && slices.ContainsFunc(r.Needs(dns.AAAA), func(of plan.Origin) bool { return !of.IsLAN() }):
		l.notice(hostid + " has no effect: " + l.name(r.Needs(dns.AAAA)[0].Setting("sources").Path) + " is none")
	}
}

// staticBits are the lengths of the prefixes that stand in the settings.
func staticBits(d Detection) (lengths []int) {
	for _, s := range d.Sources {
		if s.Word != "static" && s.Word != "literal" {
			continue
		}
		for text := range strings.SplitSeq(s.Arg, ",") {
			if p, err := netip.ParsePrefix(strings.TrimSpace(text)); err == nil {
				lengths = append(lengths, p.Bits())
			} else {
				lengths = append(lengths, d.Bits)
			}
		}
	}
	return lengths
}
