package cli_test

import (
	"os"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
)

// What the README says of settings is what the table holds.
func TestTheReadmeNamesEverySettingAndItsDefault(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(b)
	for _, s := range config.Settings() {
		row := ""
		for line := range strings.Lines(readme) {
			if strings.HasPrefix(line, "|") && strings.Contains(line, "`"+s.Env+"`") {
				row = line
			}
		}
		switch {
		case row == "" && !strings.Contains(readme, "`"+s.Env+"`"):
			t.Errorf("README.md does not name %s", s.Env)
		case row != "" && s.Default != "" && s.Env != "CLOUDFLARE_BASE_URL" && !strings.Contains(row, "`"+s.Default+"`"):
			t.Errorf("README.md does not say that %s is %s unless it is set: %s", s.Env, s.Default, row)
		}
	}
}
