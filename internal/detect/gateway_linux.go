package detect

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"

	"github.com/homing-dns/homing/internal/addr"
)

// newRouteRequest asks the kernel by which route it would reach Cloudflare's
// resolver (RTM_GETROUTE, rtnetlink(7)).
func newRouteRequest(f addr.Family, line string) ([]byte, error) {
	to, family := internetAddr(f), byte(syscall.AF_INET)
	if f == addr.IPv6 {
		family = syscall.AF_INET6
	}
	rt := make([]byte, syscall.SizeofRtMsg)
	rt[0], rt[1] = family, byte(to.BitLen())
	rt = appendAttribute(rt, syscall.RTA_DST, to.AsSlice())
	if from, err := netip.ParseAddr(line); err == nil && f.Holds(from) {
		rt[2] = byte(from.BitLen())
		rt = appendAttribute(rt, syscall.RTA_SRC, from.AsSlice())
	} else if line != "" {
		i, err := net.InterfaceByName(line)
		if err != nil {
			return nil, err
		}
		rt = appendAttribute(rt, syscall.RTA_OIF, binary.NativeEndian.AppendUint32(nil, uint32(i.Index)))
	}
	ask := binary.NativeEndian.AppendUint32(nil, uint32(syscall.SizeofNlMsghdr+len(rt)))
	ask = binary.NativeEndian.AppendUint16(ask, syscall.RTM_GETROUTE)
	ask = binary.NativeEndian.AppendUint16(ask, syscall.NLM_F_REQUEST)
	return append(append(ask, make([]byte, 8)...), rt...), nil
}

func appendAttribute(b []byte, kind uint16, value []byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(syscall.SizeofRtAttr+len(value)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	return append(b, value...) // all of them have a multiple of four bytes
}

// parseGateway reads the route out of the kernel's answer.
func parseGateway(b []byte) (netip.Addr, error) {
	messages, err := syscall.ParseNetlinkMessage(b)
	if err != nil || len(messages) == 0 {
		return netip.Addr{}, errMalformed
	}
	m := messages[0]
	switch {
	case m.Header.Type == syscall.NLMSG_ERROR && len(m.Data) >= 4:
		if code := int32(binary.NativeEndian.Uint32(m.Data)); code < 0 {
			return netip.Addr{}, syscall.Errno(-code)
		}
		return netip.Addr{}, errMalformed
	case m.Header.Type != syscall.RTM_NEWROUTE || len(m.Data) < syscall.SizeofRtMsg:
		return netip.Addr{}, errMalformed
	case m.Data[7] != syscall.RTN_UNICAST:
		return netip.Addr{}, errNoGateway
	}
	var to netip.Addr
	err = forEachAttribute(m.Data[syscall.SizeofRtMsg:], func(kind uint16, value []byte) {
		if a, ok := netip.AddrFromSlice(value); kind == syscall.RTA_GATEWAY && ok {
			to = a
		}
	})
	if err == nil && !to.IsValid() {
		err = errNoGateway
	}
	return to, err
}
