package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hostBlind are the packages that know no DNS host: what one takes and calls
// things comes to them as a value.
func hostBlind() []string {
	return []string{"engine", "plan", "status", "web", "notify", "daemon"}
}

// hostWords are words with a host's name in them that are no knowledge of it:
// sources of addresses are called so, for good.
func hostWords() []string { return []string{"cloudflare.trace", "cloudflare.doh", "cloudflare.dns"} }

func TestNoHostIsNamedAboveItsPackage(t *testing.T) {
	for _, p := range hostBlind() {
		for path, text := range texts(t, filepath.Join("internal", p)) {
			for _, w := range hostWords() {
				text = strings.ReplaceAll(text, w, "")
			}
			for n, line := range strings.Split(text, "\n") {
				if strings.Contains(line, "cloudflare") {
					t.Errorf("%s:%d: names a host: %s", path, n+1, strings.TrimSpace(line))
				}
			}
		}
	}
}

// texts is every file of a folder in lower case, but for tests and what only
// they use.
func texts(t *testing.T, folder string) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	all := map[string]string{}
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "webtest"):
			return filepath.SkipDir
		case d.IsDir() || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		all[filepath.ToSlash(rel)] = strings.ToLower(string(b))
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%s: %d files, %v", folder, len(all), err)
	}
	return all
}

// Only the composition root makes a host, and only its package knows it.
func TestOnlyTheCompositionRootImportsAHost(t *testing.T) {
	shared := []string{"memory", "providertest", "rest", "rest/resttest", "trial"}
	for _, s := range sources(t) {
		for _, path := range imports(s) {
			host, ok := strings.CutPrefix(path, module+"/internal/provider/")
			if !ok || s.folder == "internal/app" || s.folder == "internal/year" || s.folder == "internal/provider/"+host {
				continue
			}
			if !slices.Contains(shared, host) {
				t.Errorf("%s: imports the host %s", s.path, host)
			}
		}
	}
}
