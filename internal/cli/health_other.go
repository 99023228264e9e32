//go:build !linux

package cli

import (
	"errors"
	"net"
)

// healthName: elsewhere a daemon that serves nothing cannot be asked.
func healthName(Env) (string, error) {
	return "", errors.New("this system has no abstract sockets")
}

func listenForHealth(env Env) (net.Listener, error) {
	_, err := healthName(env)
	return nil, err
}
