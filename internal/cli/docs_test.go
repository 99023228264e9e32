package cli_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
)

// notSettings are words of the documents that look like settings: variables of
// others, and those that are no row of the table.
func notSettings() []string {
	return []string{"HOMING_FAMILY", "HOMING_EVENT", "HOMING_CHANGES", "HOMING_NAMES", "HOMING_IPV4", "HOMING_IPV6", "STATE_DIRECTORY", "HOMING_CONFIG", "HOMING_DIALECT", "HTTPS_PROXY", "XDG_CONFIG_HOME", "CREDENTIALS_DIRECTORY", "NO_COLOR", "CUSTOM_LOOKUP_CMD", "API_PORT", "CONFIG_PATH", "CAP_NET_RAW"}
}

// documents are the pages that users read.
func documents(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) < 8 {
		t.Fatalf("only %d pages were found: %v", len(pages), err)
	}
	names := []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"}
	for _, p := range pages {
		names = append(names, "docs/"+filepath.Base(p))
	}
	return names
}

// Every link of a document leads to a file that is there.
func TestEveryLinkOfTheDocumentsLeadsSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	for _, path := range documents(t) {
		b, err := os.ReadFile(filepath.Join("..", "..", path))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(b), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join("..", "..", filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

// What the documents call a setting is one.
func TestTheDocumentsNameNoSettingThatIsNone(t *testing.T) {
	known := notSettings()
	for _, s := range config.Settings(app.Catalogue()) {
		known = append(known, s.Env, s.Env+"_FILE")
		for _, site := range []string{"DSL", "CABLE", "CABLE_2"} { // as the documents call some
			known = append(known, strings.Replace(s.Variable(), "<SITE>", site, 1))
		}
	}
	word := regexp.MustCompile("`([A-Z][A-Z0-9]*_[A-Z0-9_]+)")
	for _, path := range documents(t) {
		if path == "docs/migrating.md" || path == "docs/settings.md" {
			continue // the one is full of the variables of others, the other is made of the table
		}
		b, err := os.ReadFile(filepath.Join("..", "..", path))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range word.FindAllStringSubmatch(string(b), -1) {
			if !slices.Contains(known, m[1]) {
				t.Errorf("%s names %s, which is no setting", path, m[1])
			}
		}
	}
}

// The table of the README says the defaults that hold.
func TestTheReadmeSaysTheDefaultsThatHold(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range config.Settings(app.Catalogue()) {
		for line := range strings.Lines(string(b)) {
			if strings.HasPrefix(line, "| `"+s.Env+"`") && s.Env != "" && s.Default != "" && !strings.Contains(line, "`"+s.Default+"`") {
				t.Errorf("README.md does not say that %s is %s unless it is set: %s", s.Env, s.Default, line)
			}
		}
	}
}

// Who looks for the words they see finds them: what is quoted as a symptom is
// said by the program.
func TestSymptomsAreQuotedAsHomingSaysThem(t *testing.T) {
	var said strings.Builder
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		said.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, symptom := range map[string]string{"docs/troubleshooting.md": `(?m)^\*\*(.*)\*\*`, "README.md": `(?m)^\| ([^|]*)`} {
		page, err := os.ReadFile(filepath.Join("..", "..", path))
		if err != nil {
			t.Fatal(err)
		}
		quoted := 0
		for _, h := range regexp.MustCompile(symptom).FindAllStringSubmatch(string(page), -1) {
			for _, q := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(h[1], -1) {
				quoted++
				if !strings.Contains(said.String(), q[1]) {
					t.Errorf("%s: homing never says %q", path, q[1])
				}
			}
		}
		if quoted < 5 {
			t.Errorf("%s: only %d quotes were found", path, quoted)
		}
	}
}

// records.md says what a new record takes of its siblings; what that is stands
// in siblings-lend.txtar and siblings-lend-proxied.txtar of package plan.
func TestThePageOnRecordsTellsOfSiblings(t *testing.T) {
	b, err := os.ReadFile("../../docs/records.md")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Join(strings.Fields(string(b)), " ")
	for _, told := range []string{"A new record beside others of homing's at its name and type takes what all of those share", "not the automatic TTL of a proxied one", "unless that is enforced"} {
		if !strings.Contains(page, told) {
			t.Errorf("it does not say %q", told)
		}
	}
}
