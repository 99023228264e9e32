//go:build !linux

package cli

import (
	"errors"
	"net"
)

// healthName: elsewhere a daemon that serves nothing cannot be asked.
func healthName() (string, error) {
	return "", errors.New("this system has no abstract sockets")
}

func listenForHealth() (net.Listener, error) {
	_, err := healthName()
	return nil, err
}
