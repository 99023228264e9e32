//go:build unix

package status

import "syscall"

// openFlags keep an open from following a link, and from waiting for whoever is
// at the other end of a FIFO.
const openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK | syscall.O_NOCTTY
