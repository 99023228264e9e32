package sim

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// gracefulServer is an http.Server whose Close waits until nothing of it runs any more.
type gracefulServer struct {
	http.Server
	listener       net.Listener
	cancelRequests context.CancelFunc // of all requests
	running        sync.WaitGroup     // Serve, and connections
}

func newGracefulServer(l net.Listener, h http.Handler) *gracefulServer {
	ctx, end := context.WithCancel(context.Background())
	s := &gracefulServer{listener: l, cancelRequests: end}
	s.Handler = h
	s.BaseContext = func(net.Listener) context.Context { return ctx }
	s.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.running.Add(1)
		case http.StateClosed:
			s.running.Done()
		}
	}
	s.running.Go(func() { _ = s.Serve(l) }) // it ends with Close
	return s
}

func (s *gracefulServer) Close() {
	s.cancelRequests()
	_ = s.Server.Close() // its error helps nobody
	s.running.Wait()
}
