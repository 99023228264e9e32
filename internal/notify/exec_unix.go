//go:build unix

package notify

import (
	"os"
	"os/exec"
	"syscall"
)

// killProcessGroup makes the end of c's time the end of all it has started: they are
// one process group.
func killProcessGroup(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error {
		if err := syscall.Kill(-c.Process.Pid, syscall.SIGKILL); err != nil {
			return os.ErrProcessDone
		}
		return nil
	}
}
