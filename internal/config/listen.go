package config

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// listenPath is the setting of where the page is served.
const listenPath = "serve.listen"

// defaultListen is what holds unless it is set.
const defaultListen = "127.0.0.1:8245"

// ListenAt is where address leads when below is what holds without it. An
// address alone, such as 0.0.0.0 or ::, says only on which address: the port is
// that of below, and what has none (off, unix:/path) stays as it is. Whatever
// else address says takes the place of below.
func ListenAt(address, below string) string {
	a, err := netip.ParseAddr(strings.Trim(address, "[]"))
	if err != nil {
		return address
	}
	_, port, err := net.SplitHostPort(below)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		return below
	}
	return net.JoinHostPort(a.String(), port)
}

// settleListen gives an address alone the port of what it was set against.
func (l *loader) settleListen() {
	v := l.said.at[listenPath]
	if v == nil || v.listed {
		return
	}
	text := defaultListen
	for _, e := range slices.Backward(v.lost) {
		text = ListenAt(e.Text, text)
	}
	at := ListenAt(v.text(), text)
	if len(v.lost) > 0 && at == text && at != v.text() {
		v.entries, v.lost = v.lost[:1:1], v.lost[1:] // it stays where it was
	}
	v.entries[0].Text = at
}
