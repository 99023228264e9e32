//go:build !linux

package detect

import "net"

func isTunnel(name string) bool { return hasTunnelName(name) }

func isVethPair(net.Interface) bool { return false }
