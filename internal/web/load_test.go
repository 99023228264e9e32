package web_test

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// client asks one server over connections that are kept.
func client(t testing.TB, workers int) *http.Client {
	tr := &http.Transport{MaxIdleConnsPerHost: workers}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func fetch(c *http.Client, url string) (status int, body []byte, err error) {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		return 0, nil, err
	}
	bearer(r)
	res, err := c.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

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

func BenchmarkOverLoopback(b *testing.B) {
	for _, path := range []string{"/widget", "/metrics", "/api/v1/status"} {
		b.Run(path[1:], func(b *testing.B) {
			p := newPlace(b, 20)
			p.round()
			address, _ := p.serving(b)
			c := client(b, 1)
			b.ReportAllocs()
			for b.Loop() {
				if status, _, err := fetch(c, "http://"+address+path); err != nil || status != 200 {
					b.Fatal(status, err)
				}
			}
		})
	}
}
