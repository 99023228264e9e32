package daemon

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// initPID is the process that inherits orphans, as homing is in a container.
const initPID = 1

// reapOrphans lets go of processes that have ended and whose parents, commands
// of exec: or a hook, ended before them. The first process of a container is
// their heir, and until it asks how they ended each of them stays in its table.
//
// Those that os/exec has started are left to it: they lead a process group of
// their own (both kinds are made so) in this process's session.
func reapOrphans() {
	own := os.Getpid()
	if own != initPID {
		return
	}
	self, _ := readProcStat("self")
	entries, _ := filepath.Glob("/proc/[0-9]*")
	for _, e := range entries {
		pid, _ := strconv.Atoi(filepath.Base(e))
		p, ok := readProcStat(filepath.Base(e))
		if ok && p.state == 'Z' && p.parent == own && !(p.group == pid && p.session == self.session) {
			_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
		}
	}
}

// procStat is what /proc/PID/stat says of a process (proc(5)).
type procStat struct {
	state                  byte
	parent, group, session int
}

func readProcStat(pid string) (s procStat, ok bool) {
	b, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return s, false
	}
	b = b[bytes.LastIndexByte(b, ')')+1:] // its name may hold anything
	_, err = fmt.Sscanf(string(b), " %c %d %d %d", &s.state, &s.parent, &s.group, &s.session)
	return s, err == nil
}
