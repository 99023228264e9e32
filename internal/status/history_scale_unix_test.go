//go:build unix

package status

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/scaletest"
)

// Whatever stands in the file, reading it and mending it takes as long as it is.
func TestAHistoryTakesNoLongerThanItIsLong(t *testing.T) {
	at := `,"at":"2026-11-01T12:00:00Z","kind":`
	for what, line := range map[string]func(i int) string{
		"lines of nothing": func(int) string { return "x\n" },
		"one long line":    func(int) string { return "xxxx" },
		"marks":            func(int) string { return entryMark },
		"nested":           func(int) string { return `{"v":[[[[` },
		"outages":          func(i int) string { return fmt.Sprintf("{\"v\":1%s\"began\",\"code\":\"c%d\"}\n", at, i) },
		"families":         func(i int) string { return fmt.Sprintf("{\"v\":1%s\"address\",\"family\":\"f%d\"}\n", at, i) },
		"lost and found": func(int) string {
			return "{\"v\":1" + at + "\"began\",\"code\":\"address-unknown\",\"subject\":\"IPv4\"}\n"
		},
		"names": func(i int) string {
			return fmt.Sprintf("{\"v\":1%s\"published\",\"type\":\"A\",\"action\":\"update\",\"old\":\"192.0.2.1\",\"new\":\"192.0.2.2\",\"names\":[\"n%d.example.org\"]}\n", at, i%50)
		},
		"breaks that leave": func(int) string { return "{\"v\":1" + at + "\"start\"}" },
	} {
		var keys []dns.Key
		for i := range 50 {
			name, _ := dns.ParseName(fmt.Sprintf("n%d.example.org", i))
			keys = append(keys, dns.Key{Name: name, Type: dns.A})
		}
		scaletest.Linear(t, what, 250, func(n int) func() {
			var b strings.Builder
			for i := range n {
				b.WriteString(line(i))
			}
			b.WriteString("\nnothing that is whole")
			text := []byte(b.String())
			folder := put(t, text)
			return func() {
				wholeEnd(text)
				h := ReadHistory(folder)
				if _, err := h.Past(day(5), func(Event) bool { return true }); err != nil {
					t.Fatal(err)
				}
				_, _ = h.Memory(keys)
				var all []*storedEntry
				_, _ = readEntries(bytes.NewReader(text), func(e *entry, line []byte) { all = append(all, &storedEntry{*e, line}) })
				entriesToKeep(all, historyLimit, day(9))
			}
		})
	}
}
