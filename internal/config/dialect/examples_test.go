package dialect

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/homing-dns/homing/internal/config"
)

// Each example of a predecessor's documentation is read as its own, means what
// want.yaml says, and means the same once it is migrated.
func TestExamplesMeanTheSameAfterTheyAreMigrated(t *testing.T) {
	archives(t, "examples", 30, func(t *testing.T, path string, archive *txtar.Archive) {
		w := worldOf(t, archive)
		r, cfg, err := build(w.input())
		if err != nil {
			t.Fatal(err)
		}
		golden(t, path, archive, "want.reading", described(r))
		golden(t, path, archive, "want.notices", strings.Join(cfg.Notices, "\n"))
		written, err := Migrate(w.input(), "")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, path, archive, "want.yaml", string(written))
		for _, secret := range secretsOf(cfg) {
			if strings.Contains(string(written)+strings.Join(cfg.Notices, ""), secret) {
				t.Error("a secret is in it")
			}
		}
		if diff := same(cfg, migrated(t, w, cfg, written)); diff != "" {
			t.Errorf("the migrated file means something else:\n%s\n%s", diff, written)
		}
	})
}

// migrated is what a homing.yaml means where nothing is set but its secrets.
func migrated(t *testing.T, w world, cfg *config.Config, written []byte) *config.Config {
	t.Helper()
	now := world{env: secretsOf(cfg), files: map[string]string{"homing.yaml": string(written)}}
	for path, text := range w.files {
		if !strings.HasSuffix(path, ".json") { // files of secrets stay where they are
			now.files[path] = text
		}
	}
	d := config.FromFile(&now.input().Input)
	if len(d.Notices) > 0 {
		t.Log(d.Notices)
	}
	again, err := config.Build(&now.input().Input, d)
	if err != nil {
		t.Fatalf("%v\n%s", err, written)
	}
	return again
}

// described is a Reading for people who read tests.
func described(r *Reading) string {
	if r == nil {
		return "homing's own"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, because %s\n", r.Name, r.Why)
	for _, flag := range []struct {
		is   bool
		text string
	}{{r.Once, "once"}, {r.DryRun, "nothing is written"}, {r.Listen != "", "listens on " + r.Listen},
		{!r.Widget.Token.IsZero(), "has a token for its page"}, {r.Widget.File != "", "keeps that in " + r.Widget.File},
		{len(r.Args) > 0, "arguments left: " + strings.Join(r.Args, " ")}} {
		if flag.is {
			b.WriteString(flag.text + "\n")
		}
	}
	return b.String()
}
