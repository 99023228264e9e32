package detect

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// A journal notes when each way was asked, and when it was no longer.
type journal struct {
	start time.Time
	mu    sync.Mutex
	lines []string
	open  int
}

func newJournal() *journal { return &journal{start: time.Now()} }

func (j *journal) begin(way string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.open++
	j.lines = append(j.lines, fmt.Sprintf("%s %v", way, time.Since(j.start)))
}

func (j *journal) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.open--
}

// asked wants exactly these questions, each "way time", and none under way.
func (j *journal) asked(t *testing.T, want ...string) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	if got := strings.Join(j.lines, ", "); got != strings.Join(want, ", ") {
		t.Errorf("asked %s, want %s", got, strings.Join(want, ", "))
	}
	if j.open != 0 {
		t.Errorf("%d questions are still open", j.open)
	}
}

// fake is a Source of one way that says the same after the same time, always.
type fake struct {
	j     *journal
	voter addr.Voter
	after time.Duration
	said  addr.Observation
}

func (f *fake) Voter() addr.Voter { return f.voter }

func (f *fake) Observe(ctx context.Context) addr.Observation {
	f.j.begin(f.voter.Route)
	defer f.j.end()
	select {
	case <-time.After(f.after):
		return f.said
	case <-ctx.Done():
		return addr.Unknown(context.Cause(ctx))
	}
}

// says makes a Source of an operator of its own.
func (j *journal) says(name string, after time.Duration, said addr.Observation) *fake {
	return &fake{j, addr.Voter{Source: name, Operator: name, Route: name, Authenticated: true}, after, said}
}

// host makes one of several ways of the source "many".
func (j *journal) host(name string, after time.Duration, said addr.Observation) *fake {
	return &fake{j, addr.Voter{Source: "many", Operator: "many", Route: name, Authenticated: true}, after, said}
}

func many(hosts ...*fake) *hedgedSource {
	var ways []Source
	for _, h := range hosts {
		ways = append(ways, h)
	}
	return newHedgedSource(hosts[0].voter, ways)
}

const (
	never = time.Hour
	ms    = time.Millisecond
)

var (
	truth = known("8.8.4.4")
	stale = known("8.8.8.8")
	wrong = known("9.9.9.9")
	down  = addr.Unknown(errDown)
)

func panelOf(rule addr.Rule, sources ...Source) *Detector {
	return New(Config{Family: addr.IPv4, Sources: sources, Rule: rule, Timeout: 5 * time.Second})
}

// took checks how long it took since the journal was begun.
func (j *journal) took(t *testing.T, want time.Duration) {
	t.Helper()
	if got := time.Since(j.start); got != want {
		t.Errorf("it took %v, want %v", got, want)
	}
}

// ways lists who voted, in order, with what.
func ways(votes []addr.Vote) string {
	var out []string
	for _, v := range votes {
		out = append(out, v.Route+" "+v.Said.Describe())
	}
	return strings.Join(out, "; ")
}
