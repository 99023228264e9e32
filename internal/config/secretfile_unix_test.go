//go:build unix

package config

import (
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

// disk is an Input whose files have modes and owners.
func disk(env map[string]string, m fstest.MapFS) *Input {
	in := input(env, nil)
	in.User = "uid 1000"
	in.Stat = func(p string) (fs.FileInfo, error) { return m.Stat(strings.TrimPrefix(p, "/")) }
	in.ReadFile = func(p string) ([]byte, error) {
		b, err := m.ReadFile(strings.TrimPrefix(p, "/"))
		if err == nil && m[strings.TrimPrefix(p, "/")].Mode.Perm()&0o444 == 0 {
			return nil, &fs.PathError{Op: "open", Path: p, Err: fs.ErrPermission}
		}
		return b, err
	}
	return in
}

func secretAt(mode fs.FileMode) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("canary\n"), Mode: mode, Sys: &syscall.Stat_t{Uid: 33}}
}

func TestASecretThatEverybodyMayReadIsToldOf(t *testing.T) {
	for name, tc := range map[string]struct {
		path string
		mode fs.FileMode
		more string // another file that is there
		told bool
	}{
		"open":                     {"/etc/token", 0o644, "", true},
		"closed":                   {"/etc/token", 0o640, "", false},
		"a secret of Docker":       {"/run/secrets/token", 0o444, "", false},
		"the same":                 {"/var/run/secrets/token", 0o444, "", false},
		"a folder of like name":    {"/run/secrets2/token", 0o444, "", true},
		"a volume of Kubernetes":   {"/etc/k/token", 0o644, "etc/k/..data", false},
		"a credential of systemd":  {"/cred/token", 0o444, "", false},
		"out of that folder again": {"/cred/../etc/token", 0o444, "", true},
	} {
		m := fstest.MapFS{strings.TrimPrefix(strings.Replace(tc.path, "cred/../", "", 1), "/"): secretAt(tc.mode)}
		if tc.more != "" {
			m[tc.more] = &fstest.MapFile{}
		}
		in := disk(map[string]string{"CLOUDFLARE_API_TOKEN_FILE": tc.path, "DOMAINS": "a.example.org", "CREDENTIALS_DIRECTORY": "/cred"}, m)
		stat, read := in.Stat, in.ReadFile
		in.Stat = func(p string) (fs.FileInfo, error) { return stat(strings.Replace(p, "cred/../", "", 1)) }
		in.ReadFile = func(p string) ([]byte, error) { return read(strings.Replace(p, "cred/../", "", 1)) }
		cfg, err := Load(in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if told := strings.Contains(strings.Join(cfg.Notices, "\n"), "everybody on this machine may read it"); told != tc.told {
			t.Errorf("%s: %q", name, cfg.Notices)
		}
	}
}

// Who may change a file may put a credential of their own there.
func TestASecretThatEverybodyMayChangeIsTold(t *testing.T) {
	for mode, may := range map[fs.FileMode]string{0o600: "", 0o620: "", 0o602: "may change it", 0o644: "may read it", 0o646: "may read it and change it"} {
		m := fstest.MapFS{"etc/token": secretAt(mode)}
		cfg, err := Load(disk(map[string]string{"CLOUDFLARE_API_TOKEN_FILE": "/etc/token", "DOMAINS": "a.example.org"}, m))
		if err != nil {
			t.Errorf("%o: %v", mode, err)
			continue
		}
		told := strings.Join(cfg.Notices, "\n")
		if may == "" && strings.Contains(told, "everybody") || !strings.Contains(told, may) {
			t.Errorf("%o: %q", mode, told)
		}
	}
}

func TestAFileOfSettingsWithASecretInItIsToldOfToo(t *testing.T) {
	for text, told := range map[string]bool{
		"accounts: {default: {token: canary}}":       true,
		"accounts: {default: {token: '${T}'}}":       false,
		"accounts: {default: {token_file: run/tok}}": false,
	} {
		m := fstest.MapFS{"homing.yaml": {Data: []byte(text + "\nrecords: [a.example.org]"), Mode: 0o644}, "run/tok": secretAt(0o600)}
		cfg, err := Load(disk(map[string]string{"T": "canary"}, m))
		switch {
		case err != nil:
			t.Errorf("%s: %v", text, err)
		case (len(cfg.Notices) > 0) != told:
			t.Errorf("%s: %q", text, cfg.Notices)
		}
	}
}

func TestAFileThatCannotBeReadNamesWhoCannotAndTheCure(t *testing.T) {
	env := map[string]string{"CLOUDFLARE_API_TOKEN_FILE": "/etc/token", "DOMAINS": "a.example.org"}
	for want, m := range map[string]fstest.MapFS{
		"it cannot be read by uid 1000: its mode is 0200 and it belongs to uid 33\n    → let uid 1000 read it: chown 1000 /etc/token": {"etc/token": secretAt(0o200)},
		"there is no such file\n    → check the path; in a container the file has to be mounted":                                      {},
		"the file is empty\n    → write the token into it":                                                                            {"etc/token": {Data: []byte(" \n"), Mode: 0o400}},
		"it is an env file, with CLOUDFLARE_API_TOKEN= in it":                                                                         {"etc/token": {Data: []byte("CLOUDFLARE_API_TOKEN=canary"), Mode: 0o400}},
	} {
		_, err := Load(disk(env, m))
		if err == nil || !strings.Contains(err.Error(), `CLOUDFLARE_API_TOKEN_FILE="/etc/token"`) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", want, err)
		}
	}
	old := map[string]string{"CF_API_TOKEN_FILE": "/etc/token", "DOMAINS": "a.example.org"}
	if _, err := Load(disk(old, fstest.MapFS{"etc/token": {Data: []byte("CF_API_TOKEN=canary"), Mode: 0o400}})); err == nil || !strings.Contains(err.Error(), "an env file, with CF_API_TOKEN= in it") {
		t.Errorf("an env file by its old name: %v", err)
	}
	env["CLOUDFLARE_API_TOKEN_FILE"] = "etc/token"
	if _, err := Load(disk(env, fstest.MapFS{})); err == nil || !strings.Contains(err.Error(), "does not begin at the root") {
		t.Errorf("a relative path that leads nowhere: %v", err)
	}
	cfg, err := Load(disk(env, fstest.MapFS{"etc/token": secretAt(0o400)}))
	if err != nil || cfg.Accounts[0].Text("token") != "canary" || !strings.Contains(strings.Join(cfg.Notices, "\n"), "write its whole path") {
		t.Errorf("a relative path: %v", err)
	}
}

func TestCredentialsOfSystemdAreFound(t *testing.T) {
	env := map[string]string{"CREDENTIALS_DIRECTORY": "/cred", "DOMAINS": "a.example.org"}
	for _, name := range []string{"CLOUDFLARE_API_TOKEN", "cloudflare_api_token"} {
		cfg, err := Load(disk(env, fstest.MapFS{"cred/" + name: secretAt(0o400)}))
		if err != nil || cfg.Accounts[0].Text("token") != "canary" || len(cfg.Files) != 1 || len(cfg.Notices) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := Load(disk(env, fstest.MapFS{"cred/cloudflare_api_token": {Data: []byte("\n"), Mode: 0o400}}))
	if err == nil || !strings.Contains(err.Error(), "it is not set") {
		t.Errorf("an empty one: %v", err)
	}
	env["CLOUDFLARE_API_TOKEN"] = "another"
	if cfg, err := Load(disk(env, fstest.MapFS{"cred/CLOUDFLARE_API_TOKEN": secretAt(0o400)})); err != nil || cfg.Accounts[0].Text("token") != "another" {
		t.Errorf("a variable that is set: %v", err)
	}
	delete(env, "CLOUDFLARE_API_TOKEN")
	if _, err := Load(disk(env, fstest.MapFS{"cred/CLOUDFLARE_API_TOKEN": secretAt(0o200)})); err == nil || !strings.Contains(err.Error(), "chown 1000 /cred/CLOUDFLARE_API_TOKEN") {
		t.Errorf("a credential that cannot be read: %v", err)
	}
}

func TestTheMarkOfWindowsEditorsIsNoPartOfASecret(t *testing.T) {
	env := map[string]string{"CLOUDFLARE_API_TOKEN_FILE": "/etc/token", "DOMAINS": "a.example.org"}
	cfg, err := Load(disk(env, fstest.MapFS{"etc/token": {Data: []byte("\ufeffcanary\r\n"), Mode: 0o400}}))
	if err != nil || cfg.Accounts[0].Text("token") != "canary" {
		t.Errorf("%v", err)
	}
}

// A folder that is closed is where sudo was called, more often than not.
func TestAFolderThatIsClosedIsNamedAsThat(t *testing.T) {
	in := disk(map[string]string{"DOMAINS": "a.example.org"}, fstest.MapFS{})
	denied := &fs.PathError{Op: "open", Path: "homing.yaml", Err: fs.ErrPermission}
	in.ReadFile = func(string) ([]byte, error) { return nil, denied }
	in.Stat = func(string) (fs.FileInfo, error) { return nil, denied }
	const want = "homing.yaml\n    whether it is there cannot be seen, because its folder is closed for uid 1000\n    → start homing in another folder"
	if _, err := Load(in); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v", err)
	}
}
