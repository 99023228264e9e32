package engine

import (
	"context"
	"time"

	"github.com/homing-dns/homing/internal/schedule"
	"github.com/homing-dns/homing/internal/status"
)

// Run makes rounds until ctx is done, Retire is called, or the schedule has no more. What is
// under way when ctx is done is brought to an end first.
func (e *Engine) Run(ctx context.Context) {
	waits, stop := context.WithCancel(ctx)
	defer e.following.Wait()
	defer stop()
	due := time.Now()
	if !e.cfg.OnStart {
		due = e.scheduled(due)
	}
	for !due.IsZero() && e.sleep(ctx, due) {
		select {
		case <-e.trigger: // the round that it asks for begins
		default:
		}
		r := e.roundWithBell(e.bells.beginRound(), func() status.Round { return e.round(ctx, looping) })
		e.watchPropagation(waits)
		due = r.Next
		if e.cfg.Done != nil {
			e.cfg.Done(r)
		}
	}
}

// Once makes one round.
func (e *Engine) Once(ctx context.Context) status.Round { return e.round(ctx, single) }

// Plan makes one round that stops before anything is changed.
func (e *Engine) Plan(ctx context.Context) status.Round { return e.round(ctx, dry) }

// How the loop notices that the machine slept or that its clock was set: the
// wall clock then moves by another amount than the monotonic one, which stands
// still in sleep. Waking once a minute to look costs nothing measurable; where
// the system tells of it, looking is for when it does not after all.
const (
	lookAtClock = time.Minute
	clockIsTold = 5 * time.Minute
	clockJump   = 10 * time.Second
)

// sleep waits until due, a trigger or a jump of the clock; false when ctx is done.
func (e *Engine) sleep(ctx context.Context, due time.Time) bool {
	look := lookAtClock
	if e.cfg.ClockTold {
		look = clockIsTold
	}
	for ctx.Err() == nil && !e.isRetired() {
		before := time.Now()
		wait := due.Sub(before)
		if wait <= 0 {
			return true
		}
		timer := time.NewTimer(min(wait, look))
		select {
		case <-ctx.Done():
		case <-e.retired:
		case <-e.trigger:
			timer.Stop()
			return true
		case <-timer.C:
			now := time.Now()
			if jump := now.Round(0).Sub(before.Round(0)) - now.Sub(before); jump.Abs() > clockJump {
				return true
			}
		}
		timer.Stop()
	}
	return false
}

// isRetired reports whether Retire was called.
func (e *Engine) isRetired() bool {
	select {
	case <-e.retired:
		return true
	default:
		return false
	}
}

// scheduled returns when the schedule wants the round after one that began at
// started; zero when it wants none.
func (e *Engine) scheduled(started time.Time) time.Time {
	next := e.cfg.Schedule.Next(started)
	if next.IsZero() || e.cfg.Jitter == nil {
		return next
	}
	return next.Add(schedule.Jitter(e.cfg.Schedule.Interval(started), e.cfg.Jitter()))
}
