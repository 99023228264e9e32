package google

import (
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/scaletest"
)

// What Google says is read in a time that grows with its length, and no faster.
func TestReadingGrowsWithWhatIsSaid(t *testing.T) {
	often := func(f func()) func() {
		return func() {
			for range 20 {
				f()
			}
		}
	}
	for what, say := range map[string]func(n int) string{
		"pointers": func(n int) string { return strings.Repeat("entity.change.additions[", n) },
		"names":    func(n int) string { return "entity.change.deletions[" + strings.Repeat("a.", n) },
		"places":   func(n int) string { return "entity.change.additions[" + strings.Repeat("9", n) + "]" },
	} {
		scaletest.Linear(t, "blamed: "+what, 250, func(n int) func() {
			words := say(n)
			return often(func() { refusedKey(words, change{}) })
		})
	}
	scaletest.Linear(t, "records", 250, func(n int) func() {
		s := listedSet{Data: []string{`"` + strings.Repeat(`\"`, n) + `"`}}
		return often(func() { s.toRecords(dns.Key{Type: dns.TXT}) })
	})
}
