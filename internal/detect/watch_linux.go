package detect

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
	"unsafe"

	"github.com/homing-dns/homing/internal/addr"
)

// What package syscall lacks of linux/rtnetlink.h.
const (
	netlinkGroups     = 0x1 | 0x10 | 0x40 | 0x100 | 0x400 // RTMGRP_LINK, IPV4_IFADDR, IPV4_ROUTE, IPV6_IFADDR, IPV6_ROUTE
	maxNetlinkMessage = 16 << 10                          // bytes of a datagram; messages have one or two KB
)

// Watch hears from the kernel by rtnetlink. Messages say only that it is time to
// look: each router advertisement repeats every address, and a deprecated one as
// if it were none for a moment.
func (s System) Watch(ctx context.Context, ring func(what string)) error {
	heard, err := openNetlink()
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { heard.Close() })()
	defer heard.Close()
	last, err := s.readState(ctx)
	if err != nil {
		return err
	}
	clock, err := newClockTimer()
	if err == nil {
		defer clock.Close()
		stop := make(chan struct{})
		defer func() { clock.Close(); <-stop }()
		go func() { defer close(stop); clock.watch(ring) }()
	}
	buf, gathering := make([]byte, maxNetlinkMessage), false
	for {
		n, err := heard.Read(buf)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			gathering = false
			_ = heard.SetReadDeadline(time.Time{})
			now, err := s.readState(ctx)
			if err != nil {
				continue // the next message has it looked at again
			}
			if what := s.describeChange(now, last); what != "" {
				ring(what)
			}
			last = now
			continue
		case errors.Is(err, syscall.ENOBUFS): // some were lost, which may say anything
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case !isRelevant(buf[:n], last):
			continue
		}
		if !gathering {
			gathering = heard.SetReadDeadline(time.Now().Add(coalesceTime)) == nil
		}
	}
}

// Check opens what Watch would hear by.
func (s System) Check(context.Context) error {
	heard, err := openNetlink()
	if err == nil {
		heard.Close()
	}
	return err
}

// openNetlink returns a socket of rtnetlink that hears of links, addresses and
// default routes. Other routes are left out by the kernel: a router has a
// million of them, and they come and go all day.
func openNetlink() (*os.File, error) {
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, syscall.NETLINK_ROUTE)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	_ = attachRouteFilter(fd) // without it there is more to read
	if err := syscall.Bind(fd, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK, Groups: netlinkGroups}); err != nil {
		syscall.Close(fd)
		return nil, os.NewSyscallError("bind", err)
	}
	return os.NewFile(uintptr(fd), "rtnetlink"), nil
}

// attachRouteFilter has the kernel keep to itself messages about routes to more
// than half of all addresses: two halves are how a VPN writes a default route.
func attachRouteFilter(fd int) error {
	order := func(n uint16) uint32 { // the filter reads in the order of the network, and the type is in the machine's
		return uint32(binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, n)))
	}
	filter := []syscall.SockFilter{
		{Code: syscall.BPF_LD | syscall.BPF_H | syscall.BPF_ABS, K: 4}, // nlmsg_type
		{Code: syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K, Jt: 1, K: order(syscall.RTM_NEWROUTE)},
		{Code: syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K, Jf: 2, K: order(syscall.RTM_DELROUTE)},
		{Code: syscall.BPF_LD | syscall.BPF_B | syscall.BPF_ABS, K: syscall.SizeofNlMsghdr + 1}, // rtm_dst_len
		{Code: syscall.BPF_JMP | syscall.BPF_JGT | syscall.BPF_K, Jt: 1, K: 1},
		{Code: syscall.BPF_RET | syscall.BPF_K, K: 1 << 18},
		{Code: syscall.BPF_RET | syscall.BPF_K},
	}
	prog := syscall.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	// As a string, since syscall has no other way for values of any kind that each
	// machine has: 386 and s390x have no system call of this name.
	return syscall.SetsockoptString(fd, syscall.SOL_SOCKET, syscall.SO_ATTACH_FILTER,
		unsafe.String((*byte)(unsafe.Pointer(&prog)), unsafe.Sizeof(prog)))
}

// isRelevant reports whether what the kernel tells can make a difference to what
// was so at the latest look. What cannot be read may.
func isRelevant(b []byte, last networkState) bool {
	messages, err := syscall.ParseNetlinkMessage(b)
	if err != nil {
		return true
	}
	for _, m := range messages {
		switch m.Header.Type {
		case syscall.RTM_NEWADDR, syscall.RTM_DELADDR:
			a, index, err := parseAddress(m.Data)
			usable := err == nil && m.Header.Type == syscall.RTM_NEWADDR && a.unusable == "" && isRoutable(a.ip)
			if err != nil || last.addrs[ifaceKey{index, a.ip}] != usable {
				return true
			}
		case syscall.RTM_NEWLINK, syscall.RTM_DELLINK:
			if len(m.Data) < syscall.SizeofIfInfomsg {
				return true
			}
			index, flags := int(int32(binary.NativeEndian.Uint32(m.Data[4:]))), binary.NativeEndian.Uint32(m.Data[8:])
			const running = syscall.IFF_UP | syscall.IFF_RUNNING
			if up := m.Header.Type == syscall.RTM_NEWLINK && flags&running == running; up != last.linksUp[index] {
				return true
			}
		case syscall.RTM_NEWROUTE, syscall.RTM_DELROUTE:
			return true // the kernel has left out the others
		}
	}
	return false
}

// addrsByInterface returns what each interface has, by its index.
func addrsByInterface([]net.Interface) (map[int][]ifaceAddr, error) {
	return dumpAddresses(syscall.AF_UNSPEC)
}

// Gateway returns the machine that packets of a family go to first on their way to
// the network, over the line if one is given: an interface or a source address.
// Nothing is sent but a question to the kernel.
func Gateway(f addr.Family, line string) (netip.Addr, error) {
	ask, err := newRouteRequest(f, line)
	if err != nil {
		return netip.Addr{}, err
	}
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_ROUTE)
	if err != nil {
		return netip.Addr{}, os.NewSyscallError("socket", err)
	}
	defer syscall.Close(fd)
	if err := syscall.Sendto(fd, ask, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return netip.Addr{}, os.NewSyscallError("send", err)
	}
	b := make([]byte, 4<<10)
	n, _, err := syscall.Recvfrom(fd, b, 0) // the kernel answers before it returns from the sending
	if err != nil {
		return netip.Addr{}, os.NewSyscallError("receive", err)
	}
	return parseGateway(b[:n])
}
