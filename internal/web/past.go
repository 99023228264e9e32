package web

import (
	"slices"
	"time"

	"github.com/homing-dns/homing/internal/status"
)

// past is what happened since from, oldest first, and before it the latest
// event about the addresses of each family, so that it is known what they were
// at from. Config.History keeps the same promise.
func (s *Server) past(from time.Time) ([]status.Event, error) {
	if s.cfg.History != nil {
		return s.cfg.History(from)
	}
	events := slices.Clone(s.cfg.Board.Now().Events)
	slices.Reverse(events)
	return events, nil
}
