//go:build !unix

package program

import "os/exec"

// ending kills the program. What it started may run on, but is not waited for.
func ending(cmd *exec.Cmd) func() error {
	return func() error { return cmd.Process.Kill() }
}
