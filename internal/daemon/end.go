package daemon

import (
	"context"
	"time"

	"github.com/homing-dns/homing/internal/notify"
	"github.com/homing-dns/homing/internal/status"
)

// end cleans up where that is wished for and tells that homing ends, and how.
// The error is ErrFailed where something was to be deleted and stays.
func (s *session) end(ctx context.Context) (err error) {
	w := s.daemon.witness
	if s.Config.DeleteOnStop {
		lines, failed := s.cleanUp()
		w.sinks.Tell(notify.Cleaning(time.Now(), lines, failed))
		if failed {
			w.failed, err = true, ErrFailed
		}
	}
	w.record(status.Event{At: time.Now(), Kind: status.HomingEnded})
	once, failed := s.Config.Schedule.Once(), s.last.Outcome() == status.Failed
	switch {
	case once && failed:
		w.sinks.Tell(notify.Exiting(1))
		return ErrFailed
	case once:
		w.sinks.Tell(notify.Exiting(0))
	case ctx.Err() == nil:
		w.sinks.Tell(notify.Ending(time.Now()))
	default:
		w.sinks.Tell(notify.Stopping(time.Now(), w.failed))
	}
	return err
}
