package engine

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A host that stores first is asked, beside the rounds, when its name servers answer:
// after each change until they do, and not again.
func TestTheLogSaysWhenTheWorldSeesAChange(t *testing.T) {
	for lag, want := range map[time.Duration]string{0: "", 12 * time.Second: "msg=visible zone=example.org after=15s", time.Hour: ""} {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse(t, "example.org")
			if lag > 0 {
				h.host.SetLag(lag)
			}
			var out strings.Builder
			run(t, h.engine([]string{"a.example.org", "b.example.org"}, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&out, nil)) }), 10*time.Minute)
			n := 0
			if want != "" {
				n = 1
			}
			if strings.Count(out.String(), "msg=visible") != n || !strings.Contains(out.String(), want) {
				t.Errorf("after %s it says:\n%s", lag, out.String())
			}
		})
	}
}

// Nobody who waits for that holds up the end.
func TestTheEndDoesNotWaitForWhatIsNotVisible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "example.org")
		h.host.SetLag(time.Hour)
		began := time.Now()
		run(t, h.engine([]string{"a.example.org"}), 7*time.Second)
		if took := time.Since(began); took > 8*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
