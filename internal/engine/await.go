package engine

import (
	"reflect"
	"time"

	"github.com/homing-dns/homing/internal/plan"
)

// grace is how long the first origin to settle waits for others, so that they
// share a call.
const grace = 250 * time.Millisecond

// awaitLooks waits for the first origin to settle, and a moment for others. It takes
// those that did out of waiting.
func awaitLooks(waiting lookSet) (settled []plan.Origin) {
	var late <-chan time.Time // nil until one has settled; a nil channel never is ready
	for len(waiting) > 0 {
		o, ok := firstSettled(waiting, late)
		if !ok {
			break
		}
		settled = append(settled, o)
		delete(waiting, o)
		if late == nil {
			late = time.After(grace)
		}
	}
	return settled
}

// firstSettled returns the next origin to settle; ok is false when it was late before.
func firstSettled(waiting lookSet, late <-chan time.Time) (o plan.Origin, ok bool) {
	cases := []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(late)}}
	var origins []plan.Origin
	for o, s := range waiting {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(s.settled)})
		origins = append(origins, o)
	}
	chosen, _, _ := reflect.Select(cases)
	if chosen == 0 {
		return plan.Origin{}, false
	}
	return origins[chosen-1], true
}
