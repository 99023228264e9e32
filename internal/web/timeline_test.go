package web

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

func found(ago time.Duration, from, to string) status.Event {
	return status.Event{At: noon().Add(-ago), Kind: status.AddressFound, Of: plan.Here(addr.IPv4), From: from, To: to}
}

func lost(ago time.Duration) status.Event {
	return status.Event{At: noon().Add(-ago), Kind: status.AddressLost, Of: plan.Here(addr.IPv4)}
}

// drawn is the lane of IPv4 as a line: kind, beginning and width of each segment.
func drawn(t *timeline) string {
	var words []string
	for _, l := range t.Lanes {
		for _, s := range l.Segments {
			words = append(words, fmt.Sprintf("%s %s %g+%g", s.Kind, s.Addresses, s.X, s.Width))
		}
	}
	return strings.Join(words, "; ")
}

func TestTheTimelineShowsWhatTheAddressesWere(t *testing.T) {
	const h = time.Hour
	tests := []struct {
		what   string
		events []status.Event
		want   string
	}{
		{"nothing", nil, ""},
		{"one for ever", []status.Event{found(100*h, "", "1.1.1.1")}, "odd 1.1.1.1 0+100"},
		{"since noon yesterday but six hours", []status.Event{found(18*h, "", "1.1.1.1")}, "odd 1.1.1.1 25+75"},
		{"a change", []status.Event{found(100*h, "", "1.1.1.1"), found(12*h, "1.1.1.1", "2.2.2.2")}, "odd 1.1.1.1 0+50; even 2.2.2.2 50+50"},
		{"an outage", []status.Event{found(100*h, "", "1.1.1.1"), lost(12 * h), found(6*h, "1.1.1.1", "1.1.1.1")},
			"odd 1.1.1.1 0+50; lost not known 50+25; odd 1.1.1.1 75+25"},
		{"one that lasts", []status.Event{found(100*h, "", "1.1.1.1"), lost(12 * h)}, "odd 1.1.1.1 0+50; lost not known 50+50"},
		{"a restart", []status.Event{found(100*h, "", "1.1.1.1"), {At: noon().Add(-12 * h), Kind: status.HomingBegan}, found(12*h, "", "1.1.1.1")}, "odd 1.1.1.1 0+100"},
		{"a time when homing did not run", []status.Event{found(100*h, "", "1.1.1.1"), {At: noon().Add(-18 * h), Kind: status.HomingEnded}, found(12*h, "1.1.1.1", "1.1.1.1")},
			"odd 1.1.1.1 0+25; odd 1.1.1.1 50+50"},
		{"long over", []status.Event{found(200*h, "", "1.1.1.1"), {At: noon().Add(-100 * h), Kind: status.HomingEnded}}, ""},
		{"of tomorrow", []status.Event{found(-24*h, "", "1.1.1.1")}, "odd 1.1.1.1 100+0.15"},
	}
	for _, tt := range tests {
		if got := drawn(newTimeline(spanOf("24h"), tt.events, noon(), time.UTC)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
}

func TestTheTimelineAddsUp(t *testing.T) {
	events := []status.Event{found(100*time.Hour, "", "1.1.1.1"), lost(10 * time.Hour), found(9*time.Hour, "1.1.1.1", "2.2.2.2")}
	for i, took := range []time.Duration{time.Second, 3 * time.Second, time.Hour} {
		events = append(events, status.Event{At: noon().Add(-time.Duration(i) * time.Hour), Kind: status.FamilyPublished, Of: plan.Here(addr.IPv4), Took: took})
	}
	got := newTimeline(spanOf("24h"), events, noon(), time.UTC)
	if want := "1 change, 60 min without a known address; usually published within 3.0 s, at most 60 min."; got.Summary != want {
		t.Errorf("%q, want %q", got.Summary, want)
	}
	if got := newTimeline(spanOf("24h"), nil, noon(), time.UTC).Summary; got != "Nothing has been recorded in this time yet." {
		t.Error(got)
	}
}

func TestTheTimeFromTheFirstSignIsPlotted(t *testing.T) {
	e := status.Event{At: noon(), Kind: status.FamilyPublished, Of: plan.Here(addr.IPv4), To: "1.1.1.1", Took: 150 * time.Millisecond, Truth: 450 * time.Millisecond}
	got := newTimeline(spanOf("24h"), []status.Event{e}, noon(), time.UTC).Delays
	if len(got) != 1 || got[0].Took != "450 ms" || got[0].Y != delayY(e.Truth) || !strings.Contains(got[0].Title, "after 450 ms from its first sign") {
		t.Errorf("%+v", got)
	}
}

func TestADelayIsHigherTheLongerItWasAndStaysInThePlot(t *testing.T) {
	last := math.Inf(1)
	for _, d := range []time.Duration{0, time.Second, 10 * time.Second, time.Minute, time.Hour, 100 * time.Hour} {
		y := delayY(d)
		if y > last || y < plotTop || y > plotFloor {
			t.Errorf("%v is at %g, after %g", d, y, last)
		}
		last = y
	}
}

func TestYearsOfFlappingAreNotLongerThanAScreen(t *testing.T) {
	var events []status.Event
	for i := range 100_000 {
		events = append(events, found(90*24*time.Hour-time.Duration(i)*77*time.Second, fmt.Sprint(i), fmt.Sprint(i+1)))
	}
	got := newTimeline(spanOf("90d"), events, noon(), time.UTC)
	if n := len(got.Lanes[0].Segments); n > 700 {
		t.Errorf("%d segments", n)
	}
}

func TestTicksLieOnWholeHoursAndDaysOfThePlace(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for i := range spans {
		sp := &spans[i]
		got := newTimeline(sp, nil, noon(), berlin)
		if n := len(got.Ticks); n < 4 || n > 9 {
			t.Errorf("%s has %d ticks", sp.name, n)
		}
		if got.Ticks[0].Minor {
			t.Errorf("%s begins with a minor one", sp.name)
		}
	}
	day := newTimeline(spanOf("24h"), nil, noon(), berlin)
	if day.Ticks[0].Label != "15:00" { // 13:00 was the beginning there
		t.Errorf("%+v", day.Ticks)
	}
}

func TestTimesAreWordsThatAPersonReads(t *testing.T) {
	now := noon()
	for d, want := range map[time.Duration]string{0: "just now", -4 * time.Second: "just now", -5 * time.Second: "5 s ago", 89 * time.Second: "in 89 s",
		-90 * time.Second: "2 min ago", -89 * time.Minute: "89 min ago", -90 * time.Minute: "2 h ago", -47 * time.Hour: "47 h ago",
		-48 * time.Hour: "2 days ago", 1000 * time.Hour: "in 42 days"} {
		if got := relative(now.Add(d), now); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{0: "0 ms", 999 * time.Millisecond: "999 ms", 1500 * time.Millisecond: "1.5 s", 42 * time.Second: "42 s"} {
		if got := exact(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func FuzzTimeline(f *testing.F) {
	f.Add(int64(3600), int64(60), uint8(0), "1.1.1.1", "7d")
	f.Add(int64(-5), int64(1<<40), uint8(7), "", "")
	f.Add(int64(math.MaxInt64), int64(math.MinInt64), uint8(3), "\x00", "90d")
	f.Fuzz(func(t *testing.T, a, b int64, kind uint8, to, name string) {
		kinds := []status.EventKind{status.AddressFound, status.AddressLost, status.HomingEnded, status.FamilyPublished, status.HomingBegan, "?"}
		events := []status.Event{
			{At: noon().Add(time.Duration(a)), Kind: kinds[int(kind)%len(kinds)], Of: plan.Here(addr.IPv4), To: to, Took: time.Duration(b)},
			{At: noon().Add(time.Duration(b)), Kind: kinds[int(kind>>4)%len(kinds)], Of: plan.Here(addr.IPv4), From: to, Took: time.Duration(a)},
		}
		got := newTimeline(spanOf(name), events, noon(), time.UTC)
		for _, l := range got.Lanes {
			for _, s := range l.Segments {
				if !(s.X >= 0 && s.X <= 100 && s.Width >= 0 && s.Width <= 100.2) {
					t.Errorf("%+v", s)
				}
			}
		}
		for _, d := range got.Delays {
			if !(d.X >= 0 && d.X <= 100 && d.Y >= plotTop && d.Y <= plotFloor) {
				t.Errorf("%+v", d)
			}
		}
	})
}
