package status

import (
	"path/filepath"
	"strings"
)

// Folder is where state is kept: HOMING_STATE; else the first folder systemd
// gives (STATE_DIRECTORY; several have colons between them); else the place the
// platform has for it. It is empty where there is none. Goos is runtime.GOOS,
// and root says whether the process is the superuser's.
func Folder(getenv func(string) string, goos string, root bool) string {
	if f := getenv("HOMING_STATE"); f != "" {
		return f
	}
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
	case root && goos == "freebsd":
		return "/var/db/homing"
	case root:
		return "/var/lib/homing"
	case goos == "darwin":
		return under(getenv("HOME"), "Library", "Application Support", "homing")
	}
	if base := getenv("XDG_STATE_HOME"); filepath.IsAbs(base) { // a relative one does not count, its specification says
		return under(base, "homing")
	}
	return under(getenv("HOME"), ".local", "state", "homing")
}
