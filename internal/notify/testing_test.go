package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// real is a sink that is told only of what really happens, as a hook is.
type real struct{ sink }

func (r *real) deliveries(e Event) []delivery {
	e.Messages = slices.DeleteFunc(slices.Clone(e.Messages), func(m Message) bool { return m.Kind != Changed })
	return r.sink.deliveries(e)
}

func TestATestGoesToOneSinkAndWaitsForItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good, other, chosen := &sink{name: "good", takes: time.Second}, &sink{name: "other"}, &sink{name: "chosen"}
		bad := &sink{name: "bad", fails: func(int) error {
			return &Failure{Err: errors.New("HTTP 404"), Temporary: true, Hint: "check the topic"}
		}}
		hook := &real{sink{name: "hook"}}
		d := NewDispatcher([]Sink{good, other, OnlyKinds(chosen, []string{"failed"}), bad, hook, &sink{name: "good"}}, nil)
		defer d.Close(t.Context())
		if can := d.Testable(); !slices.Equal(can, []bool{true, true, true, true, false, true}) {
			t.Errorf("tests can be sent: %v", can)
		}
		for _, tt := range []struct {
			name string
			want error
		}{{"good", nil}, {"good 2", nil}, {"good", ErrTooSoon}, {"chosen", nil}, {"bad", nil}, {"hook", ErrNotTestable}, {"", ErrUnknownSink}, {"nobody", ErrUnknownSink}} {
			if err := d.Test(t.Context(), tt.name, TestEvent(time.Now(), "homing")); !errors.Is(err, tt.want) {
				t.Errorf("%q: %v", tt.name, err)
			}
		}
		if len(good.got()) != 1 || len(chosen.got()) != 1 || len(other.got())+len(hook.got()) != 0 {
			t.Errorf("%q %q %q %q", good.got(), chosen.got(), other.got(), hook.got())
		}
		h := d.Health()
		if h[0].Sent != 1 || h[0].Tried.IsZero() || h[0].Failing() || !h[1].Tried.IsZero() {
			t.Errorf("%+v", h)
		}
		if bad.tries != 1 || h[3].Err != "HTTP 404" || h[3].Hint != "check the topic" || !h[3].Failing() || h[3].Tried.IsZero() {
			t.Errorf("%d tries, %+v", bad.tries, h[3])
		}
		time.Sleep(testInterval)
		if err := d.Test(t.Context(), "good", TestEvent(time.Now(), "homing")); err != nil {
			t.Errorf("once more later: %v", err)
		}
	})
}

// Who has the token of the page cannot crowd out what really happens.
func TestTestsCannotFillAQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &sink{name: "slow", takes: 8 * time.Second}
		d := NewDispatcher([]Sink{slow}, nil)
		short, cancel := context.WithTimeout(t.Context(), 6*time.Second)
		defer cancel()
		if err := d.Test(short, "slow", TestEvent(time.Now(), "homing")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a test that takes long: %v", err)
		}
		for range 100 { // it is still under way
			if err := d.Test(t.Context(), "slow", TestEvent(time.Now(), "homing")); !errors.Is(err, ErrTooSoon) {
				t.Errorf("another meanwhile: %v", err)
			}
		}
		if err := d.Test(t.Context(), "slow", Event{}); !errors.Is(err, ErrNotTestable) {
			t.Errorf("nothing: %v", err)
		}
		d.Close(t.Context())
		if got := slow.got(); len(got) != 1 || d.Health()[0].Dropped != 0 {
			t.Errorf("%q", got)
		}
		if err := d.Test(t.Context(), "slow", TestEvent(time.Now(), "homing")); !errors.Is(err, ErrUnknownSink) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// A test that is given up for what came after it ends too.
func TestATestThatIsCrowdedOutEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &sink{name: "slow", takes: 9 * time.Second}
		d := NewDispatcher([]Sink{slow}, nil)
		defer d.Close(t.Context())
		d.Send(Event{Messages: []Message{{Kind: Changed, Body: "first"}}})
		synctest.Wait()
		ended := make(chan error, 1)
		go func() { ended <- d.Test(t.Context(), "slow", TestEvent(time.Now(), "homing")) }()
		synctest.Wait()
		for i := range maxQueued {
			d.Send(Event{Messages: []Message{{Kind: Changed, Body: fmt.Sprint(i)}}})
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if got := strings.Join(slow.got(), " "); got != "" {
			t.Errorf("it waited for %q", got)
		}
	})
}
