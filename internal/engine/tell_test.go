package engine

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/homing-dns/homing/internal/addr"
)

func TestTheLogSaysOnceWhatBeganAndOnceThatItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		var out bytes.Buffer
		e := h.engine([]string{"a.example.org"}, h.both, func(c *Config) {
			c.Log, c.Quiet = slog.New(slog.NewTextHandler(&out, nil)), true
		})
		lines := func() int {
			out.Reset()
			e.round(t.Context(), looping)
			return strings.Count(out.String(), "\n")
		}
		h.moveTo(home6)
		if n := lines(); n != 3 {
			t.Errorf("two changes and a round are %d lines", n)
		}
		if n := lines(); n != 0 {
			t.Errorf("a quiet round is %d lines", n)
		}
		h.lose(addr.IPv6)
		if n := lines(); n != 2 {
			t.Errorf("what began and a round are %d lines:\n%s", n, out.String())
		}
		if n := lines(); n != 0 {
			t.Errorf("while it lasts a round is %d lines", n)
		}
		h.moveTo(home6)
		if n := lines(); n != 2 || !strings.Contains(out.String(), "over: IPv6") {
			t.Errorf("its end and a round are %d lines:\n%s", n, out.String())
		}
	})
}
