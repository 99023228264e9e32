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

// examineMachine looks at what no host tells: a clock by which no certificate
// is valid, and whom names are looked up by where a line is named.
func examineMachine(a *app.App, r status.Round) []finding {
	var found []finding
	if slices.ContainsFunc(votes(r), func(v addr.Vote) bool { return detect.HurdleOf(v.Said.Why()) == detect.WrongClock }) {
		found = append(found, finding{ill, "clock", detect.ClockReads(time.Now()),
			"set it, or let NTP do so; certificates and the times in the log depend on it"})
	}
	for _, name := range a.Config.SiteNames() {
		line := a.Config.Site(name).Bind
		if bind, err := httpx.ParseBind(line); err == nil && line != "" && bind.Absent() == nil && (name == "" || line != a.Config.Bind) {
			f := examineLookups(bind, httpx.NameServers())
			if name != "" {
				f.Checked += " of " + name
			}
			found = append(found, f)
		}
	}
	return found
}

// votes are all that were given in a round.
func votes(r status.Round) []addr.Vote {
	var all []addr.Vote
	for _, of := range r.Seen.Origins() {
		all = append(all, r.Seen[of].Votes()...)
	}
	return all
}

// examineLookups says which way names are looked up beside a line that is named.
func examineLookups(bind httpx.Bind, servers []netip.Addr) finding {
	over := "asked over " + bind.String()
	ways := map[string][]string{}
	for _, s := range servers {
		way := "asked over another line than " + bind.String()
		switch {
		case bind.Asks(s):
			way = over
		case s.IsLoopback():
			way = "asked on this machine, by a program that takes whatever line it likes"
		}
		ways[way] = append(ways[way], s.String())
	}
	if len(ways) == 0 {
		return finding{Health: well, Checked: "lookups", Found: "the system looks names up, over whatever line it likes"}
	}
	var parts []string
	for _, way := range slices.Sorted(maps.Keys(ways)) {
		parts = append(parts, way+": "+list(ways[way]))
	}
	f := finding{Health: well, Checked: "lookups", Found: strings.Join(parts, "; ")}
	if ways[over] == nil {
		f.Health = frail
		f.Cure = "where that line may be dead while " + bind.String() + " is not, name a server in /etc/resolv.conf that can be reached over " + bind.String()
	}
	return f
}

// examineFamily says what is known of a family in scope, and why IPv6 may be
// missing inside a container.
func examineFamily(ctx context.Context, a *app.App, of plan.Origin, r status.Round) []finding {
	o, inScope := r.Seen[of]
	switch {
	case !inScope:
		return []finding{{Health: well, Checked: of.String(), Found: "it is out of scope"}}
	case o.Known():
		return []finding{{Health: well, Checked: of.String(), Found: o.Describe() + because(a, of, o)}}
	case of == plan.Here(addr.IPv6) && r.Seen[plan.Here(addr.IPv4)].Known() && inContainer() && bridged(ctx, a):
		return []finding{{frail, of.String(), "homing runs in a container on a bridge network, and there containers mostly have no IPv6",
			text.Hint("use the host's network (network_mode: host), or set {detect.ipv6.sources=none}").In(a.Words())}}
	}
	return nil // the round has a condition about it
}

// bridged says whether IPv4 leaves by a bridge, and IPv6 not at all.
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
