package addr

import (
	"testing"
	"time"
)

func TestAnAddressReturnsWithinADayOfBeingReplaced(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	a, b, c := known("84.1.1.1"), known("84.2.2.2"), known("84.3.3.3")
	stays := []Stay{{b, now.Add(-time.Hour)}, {a, now.Add(-30 * time.Hour)}, {c, now.Add(-31 * time.Hour)}}
	for _, tt := range []struct {
		seen Observation
		at   time.Time
		want bool
	}{
		{a, now, true},                      // left an hour ago
		{a, now.Add(23 * time.Hour), true},  // a day ago
		{a, now.Add(24 * time.Hour), false}, // longer
		{b, now, false},                     // it is here
		{c, now, false},                     // left 30 hours ago
		{known("84.4.4.4"), now, false},     // never was here
	} {
		if got := IsReturning(stays, tt.seen, tt.at); got != tt.want {
			t.Errorf("%s at %s: %t", tt.seen.Describe(), tt.at, got)
		}
	}
	if IsReturning(nil, a, now) || IsReturning(stays[:1], b, now) {
		t.Error("nothing was here before")
	}
}

func TestWaysThatAreTornBetweenTwoAddressesOfTheDay(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	here, before, strange := known("84.2.2.2"), known("84.1.1.1"), known("84.3.3.3")
	stays := []Stay{{here, now.Add(-time.Hour)}, {before, now.Add(-3 * time.Hour)}}
	votes := func(said ...Observation) (votes []Vote) {
		for _, o := range said {
			votes = append(votes, Vote{Said: o})
		}
		return votes
	}
	for name, tt := range map[string]struct {
		stays []Stay
		looks []Vote
		want  bool
	}{
		"one each":                 {stays, votes(here, before), true},
		"and one that is mute":     {stays, votes(before, Observation{}, here), true},
		"a third address":          {stays, votes(here, before, strange), false},
		"what never was here":      {stays, votes(here, strange), false},
		"only what is here":        {stays, votes(here, here), false},
		"nobody sees what is":      {stays, votes(before, before), false},
		"nothing is published":     {nil, votes(here, before), false},
		"it was longer than a day": {[]Stay{{here, now.Add(-25 * time.Hour)}, {before, now.Add(-30 * time.Hour)}}, votes(here, before), false},
	} {
		if other, got := Alternates(tt.stays, tt.looks, now); got != tt.want || got && !other.Same(before) {
			t.Errorf("%s: %t, %s", name, got, other.Describe())
		}
	}
}

func TestLinesTellTwoLinesFromAMoveAndAStaleWay(t *testing.T) {
	here, there := known("84.1.1.1"), known("84.2.2.2")
	look := func(ways string) (votes []Vote) { // a letter is a way that sees what is published, a dot one that does not
		for i, c := range ways {
			v := Vote{Voter: Voter{Route: string(rune('a' + i))}, Said: there}
			if c != '.' {
				v.Said = here
			}
			votes = append(votes, v)
		}
		return votes
	}
	for name, tt := range map[string]struct {
		rounds []string
		stays  string // y or n for each
		two    bool
	}{
		"a move":                   {[]string{"....", "....", "...."}, "yyn", false},
		"two lines":                {[]string{".b.d", "a...", ".b.."}, "yyy", true},
		"one of two lines goes":    {[]string{".b.d", "....", "....", "...."}, "yyyn", true},
		"it comes back between":    {[]string{".b.d", "....", "....", "..c.", "....", "....", "...."}, "yyyyyyn", true},
		"a stale way":              {[]string{".b..", ".b..", ".b.."}, "yyn", false},
		"another way each time":    {[]string{"a...", ".b..", "..c.", "...d"}, "yyyy", true},
		"a stale way on two lines": {[]string{"ab..", ".b..", ".b..", ".b.."}, "yyyn", true},
	} {
		var l MultiWAN
		for i, r := range tt.rounds {
			var stay bool
			if l, stay = l.Next(here, look(r), false); stay != (tt.stays[i] == 'y') {
				t.Errorf("%s: round %d: stays %t", name, i+1, stay)
			}
		}
		if l.Detected() != tt.two {
			t.Errorf("%s: two lines: %t", name, l.Detected())
		}
		if l.Reset().Detected() != tt.two {
			t.Errorf("%s: that is forgotten", name)
		}
	}
}

func TestWhatComesAndGoesAgainAndAgainIsASecondLine(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	a, b := known("84.1.1.1"), known("84.2.2.2")
	stays := []Stay{{a, now.Add(-5 * time.Minute)}, {b, now.Add(-10 * time.Minute)}, {a, now.Add(-15 * time.Minute)}}
	if !KeepsReturning(stays, now) || KeepsReturning(stays[1:], now) || KeepsReturning(nil, now) {
		t.Error("it is not told whether what is published came back")
	}
	l, stay := MultiWAN{}.Next(a, nil, true)
	if !stay || !l.Detected() || !l.PublishedUnseen() {
		t.Errorf("%+v, stays %t", l, stay)
	}
}
