//go:build !linux

package daemon

import (
	"errors"
	"net"
)

// HealthSocket: elsewhere a daemon that serves nothing cannot be asked.
func HealthSocket(string, string) (string, error) {
	return "", errors.New("this system has no abstract sockets")
}

func listenForHealth(string, string) (net.Listener, error) { return nil, nil }
