package daemon

import (
	"context"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// shutdownTimeout is how long the end of the daemon may take: Docker kills after 10 s.
const shutdownTimeout = 8 * time.Second

// cleanUpAttempts is how often cleaning up is tried within that time.
const cleanUpAttempts = 3

// deleteOurs deletes what is ours when the daemon stops, because DELETE_ON_STOP
// says so, until the deadline; a schedule that has ended has none yet. What is left
// is in the log. It tells what was deleted, a line each, or what was not.
func (s *session) deleteOurs() (lines []string, failed bool) {
	s.log.Info(s.resolveHint("deleting homing's records, because {policy.delete_on_stop} is set"))
	deadline := s.deadline
	if deadline.IsZero() {
		deadline = time.Now().Add(shutdownTimeout)
	}
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	for range cleanUpAttempts {
		r := s.engine.Clear(ctx)
		lines, failed = append(lines, deletedLines(r)...), r.Outcome() == status.Failed
		if !failed || !isTemporary(r) {
			break
		}
		select {
		case <-ctx.Done():
			return leftoverLines(r), true
		case <-time.After(time.Second):
		}
	}
	return lines, failed
}

// isTemporary reports whether something that went wrong may pass by itself.
func isTemporary(r status.Round) bool {
	return slices.ContainsFunc(r.Conditions, func(c status.Condition) bool {
		return c.Code.Failure() && !c.Refused && c.Code != status.RecordAmbiguous
	})
}

// deletedLines is what a cleanup removed, a line each.
func deletedLines(r status.Round) (lines []string) {
	events, _ := status.Since(status.Standing{}, r)
	for _, e := range events {
		switch e.Kind {
		case status.RecordChanged:
			for _, k := range e.Keys {
				lines = append(lines, "deleted "+k.String()+" "+e.Step)
			}
		case status.ItemChanged:
			lines = append(lines, "deleted "+e.Step+" from the list "+e.List)
		}
	}
	return lines
}

// leftoverLines is why a cleanup did not remove all, a line each.
func leftoverLines(r status.Round) (lines []string) {
	for _, g := range status.ByCause(r.Conditions) {
		if g.Code.Failure() {
			lines = append(lines, g.Describe())
		}
	}
	return lines
}
