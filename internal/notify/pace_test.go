package notify

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// signs of the rounds that a Decide has seen one after the other.
func signs(rounds ...status.Round) (out []Sign) {
	var w watch
	for _, r := range rounds {
		ms := w.decide(r, after(r), Rules{Refused: stands})
		out = append(out, rounded(r, ms, w.State).Beat.Sign)
	}
	return out
}

func TestHeartbeatsHaveThePatienceOfMessages(t *testing.T) {
	stopped := status.Condition{Code: status.Stopped, Subject: "round"}
	for name, x := range map[string]struct {
		rounds []status.Round
		want   []Sign
	}{
		"a link that is down for seconds": {[]status.Round{round(0), blindly(1, noAddress()), blindly(3, noAddress()), round(8)}, []Sign{Up, Note, Note, Up}},
		"the third round":                 {[]status.Round{round(0, zoneDown()), round(1, zoneDown()), round(2, zoneDown()), round(3, zoneDown()), round(4)}, []Sign{Note, Note, Down, Down, Up}},
		"fifteen minutes":                 {[]status.Round{round(0, zoneDown()), round(900, zoneDown())}, []Sign{Note, Down}},
		"a refusal":                       {[]status.Round{round(0, refusedName("a"))}, []Sign{Down}},
		"one that lasts and one new":      {[]status.Round{round(0, refusedName("a")), round(1, refusedName("a"), zoneDown()), round(2, zoneDown())}, []Sign{Down, Down, Note}},
		"cut short":                       {[]status.Round{round(0, zoneDown(), stopped), round(1, stopped)}, []Sign{Note, Silent}},
	} {
		if got := signs(x.rounds...); !slices.Equal(got, x.want) {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
}

// pulse is a sink of beats.
type pulse struct {
	mu   sync.Mutex
	at   []time.Time
	sign []Sign
}

func (*pulse) Name() string { return "pulse" }

func (p *pulse) take(e Event) []delivery {
	if e.Beat.Sign == Silent {
		return nil
	}
	return []delivery{{send: func(context.Context) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.at, p.sign = append(p.at, time.Now()), append(p.sign, e.Beat.Sign)
		return nil
	}}}
}

// Rounds a second apart, a line that comes and goes, and the end.
func TestNeverMoreThanFiveBeatsAMinute(t *testing.T) {
	for name, sign := range map[string]func(second int) Sign{
		"one state": func(int) Sign { return Down },
		"two":       func(s int) Sign { return []Sign{Up, Down}[s%2] },
		"seldom":    func(s int) Sign { return []Sign{Up, Note, Down}[s/100%3] },
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &pulse{}
			d := NewDispatcher([]Sink{p}, nil)
			d.Tell(StartingOnce("homing"))
			for s := range 300 {
				d.Tell(Event{Beat: Beat{Sign: sign(s)}})
				time.Sleep(time.Second)
			}
			d.Tell(Exiting(1))
			d.Close(t.Context())
			if n := len(p.sign); p.sign[0] != Start || p.sign[n-1] != Exit || n < 15 {
				t.Errorf("%s: %v", name, p.sign)
			}
			for i := 5; i < len(p.at); i++ {
				if p.at[i].Sub(p.at[i-5]) < time.Minute {
					t.Errorf("%s: six beats from %s on", name, p.at[i-5])
				}
			}
			if name == "seldom" && (p.sign[len(p.sign)-2] != Down || !slices.Contains(p.sign, Note)) {
				t.Errorf("a change of state is lost: %v", p.sign)
			}
		})
	}
}
