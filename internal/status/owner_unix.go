//go:build unix

package status

import (
	"io/fs"
	"syscall"
)

// OwnerOf is the user and the group a file belongs to, where files belong to
// somebody.
func OwnerOf(info fs.FileInfo) (uid, gid int, ok bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(s.Uid), int(s.Gid), true
}
