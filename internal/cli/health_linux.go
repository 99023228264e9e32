package cli

import (
	"fmt"
	"net"
	"os"
)

// healthName is the socket on which a daemon that serves nothing answers a
// healthcheck, and only that. It is an abstract one, which needs no folder that
// can be written to. Such names hold for a whole network; containers that share
// the machine's are told apart by their PID namespace.
func healthName(env Env) (string, error) {
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return "", fmt.Errorf("tell this container from others: %w", err)
	}
	return "@homing-health-" + space + env.Health, nil
}

func listenForHealth(env Env) (net.Listener, error) {
	name, err := healthName(env)
	if err != nil {
		return nil, err
	}
	return net.Listen("unix", name)
}
