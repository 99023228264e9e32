package web

import (
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// Where a client has requests under way on all its connections, its next one is
// not closed for the one after it before its request has come.
func TestANewConnectionIsLeftAloneUntilItsRequestCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newConnLimiter(32, func(string) bool { return false }, slog.New(slog.DiscardHandler))
		enter := func() (net.Conn, bool) {
			c, far := net.Pipe()
			t.Cleanup(func() { c.Close(); far.Close() })
			return c, k.admit(c)
		}
		for range k.each - 1 {
			c, _ := enter()
			k.connState(c, http.StateActive)
		}
		health, _ := enter()
		next, ok := enter()
		if k.open[health] == nil || !ok || !k.isSpare(next) {
			t.Errorf("the one before it was closed for a new connection: %v", k.open[health] == nil)
		}
		k.connState(health, http.StateActive)
		k.connState(health, http.StateIdle) // later than the next one came
		if after, ok := enter(); k.open[health] != nil || !ok || k.isSpare(after) {
			t.Error("one that was answered is kept")
		}
		if health, _ = enter(); !k.isSpare(health) {
			t.Error("the one before it was closed")
		}
		time.Sleep(2 * fresh)
		if late, ok := enter(); !ok || k.isSpare(late) {
			t.Error("one that says nothing keeps its seat")
		}
	})
}
