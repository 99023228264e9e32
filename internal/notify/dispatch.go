package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Limits of delivery.
const (
	attemptTimeout = 10 * time.Second // of one try
	retryDelay     = 3 * time.Second  // there is one more try, for what may pass
	maxQueued      = 16               // deliveries that wait for one sink
)

// Dispatcher hands events to sinks. Each sink has a queue of its own, so that a
// slow one delays neither the caller nor another sink.
type Dispatcher struct {
	queues []*sinkQueue
	ctx    context.Context // of all deliveries; Close ends it
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex // held while work is handed out
	closed  bool
	limiter heartbeatLimiter
}

// sinkQueue is the way to one sink. It has a goroutine only while it has work.
type sinkQueue struct {
	sink       Sink
	name       string // that no other has
	onDelivery func(h Health, turned bool)

	mu     sync.Mutex
	queue  []delivery
	busy   bool
	health Health
	test   testState
}

// Health is how deliveries to one sink are going.
type Health struct {
	Sink     string
	Sent     int       // deliveries that arrived
	Failed   int       // deliveries that did not
	Dropped  int       // deliveries given up because too many waited
	LastSent time.Time // zero: none arrived yet
	Tried    time.Time // the latest delivery, whatever came of it; zero: there was none
	Since    time.Time // the first of the failures in a row; zero: the latest delivery arrived
	Err      string    // why the latest one failed, without secrets
	Hint     string    // what to do about it; may be empty
}

// Failing reports whether the latest delivery did not arrive.
func (h Health) Failing() bool { return !h.Since.IsZero() }

// Describe is the failure in one line.
func (h Health) Describe() string {
	s := h.Sink + ": not delivered: " + h.Err
	if h.Hint != "" {
		s += "; " + h.Hint
	}
	return s
}

// Failure is a delivery that did not arrive.
type Failure struct {
	Err       error
	Temporary bool   // another try may succeed
	Hint      string // what to do about it; may be empty
}

func (f *Failure) Error() string { return f.Err.Error() }
func (f *Failure) Unwrap() error { return f.Err }

// NewDispatcher makes a Dispatcher and starts nothing. Done is called after each
// delivery, one call at a time for a sink; turned says that the sink has begun
// to fail, or is well again. It may be nil. Sinks of the same name are told
// apart by a number.
func NewDispatcher(sinks []Sink, done func(h Health, turned bool)) *Dispatcher {
	d := &Dispatcher{}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	if done == nil {
		done = func(Health, bool) {}
	}
	named := make(map[string]int)
	for _, s := range sinks {
		name := s.Name()
		if named[name]++; named[name] > 1 {
			name = fmt.Sprintf("%s %d", name, named[name])
		}
		d.queues = append(d.queues, &sinkQueue{sink: s, name: name, onDelivery: done, health: Health{Sink: name}})
	}
	return d
}

// Send hands e to every sink and returns at once.
func (d *Dispatcher) Send(e Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	if !d.limiter.allows(e.Heartbeat.Signal, time.Now()) {
		e.Heartbeat = Heartbeat{}
	}
	for _, l := range d.queues {
		if work := l.sink.deliveries(e); len(work) > 0 && l.enqueue(work) {
			d.wg.Go(func() { l.drain(d.ctx) })
		}
	}
}

// Health is how deliveries are going, a value a sink, in the order of sinks.
func (d *Dispatcher) Health() []Health {
	var out []Health
	for _, l := range d.queues {
		l.mu.Lock()
		out = append(out, l.health)
		l.mu.Unlock()
	}
	return out
}

// Close delivers what waits until ctx is done, gives up the rest and returns
// when nothing runs any more. What is told afterwards is not delivered.
func (d *Dispatcher) Close(ctx context.Context) {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	drop := context.AfterFunc(ctx, d.cancel)
	d.wg.Wait()
	drop()
	d.cancel()
}

// enqueue puts work into the queue; when it is full the oldest goes. It says
// whether a goroutine is needed.
func (l *sinkQueue) enqueue(work []delivery) (start bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, work...)
	if over := len(l.queue) - maxQueued; over > 0 {
		for _, lost := range l.queue[:over] {
			lost.finish()
		}
		l.queue = l.queue[over:]
		l.health.Dropped += over
	}
	start = !l.busy
	l.busy = true
	return start
}

// drain delivers until the queue is empty.
func (l *sinkQueue) drain(ctx context.Context) {
	for {
		l.mu.Lock()
		if len(l.queue) == 0 {
			l.queue, l.busy = nil, false
			l.mu.Unlock()
			return
		}
		next := l.queue[0]
		l.queue = l.queue[1:]
		l.mu.Unlock()
		err := deliverWithRetry(ctx, next)
		l.recordResult(time.Now(), err)
		l.finish(next)
	}
}

// deliverWithRetry tries once, and once more where that may help.
func deliverWithRetry(ctx context.Context, d delivery) error {
	err := attempt(ctx, d)
	if f, ok := errors.AsType[*Failure](err); !ok || !f.Temporary || d.noRetry {
		return err
	}
	wait := time.NewTimer(retryDelay)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return err
	case <-wait.C:
		return attempt(ctx, d)
	}
}

func attempt(ctx context.Context, d delivery) error {
	limit := d.timeout
	if limit == 0 {
		limit = attemptTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return d.send(ctx)
}

// recordResult writes down how a delivery went, and tells.
func (l *sinkQueue) recordResult(now time.Time, err error) {
	l.mu.Lock()
	was := l.health.Failing()
	l.health.record(now, err)
	h := l.health
	l.mu.Unlock()
	l.onDelivery(h, was != h.Failing())
}

// finish says of a delivery that nothing more comes of it.
func (l *sinkQueue) finish(d delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d.finish()
}

func (h *Health) record(now time.Time, err error) {
	h.Tried = now
	if err == nil {
		h.Sent++
		h.LastSent, h.Since, h.Err, h.Hint = now, time.Time{}, "", ""
		return
	}
	h.Failed++
	if h.Since.IsZero() {
		h.Since = now
	}
	h.Err, h.Hint = truncate(stripControl(err.Error()), 300), ""
	if f, ok := errors.AsType[*Failure](err); ok {
		h.Hint = f.Hint
	}
}
