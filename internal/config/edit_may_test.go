package config

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// inFolders is a machine with these files.
func inFolders(files map[string]string, env ...string) *Input {
	at := make(map[string]string)
	for i := 0; i < len(env); i += 2 {
		at[env[i]] = env[i+1]
	}
	return &Input{Catalogue: testCatalogue(), Getenv: func(name string) string { return at[name] }, StateFolder: filepath.FromSlash("/var/lib/homing"), ReadFile: func(path string) ([]byte, error) {
		text, there := files[filepath.ToSlash(path)]
		if !there {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	}}
}

// The state folder is looked at last, and is where a homing.yaml is made.
func TestTheStateFolderIsLookedAtLast(t *testing.T) {
	last, etc := "/var/lib/homing/homing.yaml", "/etc/homing/homing.yaml"
	for _, tt := range []struct {
		files map[string]string
		env   []string
		path  string
		ttl   string
	}{
		{nil, nil, last, ""},
		{map[string]string{last: "record_defaults: {ttl: 60}"}, nil, last, "60"},
		{map[string]string{last: "record_defaults: {ttl: 60}", etc: "record_defaults: {ttl: 120}"}, nil, etc, "120"},
		{map[string]string{last: "record_defaults: {ttl: 60}", "/x.yaml": "record_defaults: {ttl: 300}"}, []string{"HOMING_CONFIG", "/x.yaml"}, "/x.yaml", "300"},
	} {
		in := inFolders(tt.files, tt.env...)
		path, content, err := in.File()
		d := FromFile(in)
		got, _ := d.Get("record_defaults.ttl")
		if filepath.ToSlash(path) != tt.path || err != nil || string(content) != tt.files[tt.path] || got.Text != tt.ttl {
			t.Errorf("%v: %s %q %v, ttl %q", tt.files, path, content, err, got.Text)
		}
	}
	in := inFolders(nil)
	if in.StateFolder = ""; len(in.places()) > 0 {
		if path, _, _ := in.File(); path != "" {
			t.Errorf("without a folder it is %q", path)
		}
	}
}

func TestDifferencesShowNoSecret(t *testing.T) {
	in := inFolders(nil)
	before := "# mine\nrecords:\n  - a.example.org\n  - b.example.org\naccounts:\n  default:\n    token: canary-one\nnotify:\n  shoutrrr:\n    - canary-two\n"
	after := "# mine\nrecords:\n  - a.example.org\n  - c.example.org\n  - b.example.org\naccounts:\n  default:\n    token: canary-three\nnotify:\n  shoutrrr:\n    - canary-four\n"
	want := []Line{{true, "  - c.example.org"}, {false, "    token: …"}, {true, "    token: …"}, {false, "    …"}, {true, "    …"}}
	if diff := gocmp.Diff(want, Differences(in, []byte(before), []byte(after))); diff != "" {
		t.Error(diff)
	}
	if got := Differences(in, nil, []byte("log: {}\n")); len(got) != 1 || !got[0].Added {
		t.Errorf("%+v", got)
	}
	many := strings.Repeat("x: y\n", mostCompared+1)
	if got := Differences(in, []byte(many+"a: b\n"), []byte("b: c\n"+strings.Repeat("z: y\n", mostCompared))); len(got) != 2*mostCompared+3 {
		t.Errorf("%d lines", len(got))
	}
}

// TestWhatHasMoreWeightIsReadOnly: what a variable sets, DOMAINS above all, is
// not for the page, which says what sets it.
func TestWhatHasMoreWeightIsReadOnly(t *testing.T) {
	in := inFolders(map[string]string{"homing.yaml": "records: [x.example.org]\nschedule: {every: 1m}\n"}, "DOMAINS", "a.example.org,b.example.org", "UPDATE_CRON", "@every 1m", "CLOUDFLARE_API_TOKEN", "canary")
	drafts := []*Draft{FromEnvironment(in), FromFile(in)}
	rows, said := Editable(in, drafts)
	locked := make(map[string]string)
	for _, r := range rows {
		locked[r.Path] = r.Locked
	}
	for path, by := range map[string]string{"records.*.ttl": "it is set by DOMAINS", "schedule.every": "it is set by UPDATE_CRON", "schedule.on_start": "", "notify.exec": "it runs a program", "serve.listen": "it says who may reach homing, and where"} {
		if locked[path] != by {
			t.Errorf("%s: %q", path, locked[path])
		}
	}
	if text := fmt.Sprint(rows, said); strings.Contains(text, "canary") {
		t.Errorf("the token is shown: %s", text)
	}
	for path, want := range map[string]string{"records[0].ttl": "DOMAINS", "records[0]": "DOMAINS", "schedule.every": "UPDATE_CRON", "accounts.default.token": "CLOUDFLARE_API_TOKEN", "schedule.on_start": ""} {
		got := ""
		if ps := Judge(in, drafts, []Edit{{Path: path, Items: []string{"1"}, Remove: path == "records[0]"}}); len(ps) > 0 {
			got = ps[0].Reason
		}
		if want != "" && !strings.Contains(got, "set by "+want) || want == "" && got != "" {
			t.Errorf("%s: %q", path, got)
		}
	}
}
