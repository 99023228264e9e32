package web

import (
	"net"
	"sync"
	"sync/atomic"
)

// handoverListener is a listener that can be shut before the server on it ends: who comes then
// waits for whoever listens next, instead of being sent away.
type handoverListener struct {
	net.Listener
	shut    atomic.Bool
	stopped chan struct{} // nobody is let in any more
	gone    chan struct{} // the server ends
	once    sync.Once
}

func (d *handoverListener) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err != nil && d.shut.Load() {
		close(d.stopped)
		<-d.gone
		return nil, net.ErrClosed
	}
	return c, err
}

// close shuts the door, and returns when nobody comes in any more.
func (d *handoverListener) close() {
	d.shut.Store(true)
	_ = d.Listener.Close() // whoever comes meanwhile is let in
	select {
	case <-d.stopped:
	case <-d.gone:
	}
}

func (d *handoverListener) Close() error {
	d.once.Do(func() { close(d.gone) })
	return d.Listener.Close()
}
