package app

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"syscall"
)

// networkSeen asks the kernel for the interfaces of this network, which needs no
// mounted /sys, and looks who else has sockets in it.
func networkSeen() (n networkFacts) {
	rib, err := syscall.NetlinkRIB(syscall.RTM_GETLINK, syscall.AF_UNSPEC)
	if err != nil {
		return n
	}
	links, err := syscall.ParseNetlinkMessage(rib)
	if err != nil {
		return n
	}
	for _, l := range links {
		if l.Header.Type != syscall.RTM_NEWLINK || len(l.Data) < syscall.SizeofIfInfomsg {
			continue
		}
		n.known = true
		if flags := binary.NativeEndian.Uint32(l.Data[8:]); flags&syscall.IFF_LOOPBACK == 0 {
			n.kinds = append(n.kinds, kindOf(l))
		}
	}
	sockets, _ := os.ReadFile("/proc/net/unix") // of this network, whoever's files they are
	for _, name := range []string{"/run/systemd/", "/docker.sock", "/containerd.sock", "/podman.sock", "/crio.sock"} {
		n.manager = n.manager || bytes.Contains(sockets, []byte(name))
	}
	return n
}

// Attributes that package syscall has no names for: linux/if_link.h.
const (
	iflaLinkinfo = 18
	iflaInfoKind = 1
	nested       = 0x8000 // a flag beside the type
)

// kindOf is the kind of an interface; empty where it has none.
func kindOf(link syscall.NetlinkMessage) string {
	attrs, _ := syscall.ParseNetlinkRouteAttr(&link)
	for _, a := range attrs {
		if a.Attr.Type&^nested != iflaLinkinfo {
			continue
		}
		for b := a.Value; len(b) >= 4; {
			length := int(binary.NativeEndian.Uint16(b))
			if length < 4 || length > len(b) {
				break
			}
			if binary.NativeEndian.Uint16(b[2:])&^nested == iflaInfoKind {
				return strings.TrimRight(string(b[4:length]), "\x00")
			}
			b = b[min(len(b), (length+3)&^3):]
		}
	}
	return ""
}

// passes reports whether a folder is no mount of its own, so that what is kept
// there goes with the container.
func passes(folder string) bool {
	var here, root syscall.Stat_t
	return syscall.Stat(folder, &here) == nil && syscall.Stat("/", &root) == nil && here.Dev == root.Dev
}
