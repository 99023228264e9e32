//go:build unix

package program

import (
	"os/exec"
	"syscall"
)

// ending makes cmd the head of a process group, and kills all of that.
func ending(cmd *exec.Cmd) func() error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
