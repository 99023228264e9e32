package program

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/trial"
)

// tried is what a trial of the fake finds broken.
func tried(t *testing.T, h host) []string {
	t.Helper()
	p := h.with(t, Config{Timeout: 10 * time.Second})
	placed, _, err := p.Zones(t.Context(), []dns.Name{name(t, "nas.example.org")})
	if err != nil || len(placed) != 1 {
		t.Fatal(placed, err)
	}
	var broken []string
	kept, err := trial.Run(t.Context(), p, placed[0].Zone, func(s trial.Step) {
		if s.Err != nil {
			broken = append(broken, s.Promise+": "+s.Err.Error())
		}
	})
	if err != nil || kept != (broken == nil) {
		t.Errorf("kept is %v, %v, and broken are %q", kept, err, broken)
	}
	return broken
}

// A program that keeps the contract passes, and nothing of the trial is left, nor of
// one that was cut short; what others have in the zone stays.
func TestATrialOfAProgramThatDoesAllOfIt(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.store(append(h.load(), fakeRecord{"nas.example.org", "A", "192.0.2.5", 300}, fakeRecord{"a._homing-test.example.org", "A", "192.0.2.6", 60}))
	for _, b := range tried(t, h) {
		t.Error(b)
	}
	for _, r := range h.load() {
		if strings.Contains(r.Name, trial.Label) {
			t.Errorf("left is %v", r)
		}
	}
	if got := h.stored(name(t, "nas.example.org")); len(got) != 1 {
		t.Errorf("what others have is now %v", got)
	}
	for _, n := range h.notes() {
		if strings.HasPrefix(n, "write ") && !strings.HasSuffix(n, "."+trial.Label+".example.org") {
			t.Errorf("it did %q", n)
		}
	}
}

// Programs that say they did what they did not do are found out.
func TestATrialFindsLiars(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]string{
		ignore:  "an A record is made, read again and deleted",
		twice:   "an A record is made, read again and deleted: at A a._homing-test.example.org stands 192.0.2.1, 192.0.2.1, and should 192.0.2.1",
		single:  "a name has two addresses, and one of them goes alone",
		fixed:   "a TTL is changed, from 300 to 3600",
		anyZone: "a zone that is not there is an error, and not one without records",
		down:    "names below _homing-test are free, or can be freed: read the records in example.org: the program says: its host cannot be reached",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			p := h.with(t, Config{Timeout: 10 * time.Second})
			placed, _, err := p.Zones(t.Context(), []dns.Name{name(t, "nas.example.org")})
			if err != nil {
				t.Fatal(err)
			}
			h.fail(fault)
			var broken []string
			kept, err := trial.Run(t.Context(), p, placed[0].Zone, func(s trial.Step) {
				if s.Err != nil {
					broken = append(broken, s.Promise+": "+s.Err.Error())
				}
			})
			if all := strings.Join(broken, "\n"); kept || err != nil || !strings.Contains(all, want) {
				t.Errorf("%v, %v, broken are\n%s\nand not\n%s", kept, err, all, want)
			}
		})
	}
}

// What was begun is cleaned up although the trial is ended.
func TestATrialThatIsEndedCleansUp(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	p := h.with(t, Config{Timeout: 10 * time.Second})
	placed, _, err := p.Zones(t.Context(), []dns.Name{name(t, "nas.example.org")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	h.store(append(h.load(), fakeRecord{"a._homing-test.example.org", "A", "192.0.2.6", 60}))
	steps := 0
	_, err = trial.Run(ctx, p, placed[0].Zone, func(trial.Step) {
		if steps++; steps == 2 {
			h.store(append(h.load(), fakeRecord{"a._homing-test.example.org", "A", "192.0.2.6", 60}))
			cancel()
		}
	})
	if err == nil || steps != 3 {
		t.Errorf("%d steps, %v", steps, err)
	}
	if left := h.stored(name(t, "a._homing-test.example.org")); len(left) > 0 {
		t.Errorf("left is %v", left)
	}
}
