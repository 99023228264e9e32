package rest

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"
)

func TestABaseAddressThatOthersCouldReadIsRefused(t *testing.T) {
	const usual = "https://tiny.example/v1"
	all := []string{"", "https://proxy.example/t/", "http://127.0.0.1:8080", "HTTP://[::1]:8081/", "http://tiny.example", "http://192.168.1.2", "http://100.127.255.255:1",
		"http://[fd00::1]", "http://192.0.2.1", "http://100.128.0.1", "https://me:pass@tiny.example", "https://tiny.example/?k=1", "ftp://tiny.example", "tiny.example"}
	taken := func(allow bool) (fine []string) {
		for _, s := range all {
			if got, err := CheckBaseURL(s, usual, allow); err == nil {
				fine = append(fine, got)
			}
		}
		return fine
	}
	want := []string{usual, "https://proxy.example/t", "http://127.0.0.1:8080", "http://[::1]:8081"}
	if got := taken(false); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	want = append(want, "http://tiny.example", "http://192.168.1.2", "http://100.127.255.255:1", "http://[fd00::1]")
	if got := taken(true); !slices.Equal(got, want) {
		t.Errorf("with http allowed: %v", got)
	}
	for allow, want := range map[bool]string{false: "http:// is only for this machine itself", true: "http:// is only for this machine itself and for private networks"} {
		if _, err := CheckBaseURL("http://192.0.2.1", usual, allow); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Error(err)
		}
	}
}

func TestPlainAddressesAreKnown(t *testing.T) {
	for base, want := range map[string][2]bool{"http://127.0.0.1": {true, false}, "http://localhost:1": {true, false}, "http://[::1]": {true, false},
		"https://192.168.1.2": {false, false}, "http://192.168.1.2:8081": {true, true}, "http://pdns:8081": {true, true}, ":": {false, false}} {
		if plain, far := IsPlainHTTP(base); plain != want[0] || far != want[1] {
			t.Errorf("%s: %v, %v", base, plain, far)
		}
	}
}

type conn struct {
	net.Conn
	remote string
	closed bool
}

func (c *conn) RemoteAddr() net.Addr { a, _ := net.ResolveTCPAddr("tcp", c.remote); return a }
func (c *conn) Close() error         { c.closed = true; return nil }

// A name may lead anywhere; over plain http it may lead only to who is near.
func TestPlainHTTPNeverLeadsToTheInternet(t *testing.T) {
	for remote, near := range map[string]bool{"127.0.0.1:1": true, "10.1.2.3:1": true, "[fd00::1]:1": true, "[fe80::1%lo]:1": true, "100.64.0.1:1": true,
		"192.0.2.1:1": false, "[2001:db8::1]:1": false, "8.8.8.8:1": false, "100.63.255.255:1": false} {
		c := &conn{remote: remote}
		got, err := DialPrivateOnly(func(context.Context, string, string) (net.Conn, error) { return c, nil })(t.Context(), "tcp", "pdns:1")
		if near != (err == nil && got == c) || near == c.closed {
			t.Errorf("%s: %v", remote, err)
		}
	}
}
