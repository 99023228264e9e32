package web

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// archive reads the history for whoever asks, beside the rounds that write it,
// and keeps what it read for a while: at least a second, and as long as nothing
// new happened, if lasts says so.
type archive struct {
	read    func(from time.Time, wanted func(status.Event) bool) ([]status.Event, error)
	wanted  func(status.Event) bool
	lasts   time.Duration
	readers chan struct{} // holds one for each that reads the file
	kept    atomic.Pointer[excerpt]
}

// excerpt is what was read of the history.
type excerpt struct {
	from, at time.Time
	latest   time.Time // when the latest thing happened that the Board knew then
	events   []status.Event
}

const (
	archiveReaders = 2
	archiveLasts   = time.Second
	plotLasts      = time.Minute // while nothing happens; another process may write, too
)

var errArchiveBusy = errors.New("others are reading it; try again in a moment")

// newArchives are that of the API, and that of the plot, which wants a few
// events of many. They share the readers.
func newArchives(cfg Config) (all, plot *archive) {
	readers := make(chan struct{}, archiveReaders)
	all = &archive{cfg.History, func(status.Event) bool { return true }, archiveLasts, readers, atomic.Pointer[excerpt]{}}
	plot = &archive{cfg.History, plotted, plotLasts, readers, atomic.Pointer[excerpt]{}}
	return all, plot
}

// past is what a says of the time since from, oldest first, and before it the
// latest event about the addresses of each family, so that it is known what they
// were at from. Who has to wait for others to read does so until ctx is done.
func (s *Server) past(ctx context.Context, a *archive, from time.Time) ([]status.Event, error) {
	now := s.cfg.Board.Now()
	if a.read == nil {
		events := slices.Clone(now.Events)
		slices.Reverse(events)
		return events, nil
	}
	var latest time.Time
	if len(now.Events) > 0 {
		latest = now.Events[0].At
	}
	if k := a.kept.Load(); k.holds(from, latest) {
		return since(k.events, from), nil
	}
	if !acquireSlot(ctx, a.readers) {
		if k := a.kept.Load(); k != nil && !from.Before(k.from) {
			return since(k.events, from), nil // a little old
		}
		return nil, errArchiveBusy
	}
	defer func() { <-a.readers }()
	if k := a.kept.Load(); k.holds(from, latest) { // somebody else has read it meanwhile
		return since(k.events, from), nil
	}
	events, err := a.read(from, a.wanted)
	if err == nil {
		a.keep(&excerpt{from, time.Now(), latest, events})
	}
	return events, err
}

// keep keeps k no longer than it may be used.
func (a *archive) keep(k *excerpt) {
	a.kept.Store(k)
	time.AfterFunc(a.lasts, func() { a.kept.CompareAndSwap(k, nil) })
}

// holds reports whether k can be shown for the time since from, where the latest
// thing that happened is this one.
func (k *excerpt) holds(from, latest time.Time) bool {
	return k != nil && !from.Before(k.from) && (k.latest.Equal(latest) || time.Since(k.at) < archiveLasts)
}

// since is what Server.past promises of from, of events that may go back further.
func since(events []status.Event, from time.Time) []status.Event {
	var out []status.Event
	place := make(map[plan.Origin]int) // in out, of the latest event from before
	for _, e := range events {
		ofAddress := e.Kind == status.AddressFound || e.Kind == status.AddressLost
		switch i, known := place[e.Of]; {
		case !e.At.Before(from):
			out = append(out, e)
		case ofAddress && known:
			out[i] = e
		case ofAddress:
			place[e.Of] = len(out)
			out = append(out, e)
		}
	}
	return out
}
