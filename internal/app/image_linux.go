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

// passes reports whether what is kept in a folder goes with the container: where it
// is no mount of its own, or one that is in memory. What cannot be seen is not said.
func passes(folder string) bool {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	return err == nil && passesIn(string(mounts), folder)
}

// passesIn is passes by what proc_pid_mountinfo(5) says: each line has the place of a
// mount as its fifth field, and the kind of its files behind a lone hyphen. Of several
// mounts in one place the last counts.
func passesIn(mounts, folder string) bool {
	longest, passing := 0, false
	for line := range strings.Lines(mounts) {
		before, after, _ := strings.Cut(line, " - ")
		fields, kind := strings.Fields(before), strings.Fields(after)
		if len(fields) < 5 || len(kind) == 0 {
			continue
		}
		at := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(fields[4])
		if inside := folder == at || strings.HasPrefix(folder, strings.TrimSuffix(at, "/")+"/"); inside && len(at) >= longest {
			longest, passing = len(at), at == "/" || kind[0] == "tmpfs" || kind[0] == "ramfs"
		}
	}
	return passing
}
