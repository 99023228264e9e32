package app

import (
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
)

func TestTheFolderOfTheStateFollowsThePlatform(t *testing.T) {
	for _, c := range []struct {
		env  string
		goos string
		root bool
		want string
	}{
		{"", "linux", true, "/var/lib/homing"},
		{"", "freebsd", true, "/var/db/homing"},
		{"", "openbsd", true, "/var/db/homing"},
		{"HOME=/var/root", "darwin", true, "/Library/Application Support/homing"},
		{"", "linux", false, ""},
		{"HOME=/home/a", "linux", false, "/home/a/.local/state/homing"},
		{"HOME=/home/a XDG_STATE_HOME=/s", "linux", false, "/s/homing"},
		{"HOME=/home/a XDG_STATE_HOME=s", "linux", false, "/home/a/.local/state/homing"},
		{"HOME=/Users/a", "darwin", false, "/Users/a/Library/Application Support/homing"},
		{"HOME=/root XDG_STATE_HOME=/s", "linux", true, "/var/lib/homing"},
		{"STATE_DIRECTORY=/var/lib/one:/var/lib/two", "linux", false, "/var/lib/one"},
		{"STATE_DIRECTORY=", "linux", true, "/var/lib/homing"},
		{"", "windows", false, ""},
		{"ProgramData=/pd", "windows", false, "/pd/homing"},
	} {
		getenv := func(key string) string {
			for kv := range strings.FieldsSeq(c.env) {
				if k, v, _ := strings.Cut(kv, "="); k == key {
					return v
				}
			}
			return ""
		}
		if got := stateFolder(getenv, c.goos, c.root); got != c.want {
			t.Errorf("%q on %s, root %v: %q, want %q", c.env, c.goos, c.root, got, c.want)
		}
	}
}

func TestAStateThatIsSetGoesFirst(t *testing.T) {
	s := Settings{Getenv: func(name string) string { return map[string]string{"STATE_DIRECTORY": "/var/lib/one"}[name] }}
	for state, want := range map[string]string{"/mine": "/mine", "": "/var/lib/one"} {
		if got := s.Folder(&config.Config{State: state}); got != want {
			t.Errorf("%q: %q", state, got)
		}
	}
}
