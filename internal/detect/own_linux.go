package detect

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// isTunnel asks the kernel, and goes by the name where it does not say: in a
// namespace without /sys, and for what is a tunnel to its program alone. A TAP
// device is none: it is how rootless containers reach their machine's network.
func isTunnel(name string) bool {
	const isTUN = 1 // IFF_TUN, linux/if_tun.h
	text := strings.TrimPrefix(strings.TrimSpace(readSysFile(name, "tun_flags")), "0x")
	if flags, err := strconv.ParseUint(text, 16, 32); err == nil {
		return flags&isTUN != 0 && !strings.HasPrefix(name, "clat") // 464XLAT's is a carrier's line
	}
	return strings.Contains(readSysFile(name, "uevent"), "DEVTYPE=wireguard") || hasTunnelName(name)
}

// isVethPair reports whether what i leads to is another interface (iflink), without a
// device of its own.
func isVethPair(i net.Interface) bool {
	link, err := strconv.Atoi(strings.TrimSpace(readSysFile(i.Name, "iflink")))
	_, device := os.Stat(sysPath(i.Name, "device"))
	return err == nil && link != 0 && link != i.Index && device != nil
}

func sysPath(name, file string) string { return filepath.Join("/sys/class/net", name, file) }

func readSysFile(name, file string) string {
	text, _ := os.ReadFile(sysPath(name, file)) // without it nothing is known
	return string(text)
}
