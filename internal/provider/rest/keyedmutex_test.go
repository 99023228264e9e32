package rest

import (
	"context"
	"testing"
	"testing/synctest"
)

func TestATurnIsTakenByOneAndNeverByWhoHasGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all KeyedMutex
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for range 100 {
			if _, ok := all.Lock(gone, "a"); ok {
				t.Fatal("whoever has given up has the turn")
			}
		}
		release, ok := all.Lock(t.Context(), "a")
		if !ok {
			t.Fatal("the turn is nobody's, and cannot be taken")
		}
		if other, ok := all.Lock(t.Context(), "b"); !ok {
			t.Error("those of several things wait for each other")
		} else {
			other()
		}
		second := make(chan bool)
		go func() {
			release, ok := all.Lock(t.Context(), "a")
			second <- ok
			release()
		}()
		synctest.Wait()
		select {
		case <-second:
			t.Error("two have the turn")
		default:
		}
		release()
		if !<-second {
			t.Error("the turn is not passed on")
		}
	})
}
