package daemon

import (
	"context"
	"time"

	"github.com/homing-dns/homing/internal/notify"
	"github.com/homing-dns/homing/internal/status"
)

// shutdown cleans up where that is wished for and tells that homing ends, and how.
// The error is ErrFailed where something was to be deleted and stays.
func (s *session) shutdown(ctx context.Context) (err error) {
	w := s.daemon.observers
	if s.Config.DeleteOnStop {
		lines, failed := s.deleteOurs()
		w.dispatcher.Send(notify.CleanedUpEvent(time.Now(), lines, failed))
		if failed {
			w.failed, err = true, ErrFailed
		}
	}
	w.recordEvents(status.Event{At: time.Now(), Kind: status.HomingEnded})
	once, failed := s.Config.Schedule.Once(), s.lastRound.Outcome() == status.Failed
	switch {
	case once && failed:
		w.dispatcher.Send(notify.ExitedEvent(1))
		return ErrFailed
	case once:
		w.dispatcher.Send(notify.ExitedEvent(0))
	case ctx.Err() == nil:
		w.dispatcher.Send(notify.ScheduleEndedEvent(time.Now()))
	default:
		w.dispatcher.Send(notify.StoppedEvent(time.Now(), w.failed))
	}
	return err
}
