//go:build check && unix

package program

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/secret"
)

// The program in docs/hosts/exec.md runs as it stands there.
func TestTheExampleOfTheDocumentsWorks(t *testing.T) {
	page, err := os.ReadFile("../../../docs/hosts/exec.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "```python\n")
	text, _, whole := strings.Cut(text, "```\n")
	if n := strings.Count(text, "\n"); !whole || n > 45 {
		t.Fatalf("it has %d lines", n)
	}
	file, folder := filepath.Join(t.TempDir(), "program"), t.TempDir()
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	zone := filepath.Join(folder, "example.org.json")
	if err := os.WriteFile(zone, []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := New(Config{Command: []string{file}, Env: secret.New("ZONES=" + folder), Path: os.Getenv("PATH")})
	if err != nil {
		t.Fatal(err)
	}
	a, b := name(t, "a.example.org"), name(t, "*.b.example.org")
	placed, unplaced, err := p.Zones(t.Context(), []dns.Name{a, b, name(t, "a.example.com")})
	if zones := providertest.ZonesOf(placed); err != nil || len(zones) != 1 || len(unplaced) != 1 || zones[0].Limits.MinTTL != 60 || zones[0].Limits.NoTXT {
		t.Fatalf("%v, %v, %v", zones, unplaced, err)
	}
	sets := append(creating(t, "a.example.org"), creating(t, "*.b.example.org")...)
	for _, r := range p.Apply(t.Context(), placed[0].Zone, sets) {
		if r.Errs[0] != nil {
			t.Error(r.Errs[0])
		}
	}
	stored, err := os.ReadFile(zone)
	var rows []recordMessage
	if err == nil {
		err = json.Unmarshal(stored, &rows)
	}
	if err != nil || len(rows) != 2 || rows[1] != (recordMessage{"*.b.example.org", "A", "192.0.2.1", 300}) {
		t.Errorf("stored is %s, %v", stored, err)
	}
	gone := placed[0].Zone
	gone.Name = name(t, "example.net")
	if _, err := p.Records(t.Context(), gone, []dns.Name{gone.Name}); kindOf(err) != "no zone" {
		t.Errorf("the error is %v", err)
	}
}
