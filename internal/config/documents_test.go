package config_test

import (
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
)

// What is committed is what the table says, with the rows of the hosts there
// are; go test -update writes it anew.
func TestTheDocumentsSayWhatTheTableSays(t *testing.T) {
	c := app.Catalogue()
	documents, schema := string(config.Markdown(c)), string(config.Schema(c))
	config.Golden(t, "../../docs/settings.md", documents)
	config.Golden(t, "../../docs/homing.schema.json", schema)
	for _, s := range config.Settings(c) {
		if !strings.Contains(documents, "`"+s.Path+"`") || s.Env != "" && !strings.Contains(schema, s.Env) {
			t.Errorf("%s %s is not there", s.Path, s.Env)
		}
	}
}
