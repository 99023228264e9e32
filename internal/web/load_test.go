//go:build check

package web_test

import (
	"sync"
	"sync/atomic"
	"testing"
)

// What 200 requests a second come to in half a minute, made as fast as they can
// be answered: none fails, and rounds go on meanwhile.
func TestSixThousandRequestsFailNeitherThemselvesNorTheRounds(t *testing.T) {
	const requests, workers = 6000, 16
	p := newPlace(t, 20)
	p.round()
	address, _ := p.serving(t)
	c := client(t, workers)

	var left atomic.Int64
	left.Store(requests)
	var asking sync.WaitGroup
	for range workers {
		asking.Go(func() {
			for n := left.Add(-1); n >= 0; n = left.Add(-1) {
				path := []string{"/widget", "/metrics"}[n%2]
				if status, body, err := fetch(c, "http://"+address+path); err != nil || status != 200 || len(body) < 100 {
					t.Errorf("%s: %d, %v", path, status, err)
					return
				}
			}
		})
	}
	rounds := 0
	for left.Load() > 0 {
		p.house.Move([]string{"84.17.1.1", "84.17.1.2"}[rounds%2])
		p.round()
		rounds++
	}
	asking.Wait()
	if got := p.board.Now().Round.Number; rounds < 10 || got != rounds+1 {
		t.Errorf("%d rounds were told of %d", got-1, rounds)
	}
}
