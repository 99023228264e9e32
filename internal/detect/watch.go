package detect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sort"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// A Watcher rings when an address may be another one now.
type Watcher interface {
	// Watch calls ring, from one goroutine, with what was heard, in words, until
	// ctx is done; then it returns nil. The error says why nothing can be heard
	// here, or any more.
	Watch(ctx context.Context, ring func(what string)) error
	// Check says why nothing would be heard; nil: something may be.
	Check(ctx context.Context) error
}

// System is the Watcher of this machine itself: it hears of addresses, links and
// ways to the network, and where the system tells, of the end of sleep and of a
// clock that was set. It sends nothing, needs no privilege, and costs nothing
// while nothing happens. Linux tells by rtnetlink(7), macOS and the BSDs by
// route(4), Windows by NotifyUnicastIpAddressChange and NotifyRouteChange2.
type System struct {
	// Uplink is the address by which this machine reaches the network.
	Uplink func(context.Context, addr.Family) (netip.Addr, error)
	// Line is an interface of which the way is meant, or a source address; empty:
	// the one that the system takes.
	Line string
	// NoticeLoss says that it is worth a look as well when nothing leads out any more:
	// another line may take its place.
	NoticeLoss bool
}

// describeChange describes what changed; empty if it is not worth a look.
func (s System) describeChange(now, before networkState) string {
	what := now.describeSince(before)
	for _, f := range addr.Families() {
		if what == "" && s.NoticeLoss && before.byFamily[f].isUsable() && !now.byFamily[f].isUsable() {
			what = fmt.Sprintf("%v has no way out over %s any more", f, cmp.Or(s.Line, "this machine"))
		}
	}
	return what
}

// coalesceTime is how long what the system tells is gathered before it is compared
// with what was so before: one change comes in several messages.
const coalesceTime = 200 * time.Millisecond

// networkState is how this machine can be reached, and how it leaves, at one moment.
type networkState struct {
	byFamily map[addr.Family]familyState
	addrs    map[ifaceKey]bool // usable addresses of interfaces
	linksUp  map[int]bool      // whether a link is up and running, by its index
}

type ifaceKey struct {
	index int
	addr  netip.Addr
}

// familyState is how one family leaves.
type familyState struct {
	addrs  []string // "84.1.2.3 on eth0", of links that are up
	uplink string   // the local address and the gateway; empty where nothing leads out
}

// isUsable reports whether anything can be learnt of the family: nobody looks when it
// has just gone.
func (l familyState) isUsable() bool { return l.uplink != "" && len(l.addrs) > 0 }

// describeSince describes the difference to before; empty if
// there is none, or none that makes it worth looking.
func (w networkState) describeSince(before networkState) string {
	for _, f := range addr.Families() {
		is, was := w.byFamily[f], before.byFamily[f]
		if !is.isUsable() {
			continue
		}
		for _, a := range is.addrs {
			if !slices.Contains(was.addrs, a) {
				return "this machine has " + a
			}
		}
		for _, a := range was.addrs {
			if !slices.Contains(is.addrs, a) {
				return "this machine has no longer " + a
			}
		}
		if is.uplink != was.uplink {
			return fmt.Sprintf("%v leaves by another way: %s", f, is.uplink)
		}
	}
	return ""
}

// readState reads the state as it is now.
func (s System) readState(ctx context.Context) (networkState, error) {
	links, err := net.Interfaces()
	if err != nil {
		return networkState{}, err
	}
	found, err := addrsByInterface(links)
	if err != nil {
		return networkState{}, err
	}
	w := networkState{byFamily: make(map[addr.Family]familyState), addrs: make(map[ifaceKey]bool), linksUp: make(map[int]bool)}
	for _, i := range links {
		w.linksUp[i.Index] = i.Flags&net.FlagUp != 0 && i.Flags&net.FlagRunning != 0
		for _, a := range found[i.Index] {
			if a.unusable != "" || !isRoutable(a.ip) {
				continue
			}
			w.addrs[ifaceKey{i.Index, a.ip}] = true
			if f := familyOf(a.ip); w.linksUp[i.Index] {
				l := w.byFamily[f]
				l.addrs = append(l.addrs, a.ip.String()+" on "+i.Name)
				w.byFamily[f] = l
			}
		}
	}
	for f, l := range maps.Clone(w.byFamily) {
		sort.Strings(l.addrs)
		if from, err := s.Uplink(ctx, f); err == nil && s.isReachable(w, from) {
			l.uplink = from.String()
			if to, err := Gateway(f, s.Line); err == nil {
				l.uplink += " by the gateway " + to.String()
			}
		}
		w.byFamily[f] = l
	}
	return w, nil
}

// isReachable reports whether an address of the way out is on a link that is up.
func (s System) isReachable(w networkState, from netip.Addr) bool {
	for k := range w.addrs {
		if k.addr == from.WithZone("") {
			return w.linksUp[k.index]
		}
	}
	return false
}

// isRoutable reports whether an address can have anything to do with the internet.
func isRoutable(a netip.Addr) bool { return a.IsGlobalUnicast() }

func familyOf(a netip.Addr) addr.Family {
	if a.Is4() {
		return addr.IPv4
	}
	return addr.IPv6
}

var errMalformed = errors.New("the kernel's answer cannot be read")

// errNoGateway says that the way out leads to no other machine first, as over
// PPP, or that there is none.
var errNoGateway = errors.New("this machine has no gateway")
