package detect

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
)

// attr is an attribute of a message, padded as the kernel pads.
func attr(kind uint16, value []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), value...)
	return append(b, make([]byte, (4-len(b)%4)%4)...)
}

func word(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }

func octets(ip string) []byte { return netip.MustParseAddr(ip).AsSlice() }

// message is a message of netlink with the sequence number 1.
func message(kind, flags uint16, body []byte) []byte {
	b := word(uint32(16 + len(body)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, flags)
	return slices.Concat(b, word(1), word(0), body)
}

// newAddr is the message about an address of the interface with this index.
func newAddr(flags byte, index uint32, attrs ...[]byte) []byte {
	body := slices.Concat([]byte{syscall.AF_INET6, 64, flags, 0}, word(index), slices.Concat(attrs...))
	return message(syscall.RTM_NEWADDR, syscall.NLM_F_MULTI, body)
}

func done() []byte { return message(syscall.NLMSG_DONE, syscall.NLM_F_MULTI, word(0)) }

const forever = 1<<32 - 1

func lifetimes(preferred, valid uint32) []byte {
	return attr(syscall.IFA_CACHEINFO, slices.Concat(word(preferred), word(valid), word(0), word(0)))
}

func TestTheFlagsOfAnAddressDecide(t *testing.T) {
	const six, four = "2a00:1450::1", "8.8.4.4"
	for _, c := range []struct {
		name  string
		ip    string
		flags byte
		attrs [][]byte
		want  ifaceAddr
	}{
		{"permanent", six, 0x80, nil, ifaceAddr{}},
		{"temporary", six, 0x01, nil, ifaceAddr{temporary: true}},
		{"secondary", four, 0x01, nil, ifaceAddr{}},
		{"tentative", six, 0x40, nil, ifaceAddr{unusable: "tentative"}},
		{"optimistic", six, 0x04, nil, ifaceAddr{unusable: "tentative"}},
		{"failed", six, 0x08, nil, ifaceAddr{unusable: "dadfailed"}},
		{"failed, and not settled", six, 0x48, nil, ifaceAddr{unusable: "dadfailed"}},
		{"deprecated", six, 0x20, nil, ifaceAddr{unusable: "deprecated"}},
		{"deprecated", four, 0x20, nil, ifaceAddr{unusable: "deprecated"}},
		{"temporary and deprecated", six, 0x21, nil, ifaceAddr{temporary: true, unusable: "deprecated"}},
		{"flags nobody knows", six, 0x80, [][]byte{attr(ifaFlags, word(0xfffff700))}, ifaceAddr{}},
		{"the long flags say more", six, 0x80, [][]byte{attr(ifaFlags, word(0xe1))}, ifaceAddr{temporary: true, unusable: "tentative"}},
		{"the long flags count", six, 0x21, [][]byte{attr(ifaFlags, word(0x380))}, ifaceAddr{}},
		{"no preferred time left", six, 0, [][]byte{lifetimes(0, 100)}, ifaceAddr{unusable: "deprecated"}},
		{"no time left", six, 0, [][]byte{lifetimes(0, 0)}, ifaceAddr{unusable: "deprecated"}},
		{"time left", six, 0, [][]byte{lifetimes(1, 1)}, ifaceAddr{}},
		{"for ever", four, 0x80, [][]byte{lifetimes(forever, forever)}, ifaceAddr{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := addr.IPv6
			if c.ip == four {
				f = addr.IPv4
			}
			attrs := append([][]byte{attr(syscall.IFA_ADDRESS, octets(c.ip))}, c.attrs...)
			all, err := parseAddressDump(append(newAddr(c.flags, 7, attrs...), done()...))
			found := filterFamily(all[7], f)
			if err != nil || len(found) != 1 {
				t.Fatalf("found %v, %v", found, err)
			}
			got := found[0]
			if got.ip.String() != c.ip || got.temporary != c.want.temporary ||
				(got.unusable == "") != (c.want.unusable == "") || !strings.Contains(got.unusable, c.want.unusable) {
				t.Errorf("it is %+v", got)
			}
		})
	}
}

func TestADumpIsReadForOneInterfaceAndFamily(t *testing.T) {
	dump := slices.Concat(
		newAddr(0, 7, attr(syscall.IFA_ADDRESS, octets("2a00:1450::1"))),
		newAddr(0, 8, attr(syscall.IFA_ADDRESS, octets("2a00:1450::8"))),
		newAddr(0, 7, attr(syscall.IFA_ADDRESS, octets("8.8.4.4")), attr(syscall.IFA_LABEL, []byte("eth0\x00"))),
		message(syscall.RTM_NEWLINK, 0, word(7)),
		newAddr(0, 7), // 0.0.0.0 is left out
		// from point to point: the address of the other end, then ours
		newAddr(0, 7, attr(syscall.IFA_ADDRESS, octets("8.8.8.8")), attr(syscall.IFA_LOCAL, octets("8.8.4.5"))),
		done(),
	)
	for f, want := range map[addr.Family]string{addr.IPv4: "8.8.4.4 8.8.4.5", addr.IPv6: "2a00:1450::1"} {
		all, err := parseAddressDump(dump)
		found := filterFamily(all[7], f)
		var got []string
		for _, a := range found {
			got = append(got, a.ip.String())
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: found %v, %v", f, got, err)
		}
	}
}

func TestADumpThatMayLackAddressesIsNone(t *testing.T) {
	whole := newAddr(0, 7, attr(syscall.IFA_ADDRESS, octets("2a00:1450::1")))
	for name, dump := range map[string][]byte{
		"marked at its end":     append(slices.Clone(whole), message(syscall.NLMSG_DONE, dumpInterrupt, word(0))...),
		"marked at its address": message(syscall.RTM_NEWADDR, dumpInterrupt, whole[16:]),
	} {
		if found, err := parseAddressDump(dump); !errors.Is(err, errListChanged) || found != nil {
			t.Errorf("%s: found %v, %v", name, found, err)
		}
	}
	for name, dump := range map[string][]byte{
		"an empty address":   newAddr(0, 7, attr(syscall.IFA_ADDRESS, nil)),
		"a short address":    newAddr(0, 7, attr(syscall.IFA_ADDRESS, []byte{1, 2, 3})),
		"cut off":            message(syscall.RTM_NEWADDR, 0, []byte{10, 64, 0}),
		"too long attribute": newAddr(0, 7, []byte{255, 255, 1, 0}),
		"too short one":      newAddr(0, 7, []byte{3, 0, 1, 0}),
	} {
		if found, err := parseAddressDump(dump); err == nil || found != nil {
			t.Errorf("%s: found %v, %v", name, found, err)
		}
	}
}

func TestTheKernelIsAsked(t *testing.T) {
	i, err := net.InterfaceByName(loopbackName(t))
	if err != nil {
		t.Fatal(err)
	}
	found, err := interfaceAddrs(i, addr.IPv4)
	own := ifaceAddr{ip: netip.MustParseAddr("127.0.0.1"), bits: 8}
	if err != nil || !slices.Contains(found, own) {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestTheNameOfAnInterfaceIsOneTheKernelTakes(t *testing.T) {
	for _, name := range []string{"eth0", "wg-home", "br-0123456789ab", "enp3s0.7", "ёлка"} {
		if _, err := Interface(want6, name, Stable, 0); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for name, says := range map[string]string{
		"":                 "missing",
		"0123456789abcdef": "more than 15 bytes",
		"../eth0":          "no slash",
		"..":               "no slash",
		"eth0 ":            "blank",
		"eth0\n":           "blank",
		"eth0:1":           "colon",
	} {
		if _, err := Interface(want6, name, Stable, 0); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", name, err)
		}
		if err := CheckInterface(name); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Whatever bytes come, nothing panics, and what is found is an address of the
// family that stands in them.
func FuzzDump(f *testing.F) {
	f.Add(slices.Concat(newAddr(0x80, 7, attr(syscall.IFA_ADDRESS, octets("2a00:1450::1")), lifetimes(forever, forever), attr(ifaFlags, word(0x380))), done()))
	f.Add(slices.Concat(newAddr(0, 7, attr(syscall.IFA_ADDRESS, octets("8.8.8.8")), attr(syscall.IFA_LOCAL, octets("8.8.4.4")), attr(syscall.IFA_LABEL, []byte("eth0\x00"))), done()))
	f.Add(newAddr(0, 7, []byte{5, 0, 1, 0, 9})) // an attribute that is not padded
	f.Add(done())
	f.Fuzz(func(t *testing.T, dump []byte) {
		for n := range 20 {
			family, index := addr.Families()[n%2], n/2
			all, err := parseAddressDump(dump)
			found := filterFamily(all[index], family)
			if err != nil && found != nil {
				t.Errorf("%v is found in spite of %v", found, err)
			}
			for _, a := range found {
				if a.ip.BitLen() != family.Bits() || !strings.Contains(string(dump), string(a.ip.AsSlice())) {
					t.Errorf("%s is found", a.ip)
				}
			}
		}
	})
}
