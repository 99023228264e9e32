package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/web"
)

const (
	canary    = "canary-of-the-environment"
	inFile    = "canaryinthefileabcdefghijklmnopqrstuvwxyz"
	typedIn   = "canarytypedinabcdefghijklmnopqrstuvwxyz01"
	mineAtAll = `# my settings
serve: {edit: true}
accounts:
  default:
    token: ` + inFile + ` # the old one
  home: {provider: rfc2136, server: "192.0.2.53:53", key_file: key}
records:
  - nas.example.org  # the box
  # for friends
  - {name: vpn.example.org, ttl: 60, account: default}
detect:
  ipv4: {sources: [cloudflare.trace, "exec:/opt/ask ` + inFile + `"]}
  ipv6: {sources: [none]}
notify: {title: "${SECRET_TITLE}"}
`
)

// house is a machine with a homing.yaml, and who edits it.
type house struct {
	t             *testing.T
	settings      *Settings
	folder, state string
	env           map[string]string
	told          []string
}

func newHouse(t *testing.T, file string, env ...string) *house {
	t.Helper()
	h := &house{t: t, folder: t.TempDir(), state: t.TempDir()}
	h.env = map[string]string{"HOMING_STATE": h.state, "SECRET_TITLE": canary}
	for i := 0; i < len(env); i += 2 {
		h.env[env[i]] = env[i+1]
	}
	h.settings = &Settings{Getenv: func(name string) string { return h.env[name] }, Log: io.Discard}
	h.write("key", "key \"homing\" {\n\talgorithm hmac-sha256;\n\tsecret \"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\";\n};\n")
	if file != "" {
		h.settings.Path = filepath.Join(h.folder, "homing.yaml")
		h.write("homing.yaml", file)
	}
	return h
}

func (h *house) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.folder, name), []byte(text), 0o640); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) read(path string) string {
	h.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(b)
}

func (h *house) editing() *Editing {
	h.t.Helper()
	cfg := &config.Config{State: h.state}
	cfg.Serve.Edit = true
	return h.settings.Editing(cfg, func(who, what string) { h.told = append(h.told, who+": "+what) })
}

// propose makes changes, of texts such as "path=text", "path" for taking it out.
func (h *house) propose(e *Editing, save bool, changes ...string) web.Verdict {
	return h.proposeTo(e, e.Editable().Tag, save, changes...)
}

func (h *house) proposeTo(e *Editing, tag string, save bool, changes ...string) web.Verdict {
	p := web.Proposal{Tag: tag, Save: save, Who: "the token"}
	for _, c := range changes {
		path, text, set := strings.Cut(c, "=")
		p.Changes = append(p.Changes, web.ProposedChange{Path: path, Items: strings.Split(text, "|"), Remove: !set})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // a plan asks nobody
	return e.Propose(ctx, p)
}

func TestSettingsAreSavedAsAPersonWouldHaveWrittenThem(t *testing.T) {
	h := newHouse(t, mineAtAll)
	path := h.settings.Path
	if err := os.Chmod(path, 0o604); err != nil {
		t.Fatal(err)
	}
	v := h.propose(h.editing(), true, "schedule.every=@every 1m", "records[0].ttl=120", "accounts.default.token="+typedIn, "records[2].name=new.example.org", "records[2].account=home")
	if !v.Saved || len(v.Problems) > 0 {
		t.Fatalf("%+v", v)
	}
	found, _ := filepath.Glob(filepath.Join(h.state, "secrets", "accounts.default.token-*"))
	if len(found) != 1 {
		t.Fatalf("the secret is in %q", found)
	}
	want := strings.NewReplacer(
		"    token: "+inFile+" # the old one\n", "    token_file: "+found[0]+"\n",
		"  - nas.example.org  # the box\n", "  - name: nas.example.org  # the box\n    ttl: 120\n",
		"account: default}\n", "account: default}\n  - name: new.example.org\n    account: home\n",
	).Replace(mineAtAll) + "schedule:\n  every: \"@every 1m\"\n"
	if got := h.read(path); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := h.read(path + ".bak"); got != mineAtAll {
		t.Errorf("the one before is %q", got)
	}
	if h.read(found[0]) != typedIn+"\n" {
		t.Error("the secret is another one")
	}
	if runtime.GOOS != "windows" {
		for name, mode := range map[string]os.FileMode{path: 0o604, path + ".bak": 0o604, found[0]: 0o600} {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
				t.Errorf("%s: %v %v", name, info.Mode(), err)
			}
		}
	}
	cfg, err := h.settings.Load(t.Context(), config.ForRecords)
	if err != nil || cfg.Accounts[0].Among[1].Text("token") != typedIn || cfg.Schedule.String() != "@every 1m" {
		t.Errorf("it loads as %+v, %v", cfg, err)
	}
	if want := "the token: schedule.every, records[0].ttl, accounts.default.token, records[2].name, records[2].account"; len(h.told) != 1 || h.told[0] != want {
		t.Errorf("told: %q", h.told)
	}
	again := "canarytypedagainabcdefghijklmnopqrstuvwxyz"
	for range 3 {
		if v := h.propose(h.editing(), true, "accounts.default.token="+again); !v.Saved {
			t.Fatalf("%+v", v)
		}
	}
	if kept, _ := filepath.Glob(filepath.Join(h.state, "secrets", "*")); len(kept) != 2 { // that of homing.yaml and that of its .bak
		t.Errorf("kept: %q", kept)
	}
}

func TestAReviewWritesNothing(t *testing.T) {
	h := newHouse(t, mineAtAll)
	v := h.propose(h.editing(), false, "records[0]", "accounts.default.token="+typedIn)
	want := []web.DiffLine{{Added: false, Text: "    token: …"}, {Added: true, Text: "    token_file: "}, {Added: false, Text: "  - nas.example.org  # the box"}}
	for i := range want {
		if i >= len(v.Diff) || v.Diff[i].Added != want[i].Added || !strings.HasPrefix(v.Diff[i].Text, want[i].Text) {
			t.Fatalf("the difference: %+v", v)
		}
	}
	if v.Saved || h.read(h.settings.Path) != mineAtAll {
		t.Error("it was saved")
	}
	if found, _ := filepath.Glob(filepath.Join(h.state, "*")); len(found) > 0 || len(h.told) > 0 {
		t.Errorf("it left %q, and told %q", found, h.told)
	}
}

// Where no file is in use one is made in the state folder, where homing looks last.
func TestAFileIsMadeInTheStateFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	h := newHouse(t, "", "CLOUDFLARE_API_TOKEN", typedIn, "DOMAINS", "home.example.org")
	e := h.editing()
	if got := e.Editable(); got.File != filepath.Join(h.state, "homing.yaml") || got.ReadOnly != "" {
		t.Fatalf("%+v", got)
	}
	if v := h.propose(e, true, "schedule.every=@every 1m"); !v.Saved {
		t.Fatalf("%+v", v)
	}
	cfg, err := h.settings.Load(t.Context(), config.ForRecords)
	if err != nil || cfg.Schedule.String() != "@every 1m" || !slices.Contains(cfg.Files, filepath.Join(h.state, "homing.yaml")) {
		t.Errorf("%+v %v", cfg, err)
	}
	v := h.propose(h.editing(), true, "records[0].name=new.example.org", "schedule.on_start=false")
	if len(v.Problems) != 1 || v.Problems[0].Path != "records[0].name" || !strings.Contains(v.Problems[0].Reason, "set by DOMAINS") {
		t.Errorf("what DOMAINS says is overruled: %+v", v)
	}
}

func TestAFileThatWasChangedMeanwhileIsNotOverwritten(t *testing.T) {
	h := newHouse(t, mineAtAll)
	e := h.editing()
	tag := e.Editable().Tag
	h.write("homing.yaml", mineAtAll+"# by hand\n")
	v := e.Propose(t.Context(), web.Proposal{Tag: tag, Save: true, Changes: []web.ProposedChange{{Path: "schedule.every", Items: []string{"@every 1m"}}}})
	if !v.Conflict || v.Saved || v.Tag == tag || h.read(h.settings.Path) != mineAtAll+"# by hand\n" {
		t.Errorf("%+v", v)
	}
}

func TestEveryProblemIsToldAtItsSetting(t *testing.T) {
	h := newHouse(t, mineAtAll)
	v := h.propose(h.editing(), true, "schedule.every=sometimes", "records[0].ttl=-3", "log.level=loud", "records[1].account=nobody")
	var paths []string
	for _, p := range v.Problems {
		paths = append(paths, p.Path)
	}
	slices.Sort(paths)
	if want := []string{"log.level", "records[0].ttl", "records[1].account", "schedule.every"}; !slices.Equal(paths, want) || v.Saved || h.read(h.settings.Path) != mineAtAll {
		t.Errorf("%q, %+v", paths, v)
	}
}

func TestWhoChangesWhereASecretIsSentTypesItAgain(t *testing.T) {
	for _, tt := range []struct {
		changes []string
		wrong   string // path
	}{
		{[]string{"accounts.home.provider=cloudflare"}, "accounts.home.key"},
		{[]string{"accounts.home.zone=example.org"}, "accounts.home.key"},
		{[]string{"accounts.default.provider=powerdns"}, "accounts.default.token"},
		{[]string{"accounts.default.provider"}, "accounts.default.token"},
		{[]string{"detect.ipv6.sources=url:https://attacker.example/"}, "detect.url_header"},
		{[]string{"accounts.home.server=attacker.example:53"}, "accounts.home.server"},
	} {
		h := newHouse(t, mineAtAll, "HOMING_URL_HEADER", "")
		h.write("header", "Authorization: Bearer x")
		h.write("homing.yaml", strings.Replace(mineAtAll, "detect:\n", "detect:\n  url_header_file: header\n", 1))
		v := h.propose(h.editing(), true, tt.changes...)
		if len(v.Problems) == 0 || v.Problems[0].Path != tt.wrong || v.Saved {
			t.Errorf("%q: %+v", tt.changes, v)
		}
	}
	h := newHouse(t, "serve: {edit: true}\naccounts: {default: {provider: cloudflare}}\nrecords: [a.example.org]\n", "CLOUDFLARE_API_TOKEN", typedIn)
	if v := h.propose(h.editing(), true, "accounts.default.provider=powerdns"); len(v.Problems) != 1 || !strings.Contains(v.Problems[0].Reason, "CLOUDFLARE_API_TOKEN") {
		t.Errorf("a token of the environment: %+v", v)
	}
}

// TestWithThePageNobodyRunsAProgramReadsAFileOrLearnsASecret tries every setting
// there is with what an attacker would put in.
func TestWithThePageNobodyRunsAProgramReadsAFileOrLearnsASecret(t *testing.T) {
	h := newHouse(t, mineAtAll)
	e := h.editing()
	nasty := []string{"exec:/bin/sh -c id", "/bin/sh", "file:/etc/shadow", "/etc/shadow", "${SECRET_TITLE}", "$${SECRET_TITLE}", "static:192.0.2.1,exec:/bin/sh", "static:192.0.2.1,file:/etc/shadow",
		" exec:/bin/sh", "exec", "unix:/tmp/x", "0.0.0.0:1", "https://attacker.example/", "x\n- exec:/bin/sh", "a: b\nnotify: {exec: /bin/sh}", "url:http://169.254.169.254/latest/user-data", "url.via4: http://127.0.0.1/", "\"\nnotify: {exec: /bin/sh}\n#", "true", "5m"}
	before, err := h.settings.Load(t.Context(), config.ForRecords)
	if err != nil {
		t.Fatal(err)
	}
	tried, passed := 0, 0
	now := e.Editable()
	for _, row := range now.Settings {
		paths := []string{strings.NewReplacer("accounts.*", "accounts.default", "records.*", "records[1]", "lists.*", "lists[0]", "sites.*", "sites.cable").Replace(row.Path)}
		paths = append(paths, paths[0]+"_file")
		for _, path := range paths {
			texts := []string{nasty[0], nasty[2], nasty[4], nasty[5+tried%(len(nasty)-5)]}
			if row.Form == "list" {
				texts = nasty
			}
			if row.Locked != "" || strings.HasSuffix(path, "_file") {
				texts = nasty[:1]
			}
			for _, text := range texts {
				tried++
				v := h.proposeTo(e, now.Tag, false, path+"="+text)
				says(t, v, path, text)
				if len(v.Problems) > 0 {
					continue
				}
				passed++
				if row.Locked != "" {
					t.Errorf("%s can be set to %q: %s", path, text, row.Locked)
				}
				next := h.after(e, path, text)
				if next == nil {
					continue
				}
				if next.Notify.Hook != before.Notify.Hook || next.State != before.State || next.Serve.Listen != before.Serve.Listen || !next.Serve.Edit {
					t.Errorf("%s=%q: %+v", path, text, next)
				}
				for f, d := range next.Detect {
					for _, s := range d.Sources {
						if (s.Word == "exec" || strings.HasPrefix(s.Word, "file") || strings.HasPrefix(s.Arg, "http://")) && !slices.Contains(before.Detect[f].Sources, s) {
							t.Errorf("%s=%q has %s asked", path, text, s)
						}
					}
				}
				if b, _ := json.Marshal(next.Notify.Body + next.Notify.Title); path != "notify.title" && strings.Count(string(b), canary) != 1 {
					t.Errorf("%s=%q: a variable is in %s", path, text, b)
				}
			}
		}
	}
	if tried < 250 || passed < 20 {
		t.Errorf("%d changes were tried and %d passed", tried, passed)
	}
	says(t, e.Editable(), "", "")
}

// after is the settings as they would be.
func (h *house) after(e *Editing, path, text string) *config.Config {
	in := e.settings.Input()
	file, content, _ := in.File()
	apart, secrets := config.KeptApart(in, []config.Edit{{Path: path, Items: strings.Split(text, "|")}}, e.secretFile)
	edited, err := config.Edited(in, file, content, apart)
	if err != nil {
		return nil
	}
	cfg, err := e.with(file, edited, secrets).Load(h.t.Context(), config.ForRecords)
	if err != nil {
		return nil
	}
	return cfg
}

// says looks for secrets in what comes out.
func says(t *testing.T, v any, path, text string) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{canary, inFile, typedIn, "c2VjcmV0"} {
		if strings.Contains(string(b), secret) {
			t.Errorf("%s=%q shows %s: %s", path, text, secret, b)
		}
	}
}

func TestSecretsGoInAndNeverComeOut(t *testing.T) {
	h := newHouse(t, mineAtAll)
	var log strings.Builder
	h.settings.Log = &log
	e := h.editing()
	for _, changes := range [][]string{
		{"accounts.default.token=" + typedIn}, {"accounts.default.token=" + typedIn + "\n" + typedIn}, {"notify.shoutrrr=ntfy://ntfy.sh/" + typedIn}, {"notify.shoutrrr=gopher://" + typedIn},
		{"notify.webhook=" + typedIn}, {"accounts.home.key=" + typedIn}, {"detect.url_header=" + typedIn}, {"accounts.default.token"},
	} {
		for _, save := range []bool{false, true} {
			says(t, h.propose(e, save, changes...), changes[0], "")
		}
	}
	says(t, e.Editable(), "", "")
	says(t, []string{log.String(), fmt.Sprint(h.told)}, "the log", "")
}

func TestWhatCannotBeWrittenIsReadOnly(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Log("everything can be written here; only the sentences are looked at")
	}
	h := newHouse(t, mineAtAll)
	e := h.editing()
	e.settings.Getenv = func(name string) string {
		if name == "STATE_DIRECTORY" {
			return h.state
		}
		return h.env[name]
	}
	if got := e.opening("/etc/homing/homing.yaml", h.state); !strings.Contains(got, h.state+"/homing.yaml, where homing looks last") || !strings.Contains(got, "ReadWritePaths=/etc/homing") {
		t.Error(got)
	}
	if os.Geteuid() != 0 {
		if err := os.Chmod(h.folder, 0o500); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(h.folder, 0o700)
		v := h.propose(e, true, "schedule.every=@every 1m")
		if v.Saved || len(v.Problems) != 1 || !strings.Contains(v.Problems[0].Reason, "homing may not write into "+h.folder) {
			t.Errorf("%+v", v)
		}
	}
	gone := newHouse(t, mineAtAll)
	gone.settings.Path = filepath.Join(gone.folder, "not-there.yaml")
	if got := gone.editing().Editable().ReadOnly; !strings.Contains(got, "cannot be read") {
		t.Error(got)
	}
}

// A link stays one, and what it leads to is replaced.
func TestALinkIsFollowed(t *testing.T) {
	h := newHouse(t, mineAtAll)
	real := filepath.Join(t.TempDir(), "real.yaml")
	if err := errors.Join(os.Rename(h.settings.Path, real), os.Symlink(real, h.settings.Path)); err != nil {
		t.Fatal(err)
	}
	v := h.propose(h.editing(), true, "schedule.every=@every 1m")
	if info, err := os.Lstat(h.settings.Path); err != nil || info.Mode()&os.ModeSymlink == 0 || !v.Saved || !strings.Contains(h.read(real), "@every 1m") {
		t.Errorf("%+v %v", v, err)
	}
}

func TestWithoutServeEditNothingEdits(t *testing.T) {
	if (&Settings{}).Editing(&config.Config{}, nil) != nil {
		t.Error("there is who edits")
	}
}

// One button writes what variables set into the file: nothing is another
// setting afterwards, with the variables or without them.
func TestWhatVariablesSetIsMovedIntoTheFile(t *testing.T) {
	env := []string{"CLOUDFLARE_API_TOKEN", typedIn, "DOMAINS", "home.example.org,nas.example.org", "IP4_DOMAINS", "v4.example.org", "TTL", "120", "UPDATE_CRON", "@every 1m", "IP4_PROVIDER", "static:192.0.2.1,192.0.2.2,cloudflare.trace", "IP6_PROVIDER", "none",
		"HOMING_HOOK", "/opt/hook", "PROXIED", "is(nas.example.org)"}
	h := newHouse(t, "# mine\nserve: {edit: true}\nrecords:\n  - old.example.org\n  # x\n  - older.example.org\nlog: {level: warn} # quiet\n", env...)
	before, err := h.settings.Load(t.Context(), config.ForRecords)
	if err != nil {
		t.Fatal(err)
	}
	e := h.editing()
	now := e.Editable()
	says(t, now, "", "")
	if !now.Movable || !strings.Contains(now.YAML, "every: \"@every 1m\"  # UPDATE_CRON") || strings.Contains(now.YAML, typedIn) {
		t.Errorf("%+v", now.YAML)
	}
	v := e.Propose(t.Context(), web.Proposal{Tag: now.Tag, Move: true, Save: true, Who: "the token"})
	says(t, v, "move", "")
	if !v.Saved || !slices.Contains(v.Variables, "DOMAINS") || slices.Contains(v.Variables, "HOMING_HOOK") {
		t.Fatalf("%+v", v)
	}
	for name := range h.env {
		if slices.Contains(v.Variables, name) {
			h.env[name] = ""
		}
	}
	after, err := h.settings.Load(t.Context(), config.ForRecords)
	if err != nil {
		t.Fatalf("%v\n%s", err, h.read(h.settings.Path))
	}
	brief := func(c *config.Config) string {
		spec := c.Accounts[0].Spec
		var options []plan.Options
		for _, r := range spec.Records {
			options = append(options, *r.Options)
		}
		spec.Records = nil
		return fmt.Sprint(c.Names(), options, spec, c.Detect[addr.IPv4].Sources, len(c.Detect), c.Schedule, c.Accounts[0].Text("token"), c.LogLevel, c.Notify.Hook)
	}
	if brief(before) != brief(after) {
		t.Errorf("%s\nbecame\n%s\nin\n%s", brief(before), brief(after), h.read(h.settings.Path))
	}
	if got := h.read(h.settings.Path); !strings.HasPrefix(got, "# mine\nserve: {edit: true}\n") || !strings.Contains(got, "log: {level: warn} # quiet\n") {
		t.Error(got)
	}
}
