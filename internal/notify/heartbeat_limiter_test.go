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
func signs(rounds ...status.Round) (out []Signal) {
	var w watch
	for _, r := range rounds {
		ms := w.decide(r, after(r), Rules{NeedsPerson: needsPerson})
		out = append(out, rounded(r, ms, w.State).Heartbeat.Signal)
	}
	return out
}

func TestHeartbeatsHaveThePatienceOfMessages(t *testing.T) {
	stopped := status.Condition{Code: status.Stopped, Subject: "round"}
	for name, x := range map[string]struct {
		rounds []status.Round
		want   []Signal
	}{
		"a link that is down for seconds": {[]status.Round{round(0), blindly(1, noAddress()), blindly(3, noAddress()), round(8)}, []Signal{SignalUp, SignalLog, SignalLog, SignalUp}},
		"the third round":                 {[]status.Round{round(0, zoneDown()), round(1, zoneDown()), round(2, zoneDown()), round(3, zoneDown()), round(4)}, []Signal{SignalLog, SignalLog, SignalDown, SignalDown, SignalUp}},
		"fifteen minutes":                 {[]status.Round{round(0, zoneDown()), round(900, zoneDown())}, []Signal{SignalLog, SignalDown}},
		"a refusal":                       {[]status.Round{round(0, refusedName("a"))}, []Signal{SignalDown}},
		"one that lasts and one new":      {[]status.Round{round(0, refusedName("a")), round(1, refusedName("a"), zoneDown()), round(2, zoneDown())}, []Signal{SignalDown, SignalDown, SignalLog}},
		"cut short":                       {[]status.Round{round(0, zoneDown(), stopped), round(1, stopped)}, []Signal{SignalLog, NoSignal}},
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
	sign []Signal
}

func (*pulse) Name() string { return "pulse" }

func (p *pulse) deliveries(e Event) []delivery {
	if e.Heartbeat.Signal == NoSignal {
		return nil
	}
	return []delivery{{send: func(context.Context) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.at, p.sign = append(p.at, time.Now()), append(p.sign, e.Heartbeat.Signal)
		return nil
	}}}
}

// Rounds a second apart, a line that comes and goes, and the end.
func TestNeverMoreThanFiveBeatsAMinute(t *testing.T) {
	for name, sign := range map[string]func(second int) Signal{
		"one state": func(int) Signal { return SignalDown },
		"two":       func(s int) Signal { return []Signal{SignalUp, SignalDown}[s%2] },
		"seldom":    func(s int) Signal { return []Signal{SignalUp, SignalLog, SignalDown}[s/100%3] },
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &pulse{}
			d := NewDispatcher([]Sink{p}, nil)
			d.Send(StartedOnceEvent("homing"))
			for s := range 300 {
				d.Send(Event{Heartbeat: Heartbeat{Signal: sign(s)}})
				time.Sleep(time.Second)
			}
			d.Send(ExitedEvent(1))
			d.Close(t.Context())
			if n := len(p.sign); p.sign[0] != SignalStart || p.sign[n-1] != SignalExit || n < 15 {
				t.Errorf("%s: %v", name, p.sign)
			}
			for i := 5; i < len(p.at); i++ {
				if p.at[i].Sub(p.at[i-5]) < time.Minute {
					t.Errorf("%s: six beats from %s on", name, p.at[i-5])
				}
			}
			if name == "seldom" && (p.sign[len(p.sign)-2] != SignalDown || !slices.Contains(p.sign, SignalLog)) {
				t.Errorf("a change of state is lost: %v", p.sign)
			}
		})
	}
}
