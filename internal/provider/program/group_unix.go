//go:build unix

package program

import (
	"os/exec"
	"syscall"
)

// killFunc makes cmd the head of a process group, and kills all of that.
func killFunc(cmd *exec.Cmd) func() error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
