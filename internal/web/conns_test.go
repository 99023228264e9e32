package web_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// idle opens connections and says nothing on them.
func idle(t *testing.T, address string, n int) (open []net.Conn) {
	for range n {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		open = append(open, c)
	}
	return open
}

// However many connections a client holds open, homing answers.
func TestIdleConnectionsTakeThePageFromNobody(t *testing.T) {
	p := newPlace(t, 3)
	p.round()
	address, _ := p.serving(t)
	idle(t, address, 600)
	for _, path := range []string{"/healthz", "/readyz", "/health", "/login", "/healthz"} {
		if got := answer(t, address, "GET "+path+" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"); !strings.Contains(got, "200") {
			t.Errorf("%s: %q", path, got)
		}
	}
	if n := strings.Count(p.log.String(), "more connections to the page than it takes"); n != 1 {
		t.Errorf("it is told %d times", n)
	}
}

// Where a client has requests under way on all it may have, it is told of the
// health and of nothing else, and others are answered.
func TestBusyConnectionsTakeTheHealthFromNobody(t *testing.T) {
	p := newPlace(t, 3)
	p.round()
	address, _ := p.serving(t)
	for range 160 { // streams never end
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		fmt.Fprintf(c, "GET /api/v1/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", address, token)
		if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
			break
		}
	}
	if got := answer(t, address, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"); !strings.Contains(got, "200") {
		t.Errorf("healthz: %q", got)
	}
	if got := answer(t, address, "GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"); !strings.Contains(got, "503") {
		t.Errorf("login: %q", got)
	}
}

// 150 readers of the history are answered two at a time, and what was read is
// used for a second.
func TestReadersOfTheHistoryAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reads, reading atomic.Int64
		p := newPlace(t, 3, func(c *web.Config) {
			c.History = func(time.Time, func(status.Event) bool) ([]status.Event, error) {
				reads.Add(1)
				if reading.Add(1) > 2 {
					t.Error("three read the file at once")
				}
				time.Sleep(100 * time.Millisecond)
				reading.Add(-1)
				return []status.Event{{At: time.Now(), Kind: status.HomingBegan}}, nil
			}
		})
		p.round()
		codes := make(map[int]int)
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 150 {
			wg.Go(func() {
				w := p.get("/api/v1/history?since=24h", bearer, from(fmt.Sprintf("198.51.100.%d:1", i)))
				mu.Lock()
				defer mu.Unlock()
				if codes[w.Code]++; w.Code != http.StatusOK && w.Header().Get("Retry-After") == "" {
					t.Errorf("%d without a time to come again", w.Code)
				}
			})
		}
		wg.Wait()
		if codes[http.StatusOK] != 2 || codes[http.StatusServiceUnavailable] != 148 || reads.Load() > 2 {
			t.Errorf("%v, %d reads", codes, reads.Load())
		}
		time.Sleep(2 * time.Second)
		reads.Store(0)
		for range 50 { // one after the other, within a moment
			if w := p.get("/api/v1/history?since=24h", bearer); w.Code != http.StatusOK {
				t.Errorf("%d", w.Code)
			}
		}
		if n := reads.Load(); n != 1 {
			t.Errorf("%d reads within a moment", n)
		}
	})
}

// The page reads the history when something happened, not for each view.
func TestThePageDoesNotReadTheHistoryForEachView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		p := newPlace(t, 3, func(c *web.Config) {
			c.History = func(time.Time, func(status.Event) bool) ([]status.Event, error) {
				reads++
				return nil, nil
			}
		})
		p.round()
		look := func() {
			for range 20 {
				p.get("/?span=90d", bearer)
				p.get("/?span=24h", bearer)
				time.Sleep(time.Second)
			}
		}
		if look(); reads != 1 {
			t.Errorf("%d reads in a calm time", reads)
		}
		p.house.Move("84.17.1.1")
		p.round()
		if look(); reads > 3 {
			t.Errorf("%d reads once the address changed", reads)
		}
		if before := reads; before < 2 {
			t.Error("what happened is not looked at")
		}
	})
}

// Whatever is read for the page, rounds go on beside: nothing of the Board waits
// for a reader that hangs.
func TestAReaderThatHangsHoldsUpNoRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		p := newPlace(t, 3, func(c *web.Config) {
			c.History = func(time.Time, func(status.Event) bool) ([]status.Event, error) { <-hang; return nil, nil }
		})
		p.round()
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() { p.get([]string{"/", "/api/v1/history"}[i%2], bearer, from(fmt.Sprintf("198.51.100.%d:1", i))) })
		}
		synctest.Wait()
		p.round()
		if w := p.get("/healthz"); w.Code != http.StatusOK {
			t.Errorf("healthz: %d", w.Code)
		}
		time.Sleep(10 * time.Second)
		close(hang)
		wg.Wait()
	})
}

// A client that asks for much at once waits behind itself, and not before others.
func TestOneReaderDoesNotTakeThePageFromOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 3, func(c *web.Config) {
			c.Settings = func() []web.Setting { time.Sleep(time.Second); return nil } // a page that takes long
		})
		p.round()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { p.get("/", bearer, from("203.0.113.9:1")) })
		}
		synctest.Wait()
		began := time.Now()
		if w := p.get("/", bearer, from("203.0.113.10:1")); w.Code != http.StatusOK || time.Since(began) > time.Second {
			t.Errorf("%d after %v", w.Code, time.Since(began))
		}
		wg.Wait()
		if w := p.get("/", bearer, from("203.0.113.9:1")); w.Code != http.StatusOK {
			t.Errorf("later: %d", w.Code)
		}
	})
}
