package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// sink is one whose deliveries take some time and end as they are told to.
type sink struct {
	name  string
	takes time.Duration
	once  bool
	limit time.Duration
	fails func(try int) error

	mu    sync.Mutex
	tries int
	done  []string
}

func (s *sink) Name() string { return s.name }

func (s *sink) deliveries(e Event) []delivery {
	var out []delivery
	for _, m := range e.Messages {
		out = append(out, delivery{noRetry: s.once, timeout: s.limit, send: func(ctx context.Context) error { return s.send(ctx, m.Body) }})
	}
	return out
}

func (s *sink) send(ctx context.Context, body string) error {
	t := time.NewTimer(s.takes + time.Millisecond)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return &Failure{Err: errors.New("no answer in time"), Temporary: true}
	case <-t.C:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries++
	if s.fails != nil {
		if err := s.fails(s.tries); err != nil {
			return err
		}
	}
	s.done = append(s.done, body)
	return nil
}

func (s *sink) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.done)
}

func saying(body string) Event { return Event{Messages: []Message{{Body: body}}} }

func TestASlowSinkDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, quick := &sink{name: "slow", takes: 9 * time.Second}, &sink{name: "quick"}
		d := NewDispatcher([]Sink{slow, quick}, nil)
		began := time.Now()
		for i := range 5 {
			d.Send(saying(fmt.Sprint(i)))
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("telling took %s", took)
		}
		time.Sleep(100 * time.Millisecond)
		if got := quick.got(); len(got) != 5 {
			t.Errorf("the quick one has %v", got)
		}
		time.Sleep(time.Minute)
		if got := slow.got(); !slices.Equal(got, []string{"0", "1", "2", "3", "4"}) {
			t.Errorf("the slow one has %v, in this order", got)
		}
		d.Close(t.Context())
	})
}

func TestAFullQueueLosesTheOldestAndSaysHowMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sink{name: "slow", takes: time.Second}
		d := NewDispatcher([]Sink{s}, nil)
		d.Send(saying("first"))
		synctest.Wait() // it is on its way
		for i := range maxQueued + 3 {
			d.Send(saying(fmt.Sprint(i)))
		}
		time.Sleep(time.Minute)
		got := s.got()
		if h := d.Health()[0]; len(got) != maxQueued+1 || got[0] != "first" || got[1] != "3" || h.Dropped != 3 || h.Sent != maxQueued+1 || h.Failing() {
			t.Errorf("%v, %+v", got, h)
		}
		d.Close(t.Context())
	})
}

func TestWhatMayPassIsTriedOnceMore(t *testing.T) {
	passing, final := &Failure{Err: errors.New("busy"), Temporary: true}, &Failure{Err: errors.New("gone"), Hint: "look"}
	for name, x := range map[string]struct {
		sink  *sink
		tries int
		err   string
	}{
		"it works":         {&sink{}, 1, ""},
		"it passed":        {&sink{fails: func(n int) error { return onlyFirst(n, passing) }}, 2, ""},
		"it did not pass":  {&sink{fails: func(int) error { return passing }}, 2, "busy"},
		"a no is a no":     {&sink{fails: func(int) error { return final }}, 1, "gone"},
		"not worth it":     {&sink{fails: func(int) error { return errors.New("odd") }}, 1, "odd"},
		"twice would harm": {&sink{once: true, fails: func(int) error { return passing }}, 1, "busy"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := x.sink
			d := NewDispatcher([]Sink{s}, nil)
			d.Send(saying("x"))
			time.Sleep(time.Minute)
			synctest.Wait()
			if h := d.Health()[0]; s.tries != x.tries || h.Err != x.err || h.Failing() != (x.err != "") || h.Sent+h.Failed != 1 {
				t.Errorf("%s: %d tries, %+v", name, s.tries, h)
			}
			d.Close(t.Context())
		})
	}
}

func onlyFirst(n int, err error) error {
	if n == 1 {
		return err
	}
	return nil
}

func TestADeliveryHasTenSecondsATry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs, patient := &sink{name: "hangs", takes: time.Hour}, &sink{name: "patient", takes: 20 * time.Second, limit: 30 * time.Second}
		d := NewDispatcher([]Sink{hangs, patient}, nil)
		began := time.Now()
		d.Send(saying("x"))
		time.Sleep(attemptTimeout + retryDelay + attemptTimeout + time.Second)
		h := d.Health()
		if !h[0].Failing() || !h[0].Since.Equal(began.Add(2*attemptTimeout+retryDelay)) || h[0].Err != "no answer in time" {
			t.Errorf("%+v", h[0])
		}
		time.Sleep(time.Minute)
		if len(patient.got()) != 1 {
			t.Error("one that may take longer was cut off")
		}
		d.Close(t.Context())
	})
}

func TestHealthTurnsOnceEachWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := true
		s := &sink{name: "it", fails: func(int) error {
			if bad {
				return &Failure{Err: errors.New("go\x1b[31mne\n"), Hint: "look"}
			}
			return nil
		}}
		var turns []string
		var since time.Time
		var each []bool // how each delivery went
		d := NewDispatcher([]Sink{s}, func(h Health, turned bool) {
			if each = append(each, !h.Failing()); turned {
				turns = append(turns, h.Describe())
				since = h.Since
			}
		})
		tell := func() { d.Send(saying("x")); time.Sleep(time.Second); synctest.Wait() }
		tell()
		first := since
		tell()
		if h := d.Health()[0]; !h.Since.Equal(first) || h.Failed != 2 || !h.LastSent.IsZero() {
			t.Errorf("%+v", h)
		}
		bad = false
		tell()
		tell()
		if h := d.Health()[0]; h.Failing() || h.Err != "" || h.Hint != "" || h.Sent != 2 || h.LastSent.IsZero() {
			t.Errorf("%+v", h)
		}
		if len(turns) != 2 || turns[0] != "it: not delivered: go[31mne\n; look" {
			t.Errorf("%q", turns)
		}
		if want := []bool{false, false, true, true}; !slices.Equal(each, want) {
			t.Errorf("the deliveries went %v, want %v", each, want)
		}
		d.Close(t.Context())
	})
}

func TestClosingDeliversWhatWaitsAsLongAsItMay(t *testing.T) {
	for wait, want := range map[time.Duration]int{time.Hour: 3, 2500 * time.Millisecond: 2} {
		synctest.Test(t, func(t *testing.T) {
			s := &sink{takes: time.Second}
			d := NewDispatcher([]Sink{s, &sink{takes: time.Hour, limit: 2 * time.Hour, once: true}}, nil)
			d.Send(saying("a"))
			d.Send(saying("b"))
			d.Send(saying("c"))
			ctx, cancel := context.WithTimeout(t.Context(), wait)
			defer cancel()
			began := time.Now()
			d.Close(ctx)
			if took := time.Since(began); took > wait || len(s.got()) != want {
				t.Errorf("within %s, in %s: %v", wait, took, s.got())
			}
			d.Send(saying("too late"))
			synctest.Wait()
			if len(s.got()) != want {
				t.Error("something is delivered after Close")
			}
		})
	}
}

func TestADispatcherWithNothingToDoRunsNothing(t *testing.T) {
	d := NewDispatcher([]Sink{&sink{}, &sink{}}, nil)
	goleak.VerifyNone(t)
	d.Send(Event{})
	goleak.VerifyNone(t)
	d.Close(t.Context())
	NewDispatcher(nil, nil).Send(saying("x"))
}

func TestSinksOfOneNameAreToldApart(t *testing.T) {
	d := NewDispatcher([]Sink{&sink{name: "discord"}, &sink{name: "ntfy"}, &sink{name: "discord"}}, nil)
	var names []string
	for _, h := range d.Health() {
		names = append(names, h.Sink)
	}
	if want := []string{"discord", "ntfy", "discord 2"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}

func TestTellingAndClosingAtOnceIsSafe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sink{}
		d := NewDispatcher([]Sink{s}, nil)
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { d.Send(saying(fmt.Sprint(i))) })
		}
		wg.Go(func() { d.Close(t.Context()) })
		wg.Go(func() { d.Health() })
		wg.Wait()
	})
}
