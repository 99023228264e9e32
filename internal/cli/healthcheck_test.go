package cli

import (
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/homing-dns/homing/internal/httpx"
)

// A daemon whose connections others hold cuts some off; that is no illness.
func TestAHealthcheckThatIsCutOffAsksAgain(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	asked := 0
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if asked++; asked >= 3 {
				_, _ = c.Read(make([]byte, 4096))
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
			} else {
				_ = c.(*net.TCPConn).SetLinger(0)
			}
			c.Close()
		}
	}()
	daemon := &caller{client: httpx.New(httpx.Options{Header: http.Header{}}), base: "http://" + l.Addr().String()}
	if err := daemon.health(t.Context()); err != nil {
		t.Errorf("after %d tries: %v", asked, err)
	}
}
