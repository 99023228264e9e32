package resolve

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/homing-dns/homing/internal/httpx"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var example = Question{Name: "a.example.org", Type: A, Class: Internet}

// dialogue is a Dial whose other end is talk; it notes what was dialled.
func dialogue(dialled *[]string, talk func(network string, conn net.Conn)) httpx.Dial {
	return func(_ context.Context, network, address string) (net.Conn, error) {
		*dialled = append(*dialled, network+" "+address)
		ours, theirs := net.Pipe()
		go func() { defer theirs.Close(); talk(network, theirs) }()
		return ours, nil
	}
}

// answer is what a server says that is asked by query.
func answer(t *testing.T, query []byte, change func(*dnsmessage.Message)) []byte {
	b := packed(t, example, change, &dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}})
	copy(b, query[:2]) // the id
	return b
}

func cut(m *dnsmessage.Message) { m.Truncated, m.Answers = true, nil }

func TestWhatDoesNotFitIsAskedOverTCP(t *testing.T) {
	var dialled []string
	c := Client{Dial: dialogue(&dialled, func(network string, conn net.Conn) {
		query := make([]byte, 512)
		n, err := conn.Read(query)
		if err != nil {
			t.Error(err)
		}
		if strings.HasPrefix(network, "udp") {
			conn.Write(answer(t, query[:n], cut))
			return
		}
		said := answer(t, query[2:n], nil)
		conn.Write(slices.Concat(binary.BigEndian.AppendUint16(nil, uint16(len(said))), said))
	})}
	for _, server := range []string{"192.0.2.53:53", "[2001:db8::53]:5353"} {
		a, err := c.Ask(t.Context(), netip.MustParseAddrPort(server), example)
		if want := []Record{{MatchesQuestion: true, Type: A, Addr: netip.MustParseAddr("192.0.2.1")}}; err != nil || !reflect.DeepEqual(a.Records, want) {
			t.Errorf("%+v, %v", a, err)
		}
	}
	if want := []string{"udp4 192.0.2.53:53", "tcp4 192.0.2.53:53", "udp6 [2001:db8::53]:5353", "tcp6 [2001:db8::53]:5353"}; !slices.Equal(dialled, want) {
		t.Errorf("dialled %v", dialled)
	}
}

func TestAServerIsAskedUntilTheTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := errors.New("the time is over")
		ctx, done := context.WithTimeoutCause(t.Context(), 4500*time.Millisecond, over)
		defer done()
		var dialled []string
		asked := 0
		c := Client{Dial: dialogue(&dialled, func(_ string, conn net.Conn) {
			query := make([]byte, 512)
			for {
				n, err := conn.Read(query)
				if err != nil {
					return
				}
				asked++
				conn.Write(answer(t, query[:n], func(m *dnsmessage.Message) { m.Response = false }))
			}
		})}
		start := time.Now()
		_, err := c.Ask(ctx, netip.MustParseAddrPort("192.0.2.53:53"), example)
		if !errors.Is(err, over) || err.Error() != "ask 192.0.2.53: the time is over" {
			t.Errorf("%v", err)
		}
		if took := time.Since(start); took != 4500*time.Millisecond || asked != 1+int(took/ResendAfter) || len(dialled) != 1 {
			t.Errorf("it was asked %d times in %v, by %v", asked, took, dialled)
		}
	})
}

func TestAQuestionOverHTTPS(t *testing.T) {
	spoil := func(*dnsmessage.Message) {}
	kind := dnsMessage
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != dnsMessage {
			t.Errorf("%s with %v: %v", r.Method, r.Header, err)
		}
		w.Header().Set("Content-Type", kind)
		w.Write(answer(t, query, spoil))
	}))
	defer s.Close()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := httpx.New(httpx.Options{Dial: new(net.Dialer).DialContext})
	defer c.CloseIdle()
	if a, err := OverHTTPS(t.Context(), c, u, example); err != nil || len(a.Records) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	spoil = func(m *dnsmessage.Message) { m.ID++; m.Response = false }
	if _, err := OverHTTPS(t.Context(), c, u, example); err == nil || err.Error() != "read the DNS answer of "+u.Host+": it is a question, not an answer" {
		t.Errorf("%v", err)
	}
	kind = "text/html"
	if _, err := OverHTTPS(t.Context(), c, u, example); err == nil || err.Error() != "ask "+u.Host+`: it answered with "text/html" instead of a DNS message` {
		t.Errorf("%v", err)
	}
}
