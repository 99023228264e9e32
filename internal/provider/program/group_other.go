//go:build !unix

package program

import "os/exec"

// killFunc kills the program. What it started may run on, but is not waited for.
func killFunc(cmd *exec.Cmd) func() error {
	return func() error { return cmd.Process.Kill() }
}
