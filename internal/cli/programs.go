package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
)

// checkProgram refuses a command that cannot be run because there are no
// programs here at all, as in homing's smallest image. A static one may have
// been put there all the same. Where there are programs it says nothing.
func checkProgram(command string) error {
	words, err := detect.Words(command)
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
