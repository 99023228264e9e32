package detect

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"sort"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// Neighbours is what is known of the machines beside this one: what the kernel
// has in its neighbour table (RFC 4861, section 5.1), and for how long that has
// been so. Its methods may be called side by side.
type Neighbours struct {
	readTable func() ([]neighbour, error)         // as the kernel has it
	links     func() (map[int][]ifaceAddr, error) // this machine's own addresses, by the link
	isOwn     func(mac MAC) bool                  // whether it is this machine itself

	mu   sync.Mutex
	seen map[MAC]map[linkAddr]lifetime
}

// MAC is an EUI-48, by which a machine is known on its link.
type MAC [6]byte

func (m MAC) String() string { return net.HardwareAddr(m[:]).String() }

// neighbour is an entry of the table that names a machine.
type neighbour struct {
	linkAddr
	mac  MAC
	idle time.Duration // since it was last known to be reached by it
}

type linkAddr struct {
	link int
	addr netip.Addr
}

// lifetime is how long an address has been a machine's.
type lifetime struct{ first, last time.Time }

const (
	stableAge        = 24 * time.Hour   // a temporary address is used for a day (RFC 8981, section 3.8)
	sameAgeTolerance = 10 * time.Minute // what was there at two looks in a row is no older than the other
	maxAddrsPerMAC   = 64               // addresses that are remembered of a machine
)

// NewNeighbours knows of nothing that was before.
func NewNeighbours() *Neighbours {
	return &Neighbours{readTable: neighbourTable, links: linkPrefixes, isOwn: isOwnMAC, seen: make(map[MAC]map[linkAddr]lifetime)}
}

// Source returns the source of ipv6_host neighbour(mac): the address that a machine
// with this MAC has behind the prefix of a link of this machine, by the kernel's
// neighbour table. It is the one that is made of the MAC (EUI-64), or else the
// one that has been there for a day: a temporary one has gone by then. A machine
// that has not spoken with this one is not in the table, and so is not known. Any
// machine of the link can say that it has this MAC.
func (n *Neighbours) Source(mac MAC, allow addr.Allow) Source {
	name := "neighbour(" + mac.String() + ")"
	ask := func(context.Context) ([]netip.Prefix, error) {
		found, err := n.findAddr(mac, allow, time.Now())
		var ps []netip.Prefix
		for _, a := range found {
			ps = append(ps, netip.PrefixFrom(a, a.BitLen()))
		}
		return ps, err
	}
	return &routeSource{voter: addr.Voter{Source: name, Operator: name, Route: "the neighbour table", Certain: true}, ask: ask}
}

func (n *Neighbours) findAddr(mac MAC, allow addr.Allow, now time.Time) ([]netip.Addr, error) {
	all, err := n.readTable()
	if err != nil {
		return nil, fmt.Errorf("read the neighbour table: %w", err)
	}
	links, err := n.links()
	if err != nil {
		return nil, fmt.Errorf("read the addresses of this machine: %w", err)
	}
	behind := make(map[netip.Prefix][]linkAddr)
	there := false
	for _, e := range all {
		if e.mac != mac {
			continue
		}
		there = true
		if p := prefixOnLink(e.linkAddr, links[e.link]); p.IsValid() && addr.Public(e.addr, allow) == nil {
			behind[p] = append(behind[p], e.linkAddr)
		}
	}
	stays := n.updateSeen(mac, all, now)
	switch {
	case len(behind) > 0:
	case n.isOwn(mac):
		return nil, fmt.Errorf("%s is this machine itself, and nobody's neighbour; leave ipv6_host out", mac)
	case there:
		return nil, fmt.Errorf("%s is in the neighbour table, and with no public address behind a prefix of this machine", mac)
	default:
		return nil, fmt.Errorf("%s is not in the neighbour table: it has not spoken with this machine lately", mac)
	}
	var addrs []netip.Addr
	for _, of := range behind {
		a, err := chooseStable(mac, of, stays)
		if err != nil {
			return nil, err
		}
		addrs = append(addrs, a)
	}
	return addrs, nil
}

// prefixOnLink returns the prefix of this machine on a link in which a neighbour lies; the
// zero one where it lies in none that is in use. What is told as an address alone
// lies in a /64.
func prefixOnLink(a linkAddr, own []ifaceAddr) netip.Prefix {
	for _, o := range own {
		p := netip.PrefixFrom(o.ip, min(o.bits, 64)).Masked()
		if o.unusable == "" && o.ip.Is6() && p.Contains(a.addr) {
			return p
		}
	}
	return netip.Prefix{}
}

// updateSeen takes down which addresses the machine has now, and gives what is
// known of each. An address that another machine has is forgotten.
func (n *Neighbours) updateSeen(mac MAC, all []neighbour, now time.Time) map[linkAddr]lifetime {
	n.mu.Lock()
	defer n.mu.Unlock()
	stays := n.seen[mac]
	if stays == nil {
		stays = make(map[linkAddr]lifetime)
		n.seen[mac] = stays
	}
	for at, s := range stays {
		if now.Sub(s.last) > 2*stableAge {
			delete(stays, at)
		}
	}
	for _, e := range all {
		s, known := stays[e.linkAddr]
		last := now.Add(-max(e.idle, 0))
		switch {
		case e.mac != mac:
			delete(stays, e.linkAddr)
		case known:
			s.last = laterOf(s.last, last)
			stays[e.linkAddr] = s
		case len(stays) < maxAddrsPerMAC:
			stays[e.linkAddr] = lifetime{now, last}
		}
	}
	return maps.Clone(stays)
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// chooseStable picks the address of a machine that is there to stay.
func chooseStable(mac MAC, of []linkAddr, stays map[linkAddr]lifetime) (netip.Addr, error) {
	for _, a := range of {
		if b := a.addr.As16(); [8]byte(b[8:]) == eui64(mac) {
			return a.addr, nil
		}
	}
	sort.Slice(of, func(i, j int) bool {
		a, b := stays[of[i]], stays[of[j]]
		return cmp.Or(a.first.Compare(b.first), b.last.Compare(a.last), of[i].addr.Compare(of[j].addr)) < 0
	})
	var old []linkAddr
	for _, a := range of {
		if s := stays[a]; s.last.Sub(s.first) >= stableAge {
			old = append(old, a)
		}
	}
	switch {
	case len(old) == 0:
		s := stays[of[0]]
		return netip.Addr{}, fmt.Errorf("%s has %s since %s, which may be a temporary address; it is taken once it has been there for a day",
			mac, of[0].addr, s.first.Format("2006-01-02 15:04"))
	case len(old) > 1 && stays[old[1]].first.Sub(stays[old[0]].first) < sameAgeTolerance:
		return netip.Addr{}, fmt.Errorf("%s has had %s and %s for as long, so which of them stays cannot be told; say which host is meant, such as ::10",
			mac, old[0].addr, old[1].addr)
	}
	return old[0].addr, nil
}

// eui64 returns the host part that is made of a MAC (RFC 4291, appendix A).
func eui64(m MAC) [8]byte { return [8]byte{m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]} }

func isOwnMAC(mac MAC) bool {
	all, _ := net.Interfaces()
	for _, i := range all {
		if string(i.HardwareAddr) == string(mac[:]) {
			return true
		}
	}
	return false
}
