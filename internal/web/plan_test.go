package web_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// planner is a place where plans take two seconds, are counted, and must never
// be made side by side.
func planner(t *testing.T, change ...func(*web.Config)) (p *place, made *atomic.Int32) {
	made = new(atomic.Int32)
	var busy atomic.Bool
	p = newPlace(t, 2, append(change, func(c *web.Config) {
		plan := c.PlanNow
		c.PlanNow = func(ctx context.Context) (status.Round, error) {
			if !busy.CompareAndSwap(false, true) {
				t.Error("two plans are made at once")
			}
			defer busy.Store(false)
			made.Add(1)
			select {
			case <-time.After(2 * time.Second):
			case <-ctx.Done():
				return status.Round{}, ctx.Err()
			}
			return plan(ctx)
		}
	})...)
	return p, made
}

func TestPlansAreMadeOnceForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, made := planner(t)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if w := p.get("/api/v1/plan", bearer); w.Code != 200 {
					t.Errorf("%d %s", w.Code, w.Body)
				}
			})
		}
		wg.Wait()
		if n := made.Load(); n > 2 {
			t.Errorf("%d plans were made for 50 who asked at once", n)
		}
		before := made.Load()
		time.Sleep(time.Second)
		p.get("/api/v1/plan", bearer)
		if made.Load() != before+1 {
			t.Error("who shows the token was given an old plan")
		}
	})
}

// The calls of plans are those that rounds need: a stranger must not use them up.
func TestStrangersGetAPlanAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, made := planner(t, public)
		began := time.Now()
		for time.Since(began) < 10*time.Minute {
			if w := p.get("/api/v1/plan"); w.Code != 200 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			time.Sleep(time.Second)
		}
		if n := made.Load(); n > 10 {
			t.Errorf("%d plans in ten minutes", n)
		}
	})
}

func TestWhoGivesUpAPlanHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := planner(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		go p.get("/api/v1/plan", bearer, during(ctx))
		synctest.Wait()
		if w := p.get("/api/v1/plan", bearer); w.Code != 200 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if w := p.get("/api/v1/plan", bearer, during(ctx)); w.Code != 503 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
