package detect

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

// ReportsClockChanges says that System rings when the clock was set, or the machine slept.
const ReportsClockChanges = true

// clockTimer is a timer of the kernel that never ends, and that is cancelled when the
// clock is set or the machine has slept (timerfd_create(2)).
type clockTimer struct{ *os.File }

// What package syscall lacks of linux/timerfd.h.
const (
	clockRealtime = 0
	timerAbsolute = 1 // TFD_TIMER_ABSTIME
	timerOnSet    = 2 // TFD_TIMER_CANCEL_ON_SET
)

func newClockTimer() (clockTimer, error) {
	fd, _, errno := syscall.Syscall(syscall.SYS_TIMERFD_CREATE, clockRealtime, syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errno != 0 {
		return clockTimer{}, errno
	}
	if err := armTimer(fd); err != nil {
		syscall.Close(int(fd))
		return clockTimer{}, err
	}
	return clockTimer{os.NewFile(fd, "timerfd")}, nil
}

// armTimer sets the timer to the last time that there is.
func armTimer(fd uintptr) error {
	var at struct{ interval, value syscall.Timespec }
	at.value.Sec = 1<<(8*unsafe.Sizeof(at.value.Sec)-1) - 1
	_, _, errno := syscall.Syscall6(syscall.SYS_TIMERFD_SETTIME, fd, timerAbsolute|timerOnSet, uintptr(unsafe.Pointer(&at)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// watch rings until the timer is closed, or ends after all.
func (c clockTimer) watch(ring func(what string)) {
	var b [8]byte
	for {
		if _, err := c.Read(b[:]); !errors.Is(err, syscall.ECANCELED) {
			return
		}
		ring("the machine has slept, or its clock was set")
		raw, err := c.SyscallConn()
		if err != nil {
			return
		}
		var failed error
		if err := raw.Control(func(fd uintptr) { failed = armTimer(fd) }); err != nil || failed != nil {
			return
		}
	}
}
