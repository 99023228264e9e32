//go:build unix

package config

import (
	"io/fs"
	"syscall"
)

// ownerOf is the uid a file belongs to.
func ownerOf(info fs.FileInfo) (uid uint32, ok bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return stat.Uid, true
}
