package detect

import (
	"context"
	"net/netip"
	"syscall"
	"unsafe"

	"github.com/homing-dns/homing/internal/addr"
)

// Watch has the system call back when an address or a route changes
// (netioapi.h). The callback says nothing; what is so is read.
func (s System) Watch(ctx context.Context, ring func(what string)) error {
	told := make(chan struct{}, 1)
	// A process can have 2,000 callbacks; each reload of the settings takes one.
	callback := syscall.NewCallback(func(_, _, _ uintptr) uintptr { trySignal(told); return 0 })
	library := syscall.NewLazyDLL("iphlpapi.dll")
	cancel := library.NewProc("CancelMibChangeNotify2")
	if err := cancel.Find(); err != nil {
		return err
	}
	for _, name := range []string{"NotifyUnicastIpAddressChange", "NotifyRouteChange2"} {
		proc := library.NewProc(name)
		if err := proc.Find(); err != nil {
			return err
		}
		var handle uintptr
		if code, _, _ := proc.Call(syscall.AF_UNSPEC, callback, 0, 0, uintptr(unsafe.Pointer(&handle))); code != 0 {
			return syscall.Errno(code)
		}
		defer cancel.Call(handle)
	}
	return s.watchChanges(ctx, told, nil, ring)
}

// Gateway returns the machine that packets of IPv4 go to first on their way to the
// network. Which line is meant the system is not asked.
func Gateway(f addr.Family, _ string) (netip.Addr, error) {
	if f != addr.IPv4 {
		return netip.Addr{}, errNoGateway
	}
	best := syscall.NewLazyDLL("iphlpapi.dll").NewProc("GetBestRoute")
	if err := best.Find(); err != nil {
		return netip.Addr{}, err
	}
	to, row := internetAddr(f).As4(), [56]byte{}
	if code, _, _ := best.Call(uintptr(*(*uint32)(unsafe.Pointer(&to))), 0, uintptr(unsafe.Pointer(&row))); code != 0 {
		return netip.Addr{}, syscall.Errno(code)
	}
	return parseForwardRow(row[:])
}
