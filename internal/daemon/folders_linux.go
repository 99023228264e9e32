package daemon

import (
	"context"
	"encoding/binary"
	"os"
	"syscall"
)

// What is heard of a folder: that an entry is another one, and that the folder
// itself is gone. inotify(7).
const (
	entryChanged = syscall.IN_CREATE | syscall.IN_MODIFY | syscall.IN_ATTRIB | syscall.IN_CLOSE_WRITE | syscall.IN_MOVED_FROM | syscall.IN_MOVED_TO | syscall.IN_DELETE
	folderGone   = syscall.IN_DELETE_SELF | syscall.IN_MOVE_SELF | syscall.IN_UNMOUNT | syscall.IN_IGNORED
)

// watchFolders tells when something changed in these folders, and whether one of
// them is gone, until ctx is done; all reports whether each of them is watched.
// It asks the kernel itself: fsnotify keeps 128 KiB for what it reads.
func watchFolders(ctx context.Context, folders []string) (heard <-chan bool, all bool) {
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err != nil {
		return nil, false
	}
	all = true
	for _, folder := range folders {
		_, err := syscall.InotifyAddWatch(fd, folder, entryChanged|folderGone&^syscall.IN_IGNORED)
		all = all && err == nil
	}
	events := os.NewFile(uintptr(fd), "inotify")
	context.AfterFunc(ctx, func() { _ = events.Close() })
	gone := make(chan bool)
	go func() {
		defer close(gone)
		buffer := make([]byte, 4096)
		for {
			n, err := events.Read(buffer)
			if err != nil {
				return
			}
			select {
			case gone <- folderWasDeleted(buffer[:n]):
			case <-ctx.Done():
				return
			}
		}
	}()
	return gone, all
}

// folderWasDeleted reports whether one of these events says that a folder is gone.
func folderWasDeleted(events []byte) bool {
	for len(events) >= syscall.SizeofInotifyEvent {
		if binary.NativeEndian.Uint32(events[4:])&folderGone != 0 {
			return true
		}
		name := int(binary.NativeEndian.Uint32(events[12:]))
		events = events[min(len(events), syscall.SizeofInotifyEvent+name):]
	}
	return false
}
