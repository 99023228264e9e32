package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
)

// checkProgram tells of a command whose program is not there: it may come, with
// the disk it is on. A shell is refused that is not there, because none comes
// later, and so is what cannot be run because there are no programs at all.
func checkProgram(command string) error {
	if err := checkImage(command); err != nil {
		return err
	}
	err := detect.CheckProgram(command)
	missing, ok := errors.AsType[*detect.NoProgram](err)
	if ok && isShell(missing.Name) {
		return config.Hinted(missing.Error(), "install that shell, or write the command for one that is here")
	}
	return absent(err, "write its whole path, and see that it may be run")
}

func isShell(program string) bool {
	return slices.Contains([]string{"sh", "ash", "bash", "dash", "ksh", "mksh", "zsh", "fish", "busybox"}, filepath.Base(program))
}

// checkImage refuses a command that cannot be run because there are no programs
// here at all, as in homing's smallest image. A static one may have been put
// there all the same. Where there are programs it says nothing.
func checkImage(command string) error {
	words, err := detect.SplitCommand(command)
	if err != nil || len(words) == 0 || runtime.GOOS == "windows" || isThere("/bin/sh") {
		return nil
	}
	missing := words[0]
	if path, err := exec.LookPath(missing); err == nil {
		if missing = interpreter(path); missing == "" || isThere(missing) {
			return nil
		}
	}
	return config.Hinted(fmt.Sprintf("there is no %s: this image has no programs", missing),
		"take the image whose tag ends in -alpine, which has a shell; or mount a static program and write its whole path")
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// interpreter is the program a script is for; empty for what is no script.
func interpreter(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return "" // it may be run though not read
	}
	defer f.Close()
	line, _ := io.ReadAll(io.LimitReader(f, 256)) // the kernel reads no more
	line, _, _ = bytes.Cut(line, []byte("\n"))
	script, ok := strings.CutPrefix(string(line), "#!")
	if words := strings.Fields(script); ok && len(words) > 0 {
		return words[0]
	}
	return ""
}
