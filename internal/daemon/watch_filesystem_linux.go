package daemon

import "syscall"

// Kinds of file systems, all of whose changes pass through this kernel, which
// tells of them (statfs(2), inotify(7)). What others change at the other end of a
// network or of a virtual machine is not told.
const (
	btrfsMagic   = 0x9123683e
	extMagic     = 0xef53
	f2fsMagic    = 0xf2f52010
	overlayMagic = 0x794c7630
	tmpfsMagic   = 0x01021994
	xfsMagic     = 0x58465342
	zfsMagic     = 0x2fc12fc1
)

// reportsAllChanges reports whether the system tells of every change in a folder.
func reportsAllChanges(folder string) bool {
	var s syscall.Statfs_t
	if syscall.Statfs(folder, &s) != nil {
		return false
	}
	switch uint32(s.Type) {
	case btrfsMagic, extMagic, f2fsMagic, overlayMagic, tmpfsMagic, xfsMagic, zfsMagic:
		return true
	}
	return false
}
