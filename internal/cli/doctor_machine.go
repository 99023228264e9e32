package cli

import (
	"context"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// machine looks at what no host tells: a clock by which no certificate is valid,
// and whom names are looked up by where a line is named.
func (c *checkup) machine() {
	if slices.ContainsFunc(votes(c.round), func(v addr.Vote) bool { return detect.HurdleOf(v.Said.Why()) == detect.WrongClock }) {
		c.tell(ill, "clock", detect.ClockReads(time.Now()), setClock)
	}
	for _, name := range c.Config.SiteNames() {
		line := c.Config.Site(name).Bind
		if bind, err := httpx.ParseBind(line); err == nil && line != "" && bind.CheckPresent() == nil && (name == "" || line != c.Config.Bind) {
			c.lookups(ofAccount("lookups", name), bind, httpx.NameServers())
		}
	}
}

// votes are all that were given in a round.
func votes(r *status.Round) []addr.Vote {
	var all []addr.Vote
	for _, of := range r.Seen.Origins() {
		all = append(all, r.Seen[of].Votes()...)
	}
	return all
}

// lookups says which way names are looked up beside a line that is named.
func (c *checkup) lookups(checked string, bind httpx.Bind, servers []netip.Addr) {
	over := "asked over " + bind.String()
	ways := map[string][]string{}
	for _, s := range servers {
		way := "asked over another line than " + bind.String()
		switch {
		case bind.ReachesServer(s):
			way = over
		case s.IsLoopback():
			way = "asked on this machine, by a program that may use any line"
		}
		ways[way] = append(ways[way], s.String())
	}
	if len(ways) == 0 {
		c.well(checked, "the system looks up names, possibly over another line")
		return
	}
	var parts []string
	for _, way := range slices.Sorted(maps.Keys(ways)) {
		parts = append(parts, way+": "+text.List(ways[way], 0))
	}
	h, cure := well, ""
	if ways[over] == nil {
		h, cure = frail, "if that line can be down while "+bind.String()+" is up, name a server in /etc/resolv.conf that can be reached over "+bind.String()
	}
	c.tell(h, checked, strings.Join(parts, "; "), cure)
}

// family says what is known of a family in scope, and why IPv6 may be missing
// inside a container.
func (c *checkup) family(ctx context.Context, of plan.Origin) {
	seen := c.round.Seen
	o, inScope := seen[of]
	switch { // of any other the round has a condition
	case !inScope:
		c.well(of.String(), "disabled ("+c.Words()(of.Setting("sources").To("none"))+")")
	case o.Known():
		c.well(of.String(), o.Describe()+because(c.App, of, o))
	case of == plan.Here(addr.IPv6) && seen[plan.Here(addr.IPv4)].Known() && inContainer() && bridged(ctx, c.App):
		c.frail(of.String(), "homing runs in a container on a bridge network, where containers usually have no IPv6",
			"use the host's network (network_mode: host), or set {detect.ipv6.sources=none}")
	}
}

// bridged reports whether IPv4 leaves by a bridge, and IPv6 not at all.
func bridged(ctx context.Context, a *app.App) bool {
	_, none := a.Uplink(ctx, addr.IPv6)
	up, err := a.Uplink(ctx, addr.IPv4)
	return none != nil && err == nil && up.IsPrivate() && detect.OwnOf(up).Pair
}

// inContainer looks for what Docker, Podman and Kubernetes leave in one.
func inContainer() bool {
	for _, trace := range []string{"/.dockerenv", "/run/.containerenv", "/var/run/secrets/kubernetes.io"} {
		if _, err := os.Stat(trace); err == nil {
			return true
		}
	}
	return false
}
