//go:build !linux

package detect

import (
	"context"
	"net"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// ReportsClockChanges says that System rings when the clock was set, or the machine slept.
const ReportsClockChanges = false

// Check reads what Watch would compare.
func (s System) Check(ctx context.Context) error {
	_, err := s.readState(ctx)
	return err
}

// watchChanges rings when what is told of has made a difference, until ctx is done or
// nothing is told any more.
func (s System) watchChanges(ctx context.Context, told <-chan struct{}, failed <-chan error, ring func(what string)) error {
	last, err := s.readState(ctx)
	if err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			if ctx.Err() != nil {
				return nil
			}
			return err
		case <-told:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(coalesceTime):
		}
		select {
		case <-told: // it is in what is read now
		default:
		}
		if now, err := s.readState(ctx); err == nil {
			if what := s.describeChange(now, last); what != "" {
				ring(what)
			}
			last = now
		}
	}
}

func trySignal(told chan<- struct{}) {
	select {
	case told <- struct{}{}:
	default:
	}
}

// addrsByInterface returns what each of these interfaces has, by its index.
func addrsByInterface(links []net.Interface) (map[int][]ifaceAddr, error) {
	found := make(map[int][]ifaceAddr)
	for i := range links {
		for _, f := range addr.Families() {
			some, err := interfaceAddrs(&links[i], f)
			if err != nil {
				return nil, err
			}
			found[links[i].Index] = append(found[links[i].Index], some...)
		}
	}
	return found, nil
}
