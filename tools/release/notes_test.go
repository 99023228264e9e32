package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestTheNotesAreTheSectionOfTheChangelog(t *testing.T) {
	changes := filepath.Join(t.TempDir(), "CHANGELOG.md")
	text := "# Changelog\n\nWords.\n\n## [Unreleased]\n\n- later\n\n## [1.10.0] - 2027-01-02\n\n### Added\n\n- ten [a link]\n\n## [1.1.0] - unreleased\n\n- soon\n\n" +
		"## [1.0.1] - 2026-12-01\n\n## [1.0.0] - 2026-11-21\n\n- first\n\n[1.0.0]: https://example.org/v1.0.0\n"
	if err := os.WriteFile(changes, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{
		"1.10.0": "\n### Added\n\n- ten [a link]\n",
		"1.0.0":  "\n- first\n",
		"1.1.0":  "", // not dated
		"1.0.1":  "", // empty
		"1.0":    "",
		"1.0.2":  "",
		"1.1000": "",
	} {
		c := exec.Command("./notes", version)
		c.Env = append(os.Environ(), "CHANGELOG="+changes)
		got, err := c.Output()
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", version, got, err)
		}
	}
}
