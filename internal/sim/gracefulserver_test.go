package sim

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// talk opens a connection to a server with this handler and says something;
// what comes back is read from the connection.
func talk(t *testing.T, n *Net, h http.HandlerFunc, words string) (net.Conn, *bufio.Reader) {
	t.Helper()
	n.Handle("/", h)
	conn, err := n.Dial(t.Context(), "tcp4", "x.test:80")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, words); err != nil {
		t.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

func readAnswer(t *testing.T, in *bufio.Reader) (*http.Response, string) {
	t.Helper()
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// echo answers with what it was asked and sent.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write([]byte(r.Method + " " + r.URL.Path + " " + string(body)))
}

const ask = "GET /one HTTP/1.1\r\nHost: x.test\r\n\r\n"

func TestAConnectionIsKeptAndItsRequestsAnsweredInOrder(t *testing.T) {
	eachNet(t, func(t *testing.T, _ *Home, n *Net) {
		conn, in := talk(t, n, echo, ask+"POST /two HTTP/1.1\r\nHost: x.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
		defer conn.Close()
		for _, want := range []string{"GET /one ", "POST /two abc"} {
			if resp, got := readAnswer(t, in); got != want || resp.StatusCode != 202 || resp.ContentLength != int64(len(want)) {
				t.Errorf("answered %d %q of length %d, want 202 %q", resp.StatusCode, got, resp.ContentLength, want)
			}
		}
		if _, err := io.WriteString(conn, "GET /three HTTP/1.1\r\nHost: x.test\r\nConnection: close\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, got := readAnswer(t, in); got != "GET /three " {
			t.Errorf("answered %q", got)
		}
		if _, err := in.ReadByte(); err != io.EOF {
			t.Errorf("the connection is not closed as was asked: %v", err)
		}
	})
}

func TestAFlushedAnswerArrivesPieceByPiece(t *testing.T) {
	eachNet(t, func(t *testing.T, _ *Home, n *Net) {
		more := make(chan bool)
		conn, in := talk(t, n, func(w http.ResponseWriter, _ *http.Request) {
			for _, piece := range []string{"one,", "two,", ""} {
				_, _ = io.WriteString(w, piece)
				_ = http.NewResponseController(w).Flush()
				<-more
			}
			_, _ = io.WriteString(w, "end")
		}, ask)
		defer conn.Close()
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		piece := make([]byte, 4)
		for _, want := range []string{"one,", "two,"} {
			if _, err := io.ReadFull(resp.Body, piece); err != nil || string(piece) != want {
				t.Errorf("got %q, %v, want %q", piece, err, want)
			}
			more <- true
		}
		more <- true
		if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != "end" {
			t.Errorf("the rest is %q, %v", rest, err)
		}
	})
}

func TestALongAnswerIsNotKeptInMemory(t *testing.T) {
	eachNet(t, func(t *testing.T, _ *Home, n *Net) {
		failed := make(chan error, 1)
		conn, in := talk(t, n, func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1000)); err != nil {
					failed <- err
					return
				}
			}
		}, ask)
		if _, err := http.ReadResponse(in, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, in, 1<<20); err != nil {
			t.Fatal(err)
		}
		conn.Close()
		<-failed
	})
}

func TestAHandlersContextEndsWhenItsClientLeaves(t *testing.T) {
	eachNet(t, func(t *testing.T, _ *Home, n *Net) {
		begun, ended := make(chan bool), make(chan bool)
		conn, _ := talk(t, n, func(_ http.ResponseWriter, r *http.Request) {
			begun <- true
			<-r.Context().Done()
			ended <- true
		}, ask)
		<-begun
		conn.Close()
		<-ended
	})
}

func TestAnAbortedAnswerIsCutWhereItWasFlushed(t *testing.T) {
	eachNet(t, func(t *testing.T, _ *Home, n *Net) {
		for _, flush := range []bool{false, true} {
			conn, in := talk(t, n, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "9")
				_, _ = io.WriteString(w, "half")
				if flush {
					_ = http.NewResponseController(w).Flush()
				}
				panic(http.ErrAbortHandler)
			}, ask)
			got, err := io.ReadAll(in)
			if err != nil {
				t.Error(err)
			}
			if flush != bytes.HasSuffix(got, []byte("\r\n\r\nhalf")) || !flush && len(got) != 0 {
				t.Errorf("flushed %v: got %q", flush, got)
			}
			conn.Close()
		}
	})
}

func TestCloseEndsConnectionsThatAreIdleOrStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := Pipes(nil)
		idle, in := talk(t, n, echo, ask)
		defer idle.Close()
		if _, got := readAnswer(t, in); got != "GET /one " {
			t.Errorf("answered %q", got)
		}
		stuck, _ := talk(t, n, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("nobody reads this", 10_000))
		}, ask)
		defer stuck.Close()
		synctest.Wait()
		start := time.Now()
		n.Close()
		if took := time.Since(start); took != 0 {
			t.Errorf("closing took %v", took)
		}
	})
}
