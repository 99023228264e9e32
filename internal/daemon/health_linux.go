package daemon

import (
	"fmt"
	"hash/fnv"
	"net"
	"os"
)

// HealthSocket is the socket on which a daemon that serves nothing answers a
// healthcheck, and only that. It is an abstract one, which needs no folder that
// can be written to. Such names hold for a whole network; containers that share
// the machine's are told apart by their PID namespace.
func HealthSocket(suffix, state string) (string, error) {
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return "", fmt.Errorf("tell this container from others: %w", err)
	}
	name := "@homing-health-" + space + suffix
	if state != "" { // two daemons of one machine have folders of their own
		h := fnv.New64a()
		_, _ = h.Write([]byte(state)) // a hash takes everything
		name += fmt.Sprintf("-%x", h.Sum64())
	}
	return name, nil
}

func listenForHealth(suffix, state string) (net.Listener, error) {
	name, err := HealthSocket(suffix, state)
	if err != nil {
		return nil, err
	}
	return net.Listen("unix", name)
}
