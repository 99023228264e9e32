package status

import (
	"net/netip"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// publications is what is told of these entries.
func publications(es ...entry) []Event {
	p := pastEvents{wanted: func(Event) bool { return true }}
	for i := range es {
		p.publication(&es[i])
	}
	return p.out
}

// What was measured outlives the process: it is in the history, and comes back.
func TestTheTimeToTruthIsInTheHistory(t *testing.T) {
	const a, b = "192.0.2.1", "198.51.100.1"
	r := moving(t, minute(1, seen(b)), a, b, "c.example.org")
	r.Truth = 640 * time.Millisecond
	got := recorded(minute(0, seen(a)), r)
	last := got[len(got)-1]
	if last.Kind != entryPublished || last.TruthMS != 640 {
		t.Fatalf("%+v", got)
	}
	events := publications(last)
	if e := events[len(events)-1]; e.Kind != FamilyPublished || e.Truth != r.Truth {
		t.Errorf("%+v", events)
	}
	board := NewBoard()
	r.Bell = &Bell{By: BySystem, What: "x"}
	board.Done(r, nil)
	board.Done(minute(5, seen(b)), nil)
	if s := board.Now(); s.Bell != r.Bell || s.Truth != r.Truth {
		t.Errorf("after a quiet round: %+v, %v", s.Bell, s.Truth)
	}
}

func TestTheTimeToTruth(t *testing.T) {
	at := func(s float64) time.Time { return day(1).Add(time.Duration(s * float64(time.Second))) }
	round := func(began, took float64, rang *float64, outcome Outcome) Round {
		r := Round{Started: at(began), Took: time.Duration(took * float64(time.Second))}
		if rang != nil {
			r.Bell = &Bell{At: at(*rang)}
		}
		switch outcome {
		case Changed:
			c := plan.Change{Action: plan.ToUpdate, Old: dns.Record{Addr: netip.MustParseAddr("192.0.2.1")}, New: dns.Record{Addr: netip.MustParseAddr("192.0.2.2")}}
			r.Zones = []Zone{{Done: []Done{{Change: c}}}}
		case Failed:
			r.Conditions = []Condition{{Code: AddressUnknown}}
		}
		return r
	}
	rang := func(s float64) *float64 { return &s }
	for name, c := range map[string]struct {
		rounds []Round
		want   time.Duration
	}{
		"at once":                         {[]Round{round(10.3, .3, rang(10), Changed)}, 600 * time.Millisecond},
		"no bell":                         {[]Round{round(10, .3, nil, Changed)}, 0},
		"the first look saw nothing":      {[]Round{round(10.2, .1, rang(10), Unchanged), round(11, .5, rang(10.9), Changed)}, 1500 * time.Millisecond},
		"the first look failed":           {[]Round{round(10.2, .1, rang(10), Failed), round(11, .5, nil, Changed)}, 1500 * time.Millisecond},
		"it rang for nothing":             {[]Round{round(10.2, .1, rang(10), Unchanged), round(310, .5, nil, Changed)}, 0},
		"and again for something":         {[]Round{round(10.2, .1, rang(10), Unchanged), round(310.5, .5, rang(310), Changed)}, time.Second},
		"an outage is no part of it":      {[]Round{round(10.2, .1, rang(10), Failed), round(310.5, .5, rang(310), Changed)}, time.Second},
		"nobody rang when the net was up": {[]Round{round(10.2, .1, rang(10), Failed), round(40, 1, nil, Changed)}, 31 * time.Second},
		"it is told once":                 {[]Round{round(10.3, .3, rang(10), Changed), round(11, .3, nil, Changed)}, 0},
	} {
		var truth Truth
		var got time.Duration
		for _, r := range c.rounds {
			truth, got = truth.After(r)
		}
		if got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
