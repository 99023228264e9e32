package httpx

import (
	"math/bits"
	"syscall"
)

// The same number in ws2ipdef.h for both families.
const unicastIF = 31 // IP_UNICAST_IF, IPV6_UNICAST_IF

// bindSocket sets IP_UNICAST_IF or IPV6_UNICAST_IF, which need no privilege. The
// first takes the index in network byte order, the second does not (Microsoft,
// "IPPROTO_IP socket options", "IPPROTO_IPV6 socket options").
func bindSocket(fd uintptr, iface string, ip6 bool) error {
	i, err := FindInterface(iface)
	if err != nil {
		return err
	}
	if ip6 {
		return syscall.SetsockoptInt(syscall.Handle(fd), syscall.IPPROTO_IPV6, unicastIF, i.Index)
	}
	index := bits.ReverseBytes32(uint32(i.Index))
	return syscall.SetsockoptInt(syscall.Handle(fd), syscall.IPPROTO_IP, unicastIF, int(index))
}
