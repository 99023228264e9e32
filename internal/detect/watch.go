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
	// Going says that it is worth a look as well when nothing leads out any more:
	// another line may take its place.
	Going bool
}

// heard is what a person would say of what changed; empty where it is not worth a look.
func (s System) heard(now, before presence) string {
	what := now.since(before)
	for _, f := range addr.Families() {
		if what == "" && s.Going && before.of[f].able() && !now.of[f].able() {
			what = fmt.Sprintf("%v has no way out over %s any more", f, cmp.Or(s.Line, "this machine"))
		}
	}
	return what
}

// gather is how long what the system tells is gathered before it is compared
// with what was so before: one change comes in several messages.
const gather = 200 * time.Millisecond

// presence is how this machine can be reached, and how it leaves, at one moment.
type presence struct {
	of  map[addr.Family]leaving
	has map[ifaceKey]bool // usable addresses of interfaces
	up  map[int]bool      // whether a link is up and running, by its index
}

type ifaceKey struct {
	index int
	addr  netip.Addr
}

// leaving is one family of ways.
type leaving struct {
	addrs []string // "84.1.2.3 on eth0", of links that are up
	by    string   // the local address and the gateway; empty where nothing leads out
}

// able says whether anything can be learnt of the family: nobody looks when it
// has just gone.
func (l leaving) able() bool { return l.by != "" && len(l.addrs) > 0 }

// since is what a person would say of the difference to before; empty where
// there is none, or none that makes it worth looking.
func (w presence) since(before presence) string {
	for _, f := range addr.Families() {
		is, was := w.of[f], before.of[f]
		if !is.able() {
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
		if is.by != was.by {
			return fmt.Sprintf("%v leaves by another way: %s", f, is.by)
		}
	}
	return ""
}

// look reads the ways as they are now.
func (s System) look(ctx context.Context) (presence, error) {
	links, err := net.Interfaces()
	if err != nil {
		return presence{}, err
	}
	found, err := allAddresses(links)
	if err != nil {
		return presence{}, err
	}
	w := presence{of: make(map[addr.Family]leaving), has: make(map[ifaceKey]bool), up: make(map[int]bool)}
	for _, i := range links {
		w.up[i.Index] = i.Flags&net.FlagUp != 0 && i.Flags&net.FlagRunning != 0
		for _, a := range found[i.Index] {
			if a.unfit != "" || !reaches(a.ip) {
				continue
			}
			w.has[ifaceKey{i.Index, a.ip}] = true
			if f := familyOf(a.ip); w.up[i.Index] {
				l := w.of[f]
				l.addrs = append(l.addrs, a.ip.String()+" on "+i.Name)
				w.of[f] = l
			}
		}
	}
	for f, l := range maps.Clone(w.of) {
		sort.Strings(l.addrs)
		if from, err := s.Uplink(ctx, f); err == nil && s.reachable(w, from) {
			l.by = from.String()
			if to, err := Gateway(f, s.Line); err == nil {
				l.by += " by the gateway " + to.String()
			}
		}
		w.of[f] = l
	}
	return w, nil
}

// reachable says whether an address of the way out is on a link that is up.
func (s System) reachable(w presence, from netip.Addr) bool {
	for k := range w.has {
		if k.addr == from.WithZone("") {
			return w.up[k.index]
		}
	}
	return false
}

// reaches says whether an address can have anything to do with the internet.
func reaches(a netip.Addr) bool { return a.IsGlobalUnicast() }

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
