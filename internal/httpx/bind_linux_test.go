package httpx

import (
	"errors"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

func TestAnInterfaceIsBoundForBothFamiliesAndProtocols(t *testing.T) {
	b := mustBind(t, loopback(t))
	at4 := listener(t, "tcp4", "127.0.0.1:0").Addr().String()
	at6 := listener(t, "tcp6", "[::1]:0").Addr().String()
	for _, c := range []struct{ network, to, from string }{
		{"tcp", at4, "127.0.0.1"}, {"tcp4", at4, "127.0.0.1"}, {"udp", at4, "127.0.0.1"}, {"udp4", at4, "127.0.0.1"},
		{"tcp", at6, "::1"}, {"tcp6", at6, "::1"}, {"udp", at6, "::1"}, {"udp6", at6, "::1"},
	} {
		if from, err := dial(t, b, c.network, c.to); from.String() != c.from {
			t.Errorf("%s leaves from %s, %v", c.network, from, err)
		}
	}
}

func TestAnInterfaceThatIsGoneIsNamedAndNoOtherTaken(t *testing.T) {
	l := listener(t, "tcp4", "127.0.0.1:0")
	for _, network := range []string{"tcp", "tcp4", "udp4"} {
		from, err := dial(t, Bind{iface: "gone0"}, network, l.Addr().String())
		missing, ok := errors.AsType[*NoInterface](err)
		if !ok || missing.Name != "gone0" || !strings.Contains(err.Error(), "connect from gone0") {
			t.Errorf("%s leaves from %s, %v", network, from, err)
		}
	}
}

// The client that detection and the API use takes it as it is.
func TestAClientIsBound(t *testing.T) {
	s := serve(t, nil)
	c := New(Options{Dial: Bind{iface: "gone0"}.Dial})
	resp, err := get(t, c, s.URL)
	if _, ok := errors.AsType[*NoInterface](err); !ok {
		t.Errorf("got %v, %v", resp, err)
	}
}

func TestBindingNeedsNoPrivilege(t *testing.T) {
	b := mustBind(t, loopback(t))
	to := listener(t, "tcp4", "127.0.0.1:0").Addr().String()
	unprivileged(t, func() {
		if from, err := dial(t, b, "tcp4", to); err != nil {
			t.Errorf("it leaves from %s, %v", from, err)
		}
	})
}

// What the kernel does with every socket before Linux 5.7 it still does with
// one that is bound already.
func TestWhoMayNotBindIsToldWhatWouldHelp(t *testing.T) {
	lo := loopback(t)
	unprivileged(t, func() {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer syscall.Close(fd)
		if err := bindSocket(uintptr(fd), lo, false); err != nil {
			t.Error(err)
		}
		err = bindSocket(uintptr(fd), lo, false)
		if !errors.Is(err, syscall.EPERM) || !strings.Contains(err.Error(), "CAP_NET_RAW") || !strings.Contains(err.Error(), "source address") {
			t.Errorf("got %v", err)
		}
	})
}

// unprivileged runs f on a thread without any capability. The thread ends with
// it: nothing else ever runs there.
func unprivileged(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		header := struct{ version, pid uint32 }{version: 0x20080522} // _LINUX_CAPABILITY_VERSION_3
		var none [2]struct{ effective, permitted, inheritable uint32 }
		_, _, errno := syscall.RawSyscall(syscall.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none)), 0)
		if errno != 0 {
			t.Errorf("drop the capabilities: %v", errno)
			return
		}
		f()
	}()
	<-done
}
