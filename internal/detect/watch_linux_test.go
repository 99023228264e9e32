package detect

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"syscall"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/scaletest"
)

func netlink(kind uint16, body []byte) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(16+len(body)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	return append(append(b, make([]byte, 10)...), body...)
}

// ofAddress is RTM_NEWADDR or RTM_DELADDR as the kernel sends it: a struct
// ifaddrmsg, the address, its lifetimes and all of its flags.
func ofAddress(kind uint16, index uint32, a string, flags, preferred uint32) []byte {
	ip := netip.MustParseAddr(a)
	family := byte(syscall.AF_INET)
	if ip.Is6() {
		family = syscall.AF_INET6
	}
	b := binary.NativeEndian.AppendUint32([]byte{family, 64, byte(flags), 0}, index)
	b = appendAttribute(b, syscall.IFA_ADDRESS, ip.AsSlice())
	b = appendAttribute(b, syscall.IFA_CACHEINFO, binary.NativeEndian.AppendUint32(binary.NativeEndian.AppendUint32(nil, preferred), 3600))
	return netlink(kind, appendAttribute(b, ifaFlags, binary.NativeEndian.AppendUint32(nil, flags)))
}

func ofLink(kind uint16, index, flags uint32) []byte {
	b := binary.NativeEndian.AppendUint32(make([]byte, 4), index)
	return netlink(kind, append(binary.NativeEndian.AppendUint32(b, flags), 0, 0, 0, 0))
}

func TestWhatTheKernelTellsOf(t *testing.T) {
	const has, stale, link = "2a02:8070:1::7", "2a02:8070:0::7", "fe80::1"
	last := networkState{addrs: map[ifaceKey]bool{{2, netip.MustParseAddr(has)}: true, {2, netip.MustParseAddr("192.168.1.7")}: true}, linksUp: map[int]bool{2: true}}
	const up = syscall.IFF_UP | syscall.IFF_RUNNING
	for name, c := range map[string]struct {
		b    []byte
		want bool
	}{
		"a router advertisement says what is so":      {ofAddress(syscall.RTM_NEWADDR, 2, has, 0x100, 3600), false},
		"what is there has other flags":               {ofAddress(syscall.RTM_NEWADDR, 2, has, 0x80, 0xffffffff), false},
		"it is given up, by its flag":                 {ofAddress(syscall.RTM_NEWADDR, 2, has, syscall.IFA_F_DEPRECATED, 3600), true},
		"it is given up, by its lifetime":             {ofAddress(syscall.RTM_NEWADDR, 2, has, 0, 0), true},
		"it is gone":                                  {ofAddress(syscall.RTM_DELADDR, 2, has, 0, 3600), true},
		"one that was given up before is so still":    {ofAddress(syscall.RTM_NEWADDR, 2, stale, syscall.IFA_F_DEPRECATED, 0), false},
		"one that was given up before is gone":        {ofAddress(syscall.RTM_DELADDR, 2, stale, syscall.IFA_F_DEPRECATED, 0), false},
		"a new one is checked for a duplicate":        {ofAddress(syscall.RTM_NEWADDR, 2, "2a02:8070:2::7", syscall.IFA_F_TENTATIVE, 3600), false},
		"and is good":                                 {ofAddress(syscall.RTM_NEWADDR, 2, "2a02:8070:2::7", 0, 3600), true},
		"or is none":                                  {ofAddress(syscall.RTM_NEWADDR, 2, "2a02:8070:2::7", syscall.IFA_F_DADFAILED, 3600), false},
		"one of the link, as containers bring":        {ofAddress(syscall.RTM_NEWADDR, 9, link, 0x80, 3600), false},
		"the same address on another interface":       {ofAddress(syscall.RTM_NEWADDR, 3, has, 0, 3600), true},
		"a link goes down":                            {ofLink(syscall.RTM_NEWLINK, 2, syscall.IFF_UP), true},
		"a link says something else":                  {ofLink(syscall.RTM_NEWLINK, 2, up|0x1000), false},
		"a new link that is not up":                   {ofLink(syscall.RTM_NEWLINK, 9, 0), false},
		"a link is gone":                              {ofLink(syscall.RTM_DELLINK, 2, up), true},
		"a link that was down is gone":                {ofLink(syscall.RTM_DELLINK, 9, 0), false},
		"a route, of which the kernel tells few":      {netlink(syscall.RTM_NEWROUTE, make([]byte, 12)), true},
		"an address that cannot be read":              {netlink(syscall.RTM_NEWADDR, []byte{2}), true},
		"a message that ends too soon":                {ofAddress(syscall.RTM_NEWADDR, 2, has, 0, 3600)[:30], true},
		"several, of which the last makes it another": {append(ofAddress(syscall.RTM_NEWADDR, 2, has, 0, 9), ofAddress(syscall.RTM_DELADDR, 2, has, 0, 9)...), true},
		"nothing": {nil, false},
	} {
		if got := isRelevant(c.b, last); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTheKernelsGateway(t *testing.T) {
	answer := func(kind byte, attributes ...[]byte) []byte {
		b := make([]byte, syscall.SizeofRtMsg)
		b[7] = kind
		for _, a := range attributes {
			b = append(b, a...)
		}
		return netlink(syscall.RTM_NEWROUTE, b)
	}
	oif := appendAttribute(nil, syscall.RTA_OIF, []byte{2, 0, 0, 0})
	via := appendAttribute(nil, syscall.RTA_GATEWAY, []byte{192, 168, 1, 1})
	if a, err := parseGateway(answer(syscall.RTN_UNICAST, oif, via)); err != nil || a != netip.MustParseAddr("192.168.1.1") {
		t.Errorf("%v, %v", a, err)
	}
	refused := netlink(syscall.NLMSG_ERROR, binary.NativeEndian.AppendUint32(nil, ^uint32(syscall.ENETUNREACH)+1))
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"point to point":     {answer(syscall.RTN_UNICAST, oif), errNoGateway},
		"a black hole":       {answer(syscall.RTN_BLACKHOLE, oif, via), errNoGateway},
		"no way":             {refused, syscall.ENETUNREACH},
		"nothing":            {nil, errMalformed},
		"half an error":      {netlink(syscall.NLMSG_ERROR, []byte{1}), errMalformed},
		"half a route":       {netlink(syscall.RTM_NEWROUTE, []byte{1}), errMalformed},
		"a broken attribute": {answer(syscall.RTN_UNICAST, []byte{2, 0, 5, 0}), errMalformed},
	} {
		if a, err := parseGateway(c.b); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
}

// What is asked is what the kernel understands, on any machine that has a network.
func TestTheKernelIsAskedForTheGateway(t *testing.T) {
	for _, f := range addr.Families() {
		if a, err := Gateway(f, ""); errors.Is(err, syscall.EINVAL) || errors.Is(err, errMalformed) || err == nil && !f.Holds(a) {
			t.Errorf("%v: %v, %v", f, a, err)
		}
	}
	if _, err := Gateway(addr.IPv4, "nowhere0"); err == nil {
		t.Error("an interface that is not there has a gateway")
	}
}

func FuzzKernel(f *testing.F) {
	f.Add(ofAddress(syscall.RTM_NEWADDR, 2, "2a02:8070:1::7", 0x100, 3600))
	f.Add(ofLink(syscall.RTM_NEWLINK, 2, syscall.IFF_UP))
	f.Add(netlink(syscall.RTM_NEWROUTE, append(make([]byte, 12), appendAttribute(nil, syscall.RTA_GATEWAY, []byte{192, 168, 1, 1})...)))
	f.Fuzz(func(_ *testing.T, b []byte) {
		isRelevant(b, networkState{})
		_, _ = parseGateway(b)
	})
}

func TestTheKernelIsReadInProportion(t *testing.T) {
	last := networkState{addrs: map[ifaceKey]bool{{2, netip.MustParseAddr("2a02:8070:1::7")}: true}}
	scaletest.Linear(t, "messages", 100, func(n int) func() {
		var b []byte
		for range n {
			b = append(b, ofAddress(syscall.RTM_NEWADDR, 2, "2a02:8070:1::7", 0x100, 3600)...)
		}
		return func() {
			for range 20 {
				isRelevant(b, last)
			}
		}
	})
}
