package httpx

import (
	"errors"
	"fmt"
	"syscall"
)

// bindSocket sets SO_BINDTODEVICE (socket(7)), which is the same for both
// families. Since Linux 5.7 it needs no privilege on a socket that is not bound
// yet (commit c427bfec18f2, 2020).
func bindSocket(fd uintptr, iface string, _ bool) error {
	err := syscall.BindToDevice(int(fd), iface)
	switch {
	case errors.Is(err, syscall.EPERM):
		return fmt.Errorf("%w: before Linux 5.7 only CAP_NET_RAW lets a program bind to an interface; "+
			"give homing that, or name a source address instead", err)
	case errors.Is(err, syscall.ENODEV):
		if _, missing := FindInterface(iface); missing != nil {
			return missing
		}
	}
	return err
}
