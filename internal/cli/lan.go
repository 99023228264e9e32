package cli

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/text"
)

// describeLAN is what is known of a network or of a neighbour, and who says so.
func describeLAN(of plan.Origin, o addr.Observation) string {
	if !o.Known() {
		return plain(o.Describe())
	}
	var words []string
	for _, p := range o.Prefixes() {
		if of.IsPrefix() {
			words = append(words, p.String())
		} else {
			words = append(words, p.Addr().String())
		}
	}
	said := text.List(words, 0)
	for _, v := range o.Votes() {
		if !v.Said.Same(o) {
			continue
		}
		if said += " (from " + strings.TrimSuffix(v.Route, " (again)"); !v.Authenticated {
			said += "; any machine in this network could claim it"
		}
		said += ")"
		break
	}
	return said
}

// writeLAN is a line for each network of which only the prefix is learnt, and
// for each neighbour.
func writeLAN(b *strings.Builder, p paint, a *app.App, decided plan.Seen) {
	for _, of := range a.Config.LAN() {
		said := describeLAN(of, decided[of])
		if decided[of].Known() {
			said = p.green(said)
		} else {
			said = p.yellow(said)
		}
		b.WriteString(p.bold(of.String()) + "  result: " + said + "\n")
	}
}

// lan says what is known of networks and neighbours, and where a prefix is no
// longer than what the router gave out.
func (c *checkup) lan() {
	for _, of := range c.Config.LAN() {
		o := c.round.Seen[of]
		if !o.Known() {
			continue // the round has a condition about it
		}
		said := describeLAN(of, o)
		if shared := withoutSubnet(of, o); shared != "" {
			said += "; hosts are placed in " + shared + ", unless their ipv6_host names another subnet"
		}
		c.well(of.String(), said)
	}
}

// withoutSubnet is the first network of a prefix that has room for several.
func withoutSubnet(of plan.Origin, o addr.Observation) string {
	i := slices.IndexFunc(o.Prefixes(), func(p netip.Prefix) bool { return p.Bits() < 64 })
	if i < 0 || !of.IsPrefix() {
		return ""
	}
	return netip.PrefixFrom(o.Prefixes()[i].Masked().Addr(), 64).String()
}
