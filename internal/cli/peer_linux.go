package cli

import (
	"fmt"
	"net"
	"os"
	"syscall"
)

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
	return fmt.Errorf("process %d of user %d answers there, and it is not our homing", peer.Pid, peer.Uid)
}
