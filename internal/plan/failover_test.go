package plan

import (
	"math/rand/v2"
	"testing"
	"time"
)

// line is a place with several sites as a Failover sees it, a round at a time.
type line struct {
	t   *testing.T
	f   Failover
	now time.Time
}

func newLine(t *testing.T) *line {
	return &line{t: t, now: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)}
}

// looks are what letters say: k known, - not, x down, h held or doubted, u known and not confirmed.
func looks(letters string) (all []Look) {
	for _, c := range letters {
		l := Look{Settled: true}
		switch c {
		case 'k':
			l.Known, l.Confirmed, l.Alive = true, true, true
		case 'u':
			l.Known, l.Alive = true, true
		case 'h':
			l.Alive = true
		case 'x':
			l.Down = true
		}
		all = append(all, l)
	}
	return all
}

// round wants the site that is chosen, and whether its address is known.
func (l *line) round(letters string, at int, known bool) {
	l.t.Helper()
	got, is, decided := l.f.Choose(l.now, looks(letters))
	if got != at || is != known || !decided {
		l.t.Errorf("%s at %s: site %d, known %v, decided %v; want %d, %v", letters, l.now.Format(time.TimeOnly), got, is, decided, at, known)
	}
	l.f = l.f.After(l.now, looks(letters), got)
}

func (l *line) later(d time.Duration) { l.now = l.now.Add(d) }

func TestTheFirstSiteThatIsKnownCounts(t *testing.T) {
	l := newLine(t)
	l.round("kk", 0, true)
	l.round("k-", 0, true)
	l.round("uk", 0, true) // it is written once it is confirmed
}

func TestASiteIsLeftAfterThreeLooksAndAMinute(t *testing.T) {
	l := newLine(t)
	l.round("kk", 0, true)
	l.later(5 * time.Minute)
	l.round("-k", 0, false)
	for range 5 { // many looks at once are no minute
		l.later(time.Second)
		l.round("-k", 0, false)
	}
	l.later(55 * time.Second)
	l.round("-k", 1, true)

	slow := newLine(t)
	slow.round("-k", 0, false)
	slow.later(10 * time.Minute) // nor are two looks three
	slow.round("-k", 0, false)
	slow.later(time.Second)
	slow.round("-k", 1, true)
}

func TestALookInBetweenBeginsTheCountAnew(t *testing.T) {
	l := newLine(t)
	for range 10 {
		l.round("-k", 0, false)
		l.later(40 * time.Second)
		l.round("-k", 0, false)
		l.later(40 * time.Second)
		l.round("kk", 0, true)
		l.later(40 * time.Second)
	}
}

func TestALineThatIsGoneIsLeftAtOnce(t *testing.T) {
	l := newLine(t)
	l.round("kk", 0, true)
	l.round("xk", 1, true)
	l.round("xx", 1, false)
}

func TestNothingMovesWhereNobodyElseIsConfirmed(t *testing.T) {
	l := newLine(t)
	for _, others := range []string{"---", "-u-", "-h-", "xx-", "xu-"} {
		for range 5 {
			l.round(others, 0, false)
			l.later(time.Minute)
		}
	}
	l.round("x-k", 2, true) // of the others the first that is known
}

// A line that is answered for, though not believed yet, is well: its own damping
// and its own liars are no reason to leave it.
func TestASiteInDoubtIsNotLeft(t *testing.T) {
	l := newLine(t)
	for range 20 {
		l.round("hk", 0, false)
		l.later(time.Minute)
	}
}

func TestTheNameReturnsInTheFirstRoundAfterTheHold(t *testing.T) {
	l := newLine(t)
	l.round("xk", 1, true)
	l.later(time.Minute)
	l.round("kk", 1, true)
	back := l.now
	if next := l.f.NextLook(l.now, looks("kk")); !next.Equal(back.Add(failHold)) {
		t.Errorf("it looks again at %s", next)
	}
	l.later(4 * time.Minute)
	l.round("kk", 1, true)
	l.later(time.Minute)
	l.round("kk", 0, true)

	gone := newLine(t)
	gone.round("xk", 1, true)
	for range 10 { // one that comes and goes is never returned to
		gone.later(4 * time.Minute)
		gone.round("kk", 1, true)
		gone.later(time.Second)
		gone.round("-k", 1, true)
	}
	gone.later(time.Second)
	gone.round("kk", 1, true)
	gone.round("kx", 0, true) // but when the other one goes, the hold is over
}

func TestItLooksAgainSoonOnlyWhereThatMayMoveIt(t *testing.T) {
	l := newLine(t)
	for letters, want := range map[string]time.Duration{"kk": 0, "--": 0, "-k": failAgain, "xx": 0, "k-": 0} {
		f := Failover{}.After(l.now, looks(letters), 0)
		next := f.NextLook(l.now, looks(letters))
		if want == 0 && !next.IsZero() || want > 0 && !next.Equal(l.now.Add(want)) {
			t.Errorf("%s: %s", letters, next)
		}
	}
	f := Failover{}.After(l.now, looks("-k"), 0).After(l.now.Add(failAgain), looks("-k"), 0)
	if next := f.NextLook(l.now.Add(failAgain), looks("-k")); !next.Equal(l.now.Add(failTime)) {
		t.Errorf("after two looks: %s", next)
	}
}

// A site that has not settled is waited for only where it may matter.
func TestADeadFirstLineDelaysNobody(t *testing.T) {
	l := newLine(t)
	l.round("xk", 1, true)
	pending := looks("-k")
	pending[0].Settled = false
	if at, known, decided := l.f.Choose(l.now, pending); at != 1 || !known || !decided {
		t.Errorf("it waits for a line that was dead: %d %v %v", at, known, decided)
	}
	l.later(time.Minute)
	l.round("kk", 1, true)
	l.later(failHold)
	if _, _, decided := l.f.Choose(l.now, pending); decided {
		t.Error("it does not wait for the line that it is to return to")
	}
	second := looks("kk")
	second[1].Settled = false
	if at, known, decided := (Failover{}).Choose(l.now, second); at != 0 || !known || !decided {
		t.Error("it waits for the second line, though the first is known")
	}
}

// Whatever happens: nothing moves to what is not confirmed, one that is known is
// left only for an earlier one, and no name moves twice within the hold unless a
// line is gone or was silent.
func TestFailoverNeverFlaps(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		l, n := newLine(t), 2+dice.IntN(2)
		known := make([]time.Time, n) // since when
		for range 60 {
			letters := ""
			for i := range n {
				c := "kkkk--uhx"[dice.IntN(9)]
				letters += string(c)
				switch {
				case c != 'k' && c != 'u':
					known[i] = time.Time{}
				case known[i].IsZero():
					known[i] = l.now
				}
			}
			before, all := l.f.at, looks(letters)
			at, is, decided := l.f.Choose(l.now, all)
			switch {
			case !decided:
				t.Fatalf("%s is not decided", letters)
			case is != all[at].Known:
				t.Fatalf("%s: site %d is known: %v", letters, at, is)
			case at != before && !all[at].Confirmed:
				t.Fatalf("%s: it moved to %d, which is not confirmed", letters, at)
			case at != before && all[before].Alive && (at > before || l.now.Sub(known[at]) < failHold):
				t.Fatalf("%s: it moved from %d, which is well, to %d", letters, before, at)
			}
			l.f = l.f.After(l.now, all, at)
			l.later(time.Duration(dice.IntN(120)) * time.Second)
		}
	}
}
