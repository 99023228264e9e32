package app

import (
	"os"
	"path/filepath"
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

// homing.yaml is found in the state folder of what is shipped: the unit of the
// packages has systemd name one, and compose.yaml mounts the one of the image.
func TestHomingYAMLIsFoundInTheStateFolderOfWhatIsShipped(t *testing.T) {
	for file, line := range map[string]string{"systemd/homing.service": "\nStateDirectory=homing\n", "Dockerfile": "HOMING_STATE=/state", "compose.yaml": "- state:/state ", "compose.bridge.yaml": "- state:/state\n"} {
		if b, err := os.ReadFile("../../deploy/" + file); err != nil || !strings.Contains(string(b), line) {
			t.Errorf("deploy/%s has no %q: %v", file, line, err)
		}
	}
	t.Chdir(t.TempDir())
	for _, variable := range []string{"STATE_DIRECTORY", "HOMING_STATE"} {
		folder := t.TempDir()
		s := &Settings{Getenv: func(name string) string { return map[string]string{variable: folder}[name] }}
		if err := os.WriteFile(filepath.Join(folder, "homing.yaml"), []byte("record_defaults: {ttl: 77}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		d := config.FromFile(s.Input())
		if e, ok := d.Get("record_defaults.ttl"); !ok || e.Text != "77" || len(d.Problems) > 0 {
			t.Errorf("%s: %+v", variable, d)
		}
	}
}
