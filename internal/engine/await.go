package engine

import (
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

// grace is how long the first family to settle waits for the other, so that
// both share a call.
const grace = 250 * time.Millisecond

// await waits for the first family to settle, and a moment for the other. It
// takes those that did out of waiting.
func await(waiting map[addr.Family]*sight) map[addr.Family]*sight {
	pending := make(map[addr.Family]<-chan struct{}) // a family that is not waited for has a nil channel, which never is ready
	for f, s := range waiting {
		pending[f] = s.settled
	}
	settled := make(map[addr.Family]*sight)
	var late <-chan time.Time
	for len(waiting) > 0 {
		var f addr.Family
		select {
		case <-pending[addr.IPv4]:
			f = addr.IPv4
		case <-pending[addr.IPv6]:
			f = addr.IPv6
		case <-late:
			return settled
		}
		settled[f] = waiting[f]
		delete(waiting, f)
		delete(pending, f)
		late = time.After(grace)
	}
	return settled
}
