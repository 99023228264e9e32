package cli

import (
	"fmt"
	"hash/fnv"
	"net"
	"os"
	"syscall"
)

// healthName is the socket on which a daemon that serves nothing answers a
// healthcheck, and only that. It is an abstract one, which needs no folder that
// can be written to. Such names hold for a whole network; containers that share
// the machine's are told apart by their PID namespace.
func healthName(env Env, state string) (string, error) {
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return "", fmt.Errorf("tell this container from others: %w", err)
	}
	name := "@homing-health-" + space + env.Health
	if state != "" { // two daemons of one machine have folders of their own
		h := fnv.New64a()
		_, _ = h.Write([]byte(state)) // a hash takes everything
		name += fmt.Sprintf("-%x", h.Sum64())
	}
	return name, nil
}

// isOurs reports why the process at the other end of a socket is not to be
// believed: it is another user's, and not root's. Root asks for any user, and
// then it must be this very program.
func isOurs(c net.Conn) error {
	raw, err := c.(*net.UnixConn).SyscallConn()
	if err != nil {
		return err
	}
	var peer *syscall.Ucred
	var refused error
	if err := raw.Control(func(fd uintptr) {
		peer, refused = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	me := os.Getuid()
	if int(peer.Uid) == me || peer.Uid == 0 {
		return nil
	}
	here, err := os.Stat("/proc/self/exe")
	there, gone := os.Stat(fmt.Sprintf("/proc/%d/exe", peer.Pid))
	if me == 0 && err == nil && gone == nil && os.SameFile(here, there) {
		return nil
	}
	return fmt.Errorf("the process %d of the user %d answers there, and it is no homing of ours", peer.Pid, peer.Uid)
}

func listenForHealth(env Env, state string) (net.Listener, error) {
	name, err := healthName(env, state)
	if err != nil {
		return nil, err
	}
	return net.Listen("unix", name)
}
