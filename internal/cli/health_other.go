//go:build !linux

package cli

import (
	"errors"
	"net"
)

// healthName: elsewhere a daemon that serves nothing cannot be asked.
func healthName(Env, string) (string, error) {
	return "", errors.New("this system has no abstract sockets")
}

func isOurs(net.Conn) error { return nil }

func listenForHealth(Env, string) (net.Listener, error) { return nil, nil }
