package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/cli"
)

// said is what a command prints that ends well.
func said(t *testing.T, args ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	env := cli.Env{Args: args, Stdout: &out, Stderr: os.Stderr, Getenv: func(string) string { return "" }}
	if code := cli.Main(env); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	return out.Bytes()
}

// A row of the table of hosts is all that is needed to be listed.
func TestEveryHostIsListedWithWhatItCanDoAndNeeds(t *testing.T) {
	list := string(said(t, "hosts"))
	for line := range strings.Lines(list) {
		if n := utf8.RuneCountInString(strings.TrimSpace(line)); n > 100 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	var doc struct {
		Schema int
		Hosts  []app.About
	}
	if err := json.Unmarshal(said(t, "hosts", "--json"), &doc); err != nil || doc.Schema != 1 || len(doc.Hosts) != len(app.Hosts()) {
		t.Fatalf("%v: %d hosts", err, len(doc.Hosts))
	}
	flat := strings.Join(strings.Fields(list), " ")
	for _, h := range doc.Hosts {
		if !strings.Contains(list, "\n"+h.Provider+"  ") && !strings.HasPrefix(list, h.Provider+"  ") || !strings.Contains(flat, "needs "+h.Needs) {
			t.Errorf("%s is not listed", h.Provider)
		}
		for _, s := range h.Settings {
			if !strings.Contains(flat, s.Env) || !strings.Contains(flat, strings.TrimSuffix(s.Doc, ".")) {
				t.Errorf("%s: the setting %s is not listed", h.Provider, s.Key)
			}
		}
		for _, said := range h.Bounds {
			if !strings.Contains(flat, said) {
				t.Errorf("%s: it is not said that %s", h.Provider, said)
			}
		}
	}
}
