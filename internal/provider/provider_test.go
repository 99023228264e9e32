package provider

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheZeroKindIsTheCarefulOne(t *testing.T) {
	if k := (&Error{}).Kind; k != Unconfirmed {
		t.Errorf("it is %v", k)
	}
}

func TestAnErrorIsFoundThroughWhatWrapsIt(t *testing.T) {
	cause := errors.New("the line is down")
	err := fmt.Errorf("list records: %w", &Error{Kind: Unavailable, Err: cause})
	if e, ok := errors.AsType[*Error](err); !ok || e.Kind != Unavailable || !errors.Is(err, cause) {
		t.Errorf("%v", err)
	}
}

func TestEveryKindHasAWord(t *testing.T) {
	seen := map[string]bool{}
	for k := Unconfirmed; k <= NotTried; k++ {
		if seen[k.String()] {
			t.Errorf("%q stands for two kinds", k)
		}
		seen[k.String()] = true
	}
}

func TestAWriteOutlivesItsContextByTheGraceAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := errors.New("homing stops")
		ctx, stop := context.WithCancelCause(t.Context())
		lingering, done := GraceContext(ctx)
		defer done()
		stop(stopped)
		start := time.Now()
		<-lingering.Done()
		if took := time.Since(start); took != WriteGrace || context.Cause(lingering) != stopped {
			t.Errorf("it ended after %v: %v", took, context.Cause(lingering))
		}
	})
}

func TestAWriteThatIsDoneLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		_, done := GraceContext(ctx)
		stop()
		synctest.Wait() // the grace runs
		done()          // and ends here, or the bubble would wait for it
		synctest.Wait()
	})
}
