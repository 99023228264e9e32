package detect

import (
	"net"
	"net/netip"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
)

// Own is what this machine says of an address of its own. Its zero value is
// that of an address of somebody else.
type Own struct {
	Iface  string     // the interface that has it
	Tunnel bool       // that interface is a tunnel: what leaves by it is seen at the far end
	Pair   bool       // it is one end of a pair, whose other end is elsewhere, as in a container on a bridge
	Stable netip.Addr // of a temporary address: the stable one beside it, which may be published; else zero
}

// OwnOf looks an address up among the interfaces of this machine.
func OwnOf(a netip.Addr) Own {
	all, err := net.Interfaces()
	if err != nil {
		return Own{}
	}
	for _, i := range all {
		found, err := interfaceAddrs(&i, familyOf(a))
		if err != nil {
			continue
		}
		for _, b := range found {
			if b.ip == a {
				return Own{Iface: i.Name, Tunnel: isTunnel(i.Name), Pair: isVethPair(i), Stable: stableFor(b, found)}
			}
		}
	}
	return Own{}
}

// stableFor returns the stable address behind the prefix of a temporary one.
func stableFor(a ifaceAddr, found []ifaceAddr) netip.Addr {
	for _, b := range found {
		if a.temporary && isStable(b) && same64(a.ip, b.ip) {
			return b.ip
		}
	}
	return netip.Addr{}
}

// isStable reports whether an address is there to stay, and everybody can be sent there.
func isStable(a ifaceAddr) bool {
	return !a.temporary && a.unusable == "" && addr.Public(a.ip, addr.AllowULA) == nil
}

// same64 reports whether two addresses lie in one /64, which is what addresses
// that a machine makes up itself have in common (RFC 4862, RFC 7421).
func same64(a, b netip.Addr) bool {
	p, err := a.Prefix(64)
	return err == nil && a.Is6() && b.Is6() && p.Contains(b)
}

// dropTemporary leaves out each temporary address that has a stable one
// beside it: who publishes both sends half of the visitors to one that is gone
// tomorrow. One that stands alone stays: it is all there is.
func dropTemporary(found []ifaceAddr) (left []ifaceAddr) {
	for _, a := range found {
		if !stableFor(a, found).IsValid() {
			left = append(left, a)
		}
	}
	return left
}

// stableFirst returns found with the temporary ones at the end.
func stableFirst(found []ifaceAddr) []ifaceAddr {
	var stable, fleeting []ifaceAddr
	for _, a := range found {
		if a.temporary {
			fleeting = append(fleeting, a)
		} else {
			stable = append(stable, a)
		}
	}
	return append(stable, fleeting...)
}

// hasTunnelName knows the beginnings of the names that programs give to their tunnels. Lines of a
// carrier are none of them: ppp, wwan, rmnet and the like, nor clat and ds-lite,
// which are told by their addresses.
func hasTunnelName(name string) bool {
	name = strings.ToLower(name)
	for _, begin := range []string{"tailscale", "wg", "tun", "utun", "nordlynx", "proton", "mullvad", "zt", "wt", "nebula", "netbird",
		"vpn", "ipsec", "vti", "warp", "cloudflarewarp", "ovpn", "openvpn", "wireguard"} {
		if strings.HasPrefix(name, begin) {
			return true
		}
	}
	return false
}
