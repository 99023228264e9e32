package web

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/homing-dns/homing/internal/text"
)

// ListenError is why nobody can come in, and what to do about it.
type ListenError struct {
	Spec string
	Hint text.Hint
	Err  error
}

func (e *ListenError) Error() string { return fmt.Sprintf("listen on %s: %v", e.Spec, e.Err) }
func (e *ListenError) Unwrap() error { return e.Err }

// Listen opens "host:port" or "unix:/path". The socket of a path is for its
// owner alone (mode 0600); one that a dead process left behind is replaced.
// Every error is a *ListenError.
func Listen(spec string) (net.Listener, error) {
	if path, ok := strings.CutPrefix(spec, "unix:"); ok {
		l, err := listenUnix(path)
		if err != nil {
			return nil, &ListenError{spec, hint(err, "give it a path in a folder that exists and that homing may write to"), err}
		}
		return l, nil
	}
	l, err := net.Listen("tcp", spec)
	if err != nil {
		return nil, &ListenError{spec, hint(err, "write an address of this machine and a port, such as 127.0.0.1:8245"), err}
	}
	return l, nil
}

// CheckSpec says, without opening anything, whether spec can be listened on.
func CheckSpec(spec string) error {
	if path, ok := strings.CutPrefix(spec, "unix:"); ok {
		if path == "" {
			return errors.New("the path of the socket is missing")
		}
		return nil
	}
	_, port, err := net.SplitHostPort(spec)
	if err != nil {
		return errors.New("write an address and a port, such as 127.0.0.1:8245, or unix:/path, or off")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%q is no port", port)
	}
	return nil
}

// Windows has numbers of its own for sockets (winsock2.h); the names that Go
// gives to the usual ones are none that it ever answers with.
const (
	wsaAccess = syscall.Errno(10013) // WSAEACCES
	wsaInUse  = syscall.Errno(10048) // WSAEADDRINUSE
)

func hint(err error, otherwise text.Hint) text.Hint {
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, wsaInUse):
		return "another program listens there already, perhaps another homing; set {serve.listen} to another one, or to off"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, wsaAccess):
		return "homing may not listen there; set {serve.listen} to a port from 1024"
	}
	return otherwise
}

// alive is how long a living process has to take a connection on its socket.
const alive = time.Second

func listenUnix(path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil {
		if info.Mode()&fs.ModeSocket == 0 {
			return nil, errors.New("there is a file of that name, and it is no socket")
		}
		if c, err := net.DialTimeout("unix", path, alive); err == nil {
			_ = c.Close()
			return nil, &os.SyscallError{Syscall: "bind", Err: syscall.EADDRINUSE}
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("remove the socket of a process that is gone: %w", err)
		}
	}
	l, err := bindPrivate(path)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// bindPrivate makes the socket in a folder nobody else can enter, so that at no
// moment it is open to others, and moves it to its place.
func bindPrivate(path string) (net.Listener, error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".homing-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	made := filepath.Join(dir, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: made, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(made, 0o600), os.Rename(made, path)); err != nil {
		_ = l.Close()
		return nil, err
	}
	return &unixListener{l, path}, nil
}

// unixListener takes its socket away when it closes.
type unixListener struct {
	net.Listener
	path string
}

func (l *unixListener) Close() error {
	err := l.Listener.Close()
	if gone := os.Remove(l.path); err == nil && !errors.Is(gone, fs.ErrNotExist) {
		err = gone
	}
	return err
}
