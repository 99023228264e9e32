package app

import (
	"path/filepath"
	"strings"
)

// stateFolder is where state is kept that no setting gives a place: the first
// folder systemd gives (STATE_DIRECTORY; several have colons between them), or
// else the place the platform has for it. It is empty where there is none. Goos is runtime.GOOS,
// and root reports whether the process is the superuser's.
func stateFolder(getenv func(string) string, goos string, root bool) string {
	if first, _, _ := strings.Cut(getenv("STATE_DIRECTORY"), ":"); first != "" {
		return first
	}
	under := func(base string, parts ...string) string {
		if base == "" {
			return ""
		}
		return filepath.Join(append([]string{base}, parts...)...)
	}
	switch {
	case goos == "windows":
		return under(getenv("ProgramData"), "homing")
	case root:
		return folderOfTheSystem(goos)
	case goos == "darwin":
		return under(getenv("HOME"), "Library", "Application Support", "homing")
	}
	if base := getenv("XDG_STATE_HOME"); filepath.IsAbs(base) { // a relative one does not count, its specification says
		return under(base, "homing")
	}
	return under(getenv("HOME"), ".local", "state", "homing")
}

// folderOfTheSystem is where a daemon of the superuser keeps its state: see
// hier(7) of the BSDs, Apple's "File System Programming Guide" and the FHS.
func folderOfTheSystem(goos string) string {
	switch goos {
	case "darwin":
		return "/Library/Application Support/homing"
	case "freebsd", "openbsd":
		return "/var/db/homing"
	}
	return "/var/lib/homing"
}
