package daemon

import (
	"context"
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// stopTime is how long the end of the daemon may take: Docker kills after 10 s.
const stopTime = 8 * time.Second

// cleanUpTries is how often cleaning up is tried within that time.
const cleanUpTries = 3

// cleanUp deletes what is ours when the daemon stops, because DELETE_ON_STOP
// says so, until the deadline; a schedule that has ended has none yet. What is left
// is in the log. It tells what was deleted, a line each, or what was not.
func (s *session) cleanUp() (lines []string, failed bool) {
	s.log.Info(s.say("deleting what is homing's, because {policy.delete_on_stop} is set"))
	deadline := s.deadline
	if deadline.IsZero() {
		deadline = time.Now().Add(stopTime)
	}
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	for range cleanUpTries {
		r := s.engine.Clear(ctx)
		lines, failed = append(lines, deleted(r)...), r.Outcome() == status.Failed
		if !failed || !passing(r) {
			break
		}
		select {
		case <-ctx.Done():
			return left(r), true
		case <-time.After(time.Second):
		}
	}
	return lines, failed
}

// passing reports whether something that went wrong may pass by itself.
func passing(r status.Round) bool {
	return slices.ContainsFunc(r.Conditions, func(c status.Condition) bool {
		return c.Code.Failure() && !c.Refused && c.Code != status.RecordAmbiguous
	})
}

// deleted is what a cleanup removed, a line each.
func deleted(r status.Round) (lines []string) {
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

// left is why a cleanup did not remove all, a line each.
func left(r status.Round) (lines []string) {
	for _, g := range status.ByCause(r.Conditions) {
		if g.Code.Failure() {
			lines = append(lines, g.Describe())
		}
	}
	return lines
}
