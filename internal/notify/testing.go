package notify

import (
	"context"
	"errors"
	"time"
)

// Why no test is sent.
var (
	ErrUnknownSink = errors.New("nobody of this name is told of anything; perhaps the settings were reloaded meanwhile")
	ErrNotTestable = errors.New("it is told only of what really happens")
	ErrTooSoon     = errors.New("a test was sent to it a moment ago; wait a few seconds")
)

// testInterval is how far apart tests of one sink are: who has the page's token must
// be able neither to flood a service nor to crowd out what really happens.
const testInterval = 5 * time.Second

// testState is the test of a sink that is under way, or was the latest.
type testState struct {
	running bool
	started time.Time
}

// unfiltered is a sink as it is told of everything.
func unfiltered(s Sink) Sink {
	if o, ok := s.(*kindFilter); ok {
		return o.Sink
	}
	return s
}

// Testable says for each sink, in the order of Health, whether a test is sent to it:
// a hook and a monitor that knows only up and down have none.
func (d *Dispatcher) Testable() []bool {
	var out []bool
	for _, l := range d.queues {
		out = append(out, len(unfiltered(l.sink).deliveries(TestEvent(time.Time{}, ""))) > 0)
	}
	return out
}

// Test sends e to the sink of this name alone, once, whatever it is told of
// otherwise, and waits until it was delivered or not, which Health then says, or
// until ctx is done.
func (d *Dispatcher) Test(ctx context.Context, sink string, e Event) error {
	for _, l := range d.queues {
		if l.name == sink {
			done, err := d.startTest(l, e)
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
	return ErrUnknownSink
}

func (d *Dispatcher) startTest(l *sinkQueue, e Event) (<-chan struct{}, error) {
	work := unfiltered(l.sink).deliveries(e)
	if len(work) == 0 {
		return nil, ErrNotTestable
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	l.mu.Lock()
	busy := l.test.running || now.Sub(l.test.started) < testInterval
	if !busy && !d.closed {
		l.test = testState{true, now}
	}
	l.mu.Unlock()
	switch {
	case d.closed:
		return nil, ErrUnknownSink
	case busy:
		return nil, ErrTooSoon
	}
	done := make(chan struct{})
	for i := range work {
		work[i].noRetry = true
	}
	work[len(work)-1].onFinish = func() { l.test.running = false; close(done) }
	if l.enqueue(work) {
		d.wg.Go(func() { l.drain(d.ctx) })
	}
	return done, nil
}
