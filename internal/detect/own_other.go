//go:build !linux

package detect

import "net"

func isTunnel(name string) bool { return namedAsTunnel(name) }

func isPair(net.Interface) bool { return false }
