package detect

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"time"
)

// What package syscall lacks of linux/neighbour.h.
const (
	sizeofNdMsg  = 12
	ndaDst       = 1 // NDA_DST
	ndaLladdr    = 2 // NDA_LLADDR
	ndaCacheinfo = 3 // NDA_CACHEINFO: struct nda_cacheinfo, its first field ndm_confirmed in ticks ago

	nudReachable = 0x02
	nudStale     = 0x04
	nudDelay     = 0x08
	nudProbe     = 0x10
	nudPermanent = 0x80
	ntfProxy     = 0x08 // NTF_PROXY: answered for by this machine

	userHz = 100 // ticks a second, as every architecture that Go has tells them to programs
)

// neighbourTable returns the kernel's neighbour table, of IPv6.
func neighbourTable() ([]neighbour, error) {
	dump, err := syscall.NetlinkRIB(syscall.RTM_GETNEIGH, syscall.AF_INET6)
	if err != nil {
		return nil, err
	}
	return parseNeighbours(dump)
}

// parseNeighbours reads the answer to RTM_GETNEIGH (rtnetlink(7)): those of whom
// it is known which machine they are.
func parseNeighbours(dump []byte) ([]neighbour, error) {
	messages, err := syscall.ParseNetlinkMessage(dump)
	if err != nil {
		return nil, err
	}
	var found []neighbour
	for _, m := range messages {
		if m.Header.Type != syscall.RTM_NEWNEIGH {
			continue
		}
		if len(m.Data) < sizeofNdMsg {
			return nil, errMalformed
		}
		state, flags := binary.NativeEndian.Uint16(m.Data[8:]), m.Data[10]
		n := neighbour{linkAddr: linkAddr{link: int(int32(binary.NativeEndian.Uint32(m.Data[4:])))}}
		mac := false
		err := forEachAttribute(m.Data[sizeofNdMsg:], func(kind uint16, value []byte) {
			switch {
			case kind == ndaDst:
				n.addr, _ = netip.AddrFromSlice(value)
			case kind == ndaLladdr && len(value) == len(n.mac):
				mac = true
				copy(n.mac[:], value)
			case kind == ndaCacheinfo && len(value) >= 4:
				n.idle = time.Duration(binary.NativeEndian.Uint32(value)) * (time.Second / userHz)
			}
		})
		if err != nil {
			return nil, err
		}
		if state&nudPermanent != 0 {
			n.idle = 0
		}
		named := state&(nudReachable|nudStale|nudDelay|nudProbe|nudPermanent) != 0 && flags&ntfProxy == 0
		if mac && named && n.addr.Is6() && !n.addr.Is4In6() {
			found = append(found, n)
		}
	}
	return found, nil
}

// linkPrefixes returns what each interface has of IPv6, by its index.
func linkPrefixes() (map[int][]ifaceAddr, error) { return dumpAddresses(syscall.AF_INET6) }
