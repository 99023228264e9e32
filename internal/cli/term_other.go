//go:build !windows

package cli

import "io"

// coloured: a terminal understands colours.
func coloured(io.Writer) bool { return true }
