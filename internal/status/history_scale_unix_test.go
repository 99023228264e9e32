//go:build unix

package status

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
)

// worked is how long this process has worked so far.
func worked() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it never fails for oneself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// linear fails where work for sixteen times the input takes more than 2.5 times
// as long for each doubling: what grows with the square takes 256 times as long.
// Over four doublings, and by the processor's time of the best of several runs, a busy
// machine fails nobody.
func linear(t *testing.T, what string, n int, work func(n int) func()) {
	t.Helper()
	best := func(d *time.Duration, f func()) {
		began := worked()
		f()
		if took := worked() - began; *d == 0 || took < *d {
			*d = took
		}
	}
	small, large := work(n), work(16*n)
	var short, long time.Duration
	for began, try := time.Now(), 0; try < 3 || time.Since(began) < 6*time.Second; try++ {
		best(&short, small)
		best(&long, large)
		if try >= 1 && float64(long) <= 2.5*2.5*2.5*2.5*float64(short) {
			return
		}
	}
	t.Errorf("%s: %v, and %v for sixteen times as much", what, short, long)
}

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
		linear(t, what, 250, func(n int) func() {
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
				_, err := h.Recorder()
				if err != nil {
					t.Fatal(err)
				}
				_, _ = h.Past(day(5), func(Event) bool { return true })
				_, _ = h.Memory(keys)
				var all []stored
				_, _ = readEntries(bytes.NewReader(text), func(e Entry, line []byte) { all = append(all, stored{e, line}) })
				stay(all, historyLimit, day(9))
			}
		})
	}
}
