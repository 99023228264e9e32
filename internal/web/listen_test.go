package web

import (
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
)

func TestWhyNobodyCanComeInIsToldOnEachSystem(t *testing.T) {
	for err, want := range map[error]string{
		syscall.EADDRINUSE:   "another program listens there",
		syscall.Errno(10048): "another program listens there",
		fs.ErrPermission:     "a port from 1024",
		syscall.Errno(10013): "a port from 1024",
		syscall.EINVAL:       "otherwise",
	} {
		if got := hint(fmt.Errorf("bind: %w", err), "otherwise"); !strings.Contains(got.String(), want) {
			t.Errorf("%v: %s", err, got)
		}
	}
}

func TestASpecIsCheckedWithoutListening(t *testing.T) {
	for spec, fine := range map[string]bool{"127.0.0.1:8245": true, ":80": true, "[::1]:0": true, "host:65535": true, "unix:/run/homing": true,
		"8245": false, "127.0.0.1": false, "127.0.0.1:http": false, "127.0.0.1:65536": false, "unix:": false, "": false} {
		if err := CheckSpec(spec); (err == nil) != fine {
			t.Errorf("%q: %v", spec, err)
		}
	}
}
