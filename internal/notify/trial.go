package notify

import (
	"context"
	"errors"
	"time"
)

// Why no test is sent.
var (
	ErrNoSink = errors.New("nobody of this name is told of anything; perhaps the settings were read again meanwhile")
	ErrReal   = errors.New("it is told only of what really happens")
	ErrBusy   = errors.New("a test was sent to it a moment ago; wait a few seconds")
)

// trialEvery is how far apart tests of one sink are: who has the page's token must
// be able neither to flood a service nor to crowd out what really happens.
const trialEvery = 5 * time.Second

// trial is the test of a sink that is under way, or was the latest.
type trial struct {
	under bool
	began time.Time
}

// whole is a sink as it is told of everything.
func whole(s Sink) Sink {
	if o, ok := s.(*only); ok {
		return o.Sink
	}
	return s
}

// CanTest says for each sink, in the order of Health, whether a test is sent to it:
// a hook and a monitor that knows only up and down have none.
func (d *Dispatcher) CanTest() []bool {
	var out []bool
	for _, l := range d.lanes {
		out = append(out, len(whole(l.sink).take(Testing(time.Time{}, ""))) > 0)
	}
	return out
}

// Test sends e to the sink of this name alone, once, whatever it is told of
// otherwise, and waits until it was delivered or not, which Health then says, or
// until ctx is done.
func (d *Dispatcher) Test(ctx context.Context, sink string, e Event) error {
	for _, l := range d.lanes {
		if l.name == sink {
			done, err := d.try(l, e)
			if err != nil {
				return err
			}
			select {
			case <-done:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	return ErrNoSink
}

func (d *Dispatcher) try(l *lane, e Event) (<-chan struct{}, error) {
	work := whole(l.sink).take(e)
	if len(work) == 0 {
		return nil, ErrReal
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	l.mu.Lock()
	busy := l.trial.under || now.Sub(l.trial.began) < trialEvery
	if !busy && !d.closed {
		l.trial = trial{true, now}
	}
	l.mu.Unlock()
	switch {
	case d.closed:
		return nil, ErrNoSink
	case busy:
		return nil, ErrBusy
	}
	done := make(chan struct{})
	for i := range work {
		work[i].once = true
	}
	work[len(work)-1].gone = func() { l.trial.under = false; close(done) }
	if l.add(work) {
		d.wg.Go(func() { l.drain(d.ctx) })
	}
	return done, nil
}
