package config

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestHomingYAMLIsLookedForWhereTheSystemKeepsSettings(t *testing.T) {
	env := map[string]string{"HOME": "/h", "AppData": "/roaming", "ProgramData": "/pd"}
	for system, want := range map[string][]string{
		"":        {"homing.yaml", "/h/.config/homing/homing.yaml", "/etc/homing/homing.yaml", "/config/homing.yaml"},
		"linux":   {"homing.yaml", "/h/.config/homing/homing.yaml", "/etc/homing/homing.yaml", "/config/homing.yaml"},
		"openbsd": {"homing.yaml", "/h/.config/homing/homing.yaml", "/etc/homing/homing.yaml", "/config/homing.yaml"},
		"freebsd": {"homing.yaml", "/h/.config/homing/homing.yaml", "/usr/local/etc/homing/homing.yaml", "/etc/homing/homing.yaml", "/config/homing.yaml"},
		"darwin": {"homing.yaml", "/h/.config/homing/homing.yaml", "/h/Library/Application Support/homing/homing.yaml",
			"/Library/Application Support/homing/homing.yaml", "/etc/homing/homing.yaml", "/config/homing.yaml"},
		"windows": {"homing.yaml", "/roaming/homing/homing.yaml", "/pd/homing/homing.yaml"},
	} {
		in := input(env, nil)
		in.System = system
		if got := in.places(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", system, got, want)
		}
	}
	in := input(map[string]string{"HOME": "h", "AppData": ""}, nil)
	for _, in.System = range []string{"windows", "darwin"} {
		if got := in.places(); slices.ContainsFunc(got[1:], func(p string) bool { return !strings.HasPrefix(p, "/") }) {
			t.Errorf("%s without a home: %q", in.System, got)
		}
	}
}

func TestWhatEditorsOnWindowsAddToASecretIsLeftOut(t *testing.T) {
	cfg, err := load(map[string]string{"CLOUDFLARE_API_TOKEN_FILE": "/token", "DOMAINS": "a.example.org"}, files("/token", "\ufeffcanary\r\n"))
	if err != nil || cfg.Accounts[0].Text("token") != "canary" {
		t.Error(err)
	}
}

// Go says 0666 of every file on Windows that is not read-only.
func TestOnWindowsTheModeOfAFileSaysNothing(t *testing.T) {
	m := fstest.MapFS{"token": {Data: []byte("canary\n"), Mode: 0o666}, "homing.yaml": {Data: []byte("accounts: {default: {token: canary}}"), Mode: 0o666}}
	in := input(map[string]string{"CLOUDFLARE_API_TOKEN_FILE": "/token", "DOMAINS": "a.example.org"}, nil)
	in.Stat = func(p string) (fs.FileInfo, error) { return m.Stat(strings.TrimPrefix(p, "/")) }
	in.ReadFile = func(p string) ([]byte, error) { return m.ReadFile(strings.TrimPrefix(p, "/")) }
	for system, told := range map[string]bool{"windows": false, "linux": true, "darwin": true} {
		in.System = system
		cfg, err := Load(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(strings.Join(cfg.Notices, "\n"), "everybody on this machine may read it"); got != told {
			t.Errorf("%s: %q", system, cfg.Notices)
		}
	}

	in.System = "windows"
	reason, hint := in.Unreadable("/token", fs.ErrPermission)
	if reason != "it cannot be read" || hint != `let homing read it: icacls "/token" shows who may` {
		t.Errorf("%q, %q", reason, hint)
	}
}
