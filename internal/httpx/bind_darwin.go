package httpx

import "syscall"

// bindSocket sets IP_BOUND_IF or IPV6_BOUND_IF (netinet/in.h, netinet6/in6.h),
// which need no privilege.
func bindSocket(fd uintptr, iface string, ip6 bool) error {
	i, err := FindInterface(iface)
	if err != nil {
		return err
	}
	if ip6 {
		return syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_BOUND_IF, i.Index)
	}
	return syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_BOUND_IF, i.Index)
}
