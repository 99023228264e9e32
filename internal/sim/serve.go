package sim

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
)

// server answers HTTP/1.1 on the connections of a listener, one request after
// another on each. It is not http.Server because that adds 0.3 MB to a program
// that otherwise serves nothing. Once homing has a server of its own, this file
// can go.
//
// Clients are homing and tests, so what they do not send is not dealt with:
// HEAD, Expect, Upgrade. As in http.Server a handler's context ends when its
// client goes away, and its panic with http.ErrAbortHandler closes the
// connection; any other panic is a mistake and ends the program.
type server struct {
	listener net.Listener
	handler  http.Handler
	ctx      context.Context // ends with Close
	end      context.CancelFunc
	running  sync.WaitGroup
}

func newServer(l net.Listener, h http.Handler) *server {
	s := &server{listener: l, handler: h}
	s.ctx, s.end = context.WithCancel(context.Background())
	s.running.Go(s.accept)
	return s
}

// Close ends every connection and waits until nothing runs any more.
func (s *server) Close() {
	s.end()
	_ = s.listener.Close() // its error helps nobody
	s.running.Wait()
}

func (s *server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.running.Go(func() { s.serve(conn) })
	}
}

// serve answers what comes on a connection until either side has enough of it.
func (s *server) serve(conn net.Conn) {
	defer conn.Close()
	defer context.AfterFunc(s.ctx, func() { conn.Close() })()
	ctx, gone := context.WithCancel(s.ctx)
	defer gone()
	requests := make(chan *http.Request)
	s.running.Go(func() {
		defer gone()
		defer close(requests)
		read(ctx, conn, requests)
	})
	for r := range requests {
		if !s.answer(conn, r) {
			return
		}
	}
}

// read takes requests off a connection, each with its whole body. It always
// is one ahead of the handler, which is how it learns that the client left.
func read(ctx context.Context, conn net.Conn, requests chan<- *http.Request) {
	in := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
		if err != nil || len(body) > maxBody {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.RemoteAddr = conn.RemoteAddr().String()
		select {
		case requests <- r.WithContext(ctx):
		case <-ctx.Done():
			return
		}
	}
}

// answer lets the handler answer a request; more says that another one may
// follow on this connection.
func (s *server) answer(conn net.Conn, r *http.Request) (more bool) {
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			panic(p)
		}
	}()
	w := &response{conn: conn, header: http.Header{}}
	s.handler.ServeHTTP(w, r)
	return w.send(true) == nil && !r.Close
}

// response is an http.ResponseWriter that keeps what it can until it is flushed
// or the handler is done. What is then whole gets a Content-Length.
type response struct {
	conn    io.Writer
	header  http.Header
	status  int
	body    []byte // not sent yet
	begun   bool   // the header is sent
	chunked bool
}

func (w *response) Header() http.Header { return w.header }

func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *response) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.body = append(w.body, p...)
	if len(w.body) < maxKept {
		return len(p), nil
	}
	return len(p), w.send(false)
}

const maxKept = 64 << 10 // bytes of a body; a handler may write without end

// FlushError is what http.ResponseController looks for.
func (w *response) FlushError() error { return w.send(false) }

func (w *response) send(last bool) error {
	var out bytes.Buffer
	if !w.begun {
		w.begin(&out, last)
	}
	switch {
	case !w.chunked:
		out.Write(w.body)
	case len(w.body) > 0:
		fmt.Fprintf(&out, "%x\r\n%s\r\n", len(w.body), w.body)
	}
	if w.chunked && last {
		out.WriteString("0\r\n\r\n")
	}
	w.body = nil
	_, err := out.WriteTo(w.conn)
	return err
}

// begin writes the header; whole says that the body is known to its end.
func (w *response) begin(out *bytes.Buffer, whole bool) {
	w.begun = true
	w.WriteHeader(http.StatusOK)
	switch {
	case w.header.Get("Content-Length") != "": // the handler knows better, or lies
	case whole:
		w.header.Set("Content-Length", strconv.Itoa(len(w.body)))
	default:
		w.chunked = true
		w.header.Set("Transfer-Encoding", "chunked")
	}
	fmt.Fprintf(out, "HTTP/1.1 %03d %s\r\n", w.status, http.StatusText(w.status))
	_ = w.header.Write(out) // a buffer takes everything
	out.WriteString("\r\n")
}
