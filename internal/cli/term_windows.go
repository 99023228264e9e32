package cli

import (
	"io"
	"os"
	"syscall"
)

// coloured makes the console of w understand colours and reports whether it does.
// Consoles of Windows print the codes as they are until a program asks for
// ENABLE_VIRTUAL_TERMINAL_PROCESSING (Microsoft, "SetConsoleMode function").
func coloured(w io.Writer) bool {
	const understandsCodes = 0x4
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	var mode uint32
	if err := syscall.GetConsoleMode(syscall.Handle(f.Fd()), &mode); err != nil {
		return false
	}
	if mode&understandsCodes != 0 {
		return true
	}
	set, _, _ := syscall.NewLazyDLL("kernel32.dll").NewProc("SetConsoleMode").Call(f.Fd(), uintptr(mode|understandsCodes))
	return set != 0
}
