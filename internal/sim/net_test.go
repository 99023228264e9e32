package sim

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

func TestHandledPathsAreServedInBothFamilies(t *testing.T) {
	eachNet(t, func(t *testing.T, h *Home, n *Net) {
		cf := NewCloudflare()
		n.Handle("/client/v4/", cf)
		for _, network := range []string{"tcp", "tcp4", "tcp6"} {
			a := asker{t, network, n.Dial}
			if resp, _, err := a.ask("GET", "http://api.cloudflare.com/client/v4/zones", "", nil); err != nil || resp.StatusCode != 400 {
				t.Errorf("%s: %v %+v", network, err, resp)
			}
		}
		if len(cf.Calls()) != 3 || h.Requests("") != 0 {
			t.Errorf("the API saw %d calls, the home %d", len(cf.Calls()), h.Requests(""))
		}
	})
}

func TestLoopbackURLNeedsNoDial(t *testing.T) {
	n, err := Loopback(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	n.Handle("/client/v4/", NewCloudflare())
	resp, err := http.Get(n.URL() + "/client/v4/zones")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 400 {
		t.Errorf("status %d", resp.StatusCode)
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestRefusedHostFailsWithItsError(t *testing.T) {
	eachNet(t, func(t *testing.T, _ *Home, n *Net) {
		gone := &net.DNSError{Err: "no such host", Name: "gone.test", IsNotFound: true}
		n.Refuse("gone.test", gone)
		var got *net.DNSError
		if _, err := n.Dial(t.Context(), "tcp", "gone.test:80"); !errors.As(err, &got) || got != gone {
			t.Errorf("dialling gave %v", err)
		}
		n.Refuse("gone.test", nil)
		c, err := n.Dial(t.Context(), "tcp", "gone.test:80")
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	})
}

func TestDialEndsWithItsContext(t *testing.T) {
	eachNet(t, func(t *testing.T, _ *Home, n *Net) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		n.servers[addr.IPv4].server.Close() // nobody accepts any more
		if c, err := n.Dial(ctx, "tcp4", "x.test:80"); err == nil {
			c.Close()
			t.Error("dialled with a context that is done")
		}
	})
}

func TestCloseWaitsForRunningHandlers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := Pipes(nil)
		ended := false
		n.Handle("/", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			time.Sleep(time.Second) // takes its time to stop
			ended = true
		}))
		c, err := n.Dial(t.Context(), "tcp", "x.test:80")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x.test\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		n.Close()
		if !ended {
			t.Error("Close returned while a handler was running")
		}
	})
}
