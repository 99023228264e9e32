package detect

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"syscall"

	"github.com/homing-dns/homing/internal/addr"
)

const hasAddressFlags = true

// What package syscall lacks of linux/if_addr.h and linux/netlink.h.
const (
	ifaFlags      = 8    // IFA_FLAGS: 32 bits, for the 8 of the header
	dumpInterrupt = 0x10 // NLM_F_DUMP_INTR: addresses came or went meanwhile
)

// errListChanged says that a list was made while addresses came or went, and may
// lack some.
var errListChanged = errors.New("addresses come and go while they are read")

// interfaceAddrs asks the kernel for the addresses of one family over netlink.
func interfaceAddrs(i *net.Interface, f addr.Family) ([]ifaceAddr, error) {
	family := syscall.AF_INET
	if f == addr.IPv6 {
		family = syscall.AF_INET6
	}
	all, err := dumpAddresses(family)
	return filterFamily(all[i.Index], f), err
}

// filterFamily is needed even where the kernel was asked for one family: it answers
// with all of them where it does not know that one.
func filterFamily(all []ifaceAddr, f addr.Family) (found []ifaceAddr) {
	for _, a := range all {
		if f.Bits() == a.ip.BitLen() {
			found = append(found, a)
		}
	}
	return found
}

// dumpAddresses returns what each interface has, by its index, in one answer of the
// kernel.
func dumpAddresses(family int) (map[int][]ifaceAddr, error) {
	for try := 1; ; try++ {
		dump, err := syscall.NetlinkRIB(syscall.RTM_GETADDR, family)
		if err != nil {
			return nil, err
		}
		found, err := parseAddressDump(dump)
		if !errors.Is(err, errListChanged) || try == 3 {
			return found, err
		}
	}
}

// parseAddressDump takes the addresses out of what the kernel answers to RTM_GETADDR
// (rtnetlink(7)), by the index of the interface that has them. An interface may be
// there without any address.
func parseAddressDump(dump []byte) (map[int][]ifaceAddr, error) {
	messages, err := syscall.ParseNetlinkMessage(dump)
	if err != nil {
		return nil, err
	}
	found := make(map[int][]ifaceAddr)
	for _, m := range messages {
		if m.Header.Flags&dumpInterrupt != 0 {
			return nil, errListChanged
		}
		if m.Header.Type != syscall.RTM_NEWADDR {
			continue
		}
		a, on, err := parseAddress(m.Data)
		if err != nil {
			return nil, err
		}
		if a.ip.IsValid() {
			found[on] = append(found[on], a)
		}
	}
	return found, nil
}

// parseAddress reads a struct ifaddrmsg with its attributes, and gives the
// index of the interface too.
func parseAddress(b []byte) (a ifaceAddr, index int, err error) {
	if len(b) < syscall.SizeofIfAddrmsg {
		return a, 0, errMalformed
	}
	flags, index := uint32(b[2]), int(binary.NativeEndian.Uint32(b[4:]))
	var ours, far []byte
	expired := false
	err = forEachAttribute(b[syscall.SizeofIfAddrmsg:], func(kind uint16, value []byte) {
		switch {
		case kind == syscall.IFA_LOCAL:
			ours = value
		case kind == syscall.IFA_ADDRESS:
			far = value
		case kind == ifaFlags && len(value) >= 4:
			flags = binary.NativeEndian.Uint32(value)
		case kind == syscall.IFA_CACHEINFO && len(value) >= 4:
			expired = binary.NativeEndian.Uint32(value) == 0 // ifa_prefered, in seconds
		}
	})
	if ours == nil { // only a line from point to point has two
		ours = far
	}
	ip, ok := netip.AddrFromSlice(ours)
	if err != nil || ours != nil && !ok {
		return a, 0, errMalformed
	}
	a = classifyAddr(ip, flags, expired)
	a.bits = int(b[1])
	return a, index, nil
}

// forEachAttribute walks over what follows a message (rtnetlink(7)). The one of
// package syscall panics when the last attribute is not padded.
func forEachAttribute(b []byte, each func(kind uint16, value []byte)) error {
	for len(b) >= syscall.SizeofRtAttr {
		size := int(binary.NativeEndian.Uint16(b))
		if size < syscall.SizeofRtAttr || size > len(b) {
			return errMalformed
		}
		each(binary.NativeEndian.Uint16(b[2:]), b[syscall.SizeofRtAttr:size])
		b = b[min(len(b), (size+3)&^3):] // the next begins at a multiple of four
	}
	return nil
}

// classifyAddr reads the flags of an address. What says temporary for IPv6 says
// secondary for IPv4, which is as good as any.
func classifyAddr(ip netip.Addr, flags uint32, expired bool) ifaceAddr {
	a := ifaceAddr{ip: ip, temporary: ip.Is6() && flags&syscall.IFA_F_TEMPORARY != 0}
	switch {
	case flags&syscall.IFA_F_DADFAILED != 0:
		a.unusable = "in use by another machine too (dadfailed)"
	case flags&(syscall.IFA_F_TENTATIVE|syscall.IFA_F_OPTIMISTIC) != 0:
		a.unusable = "still checked for a duplicate (tentative)"
	case flags&syscall.IFA_F_DEPRECATED != 0 || expired:
		a.unusable = "to be given up (deprecated)"
	}
	return a
}
