package web

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/homing-dns/homing/internal/secret"
)

// FuzzCredentials: nothing but the token and a cookie that homing made opens.
func FuzzCredentials(f *testing.F) {
	g := newGuard(Config{Token: secret.New("the token"), Sessions: &Sessions{salt: make([]byte, saltSize)}})
	good := g.sessions.issue(time.Unix(1<<33, 0)) // the same in every process that takes part
	f.Add("Bearer the token", good, "127.0.0.1")
	f.Add("bearer  x", good[:20], "nas.local:80")
	f.Add("", "AAAA", "[::1]:1")
	f.Add("", good[:20]+"\n"+good[20:], "[::1]:1")
	f.Add("Basic dGhl", strings.Repeat("A", 54), "a@127.0.0.1.evil.example")
	f.Fuzz(func(t *testing.T, header, cookie, host string) {
		if g.isToken(bearer(header)) && bearer(header) != "the token" || g.isToken(bareToken(header)) && bareToken(header) != "the token" {
			t.Errorf("%q is taken for the token", header)
		}
		if g.sessions.valid(cookie) && cookie != good {
			t.Errorf("%q is taken for a session", cookie)
		}
		if g.isKnownHost(host) && strings.HasSuffix(host, ".evil.example") {
			t.Errorf("%q is taken for a name of ours", host)
		}
	})
}

// FuzzForwarded: who is behind a proxy is always an address, and never one that
// a stranger made up.
func FuzzForwarded(f *testing.F) {
	f.Add("10.0.0.1:1", "192.0.2.1, 198.51.100.2")
	f.Add("192.0.2.1:1", "10.0.0.1")
	f.Add("10.0.0.1:1", ",,\x00, ::1%eth0")
	cfg := Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	f.Fuzz(func(t *testing.T, remote, forwarded string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = remote
		r.Header = http.Header{"X-Forwarded-For": {forwarded}}
		client := clientOf(cfg.withoutProxy(r))
		if _, err := netip.ParseAddr(client); err != nil && client != "local" {
			t.Errorf("the client is %q", client)
		}
		if !cfg.trusts(addrWithoutPort(remote)) && client != addrWithoutPort(remote) {
			t.Errorf("%q says it is %q", remote, client)
		}
	})
}

func FuzzSince(f *testing.F) {
	for _, s := range []string{"", "24h", "-1h", "2026-11-21T10:00:00Z", "9999999h", "1e9", "0001-01-01T00:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		now := time.Now()
		if from, err := parseSince(s, now); err == nil && from.Before(now.Add(-historyLongest)) {
			t.Errorf("%q goes back to %v", s, from)
		}
	})
}

func FuzzPlain(f *testing.F) {
	f.Add("a\x00b\u202ec\u2066\x1b[31m\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range plain(s) {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q holds %U", plain(s), r)
			}
		}
	})
}

// FuzzSessionFile: whatever lies in the file, sessions open and close, and what
// is written reads back.
func FuzzSessionFile(f *testing.F) {
	good := &memoryFile{}
	NewSessions(good, slog.New(slog.DiscardHandler)).revoke(1 << 33)
	f.Add(good.content)
	f.Add([]byte{})
	f.Add(append(good.content, "9\n"...))
	f.Fuzz(func(t *testing.T, b []byte) {
		file := &memoryFile{content: b}
		s := NewSessions(file, slog.New(slog.DiscardHandler))
		end := s.uniqueExpiry(1 << 33)
		if s.isRevoked(end) {
			t.Fatalf("a new session is closed: %d", end)
		}
		s.revoke(end)
		if again := NewSessions(file, slog.New(slog.DiscardHandler)); !again.isRevoked(end) || string(again.salt) != string(s.salt) {
			t.Errorf("%q reads back as another", file.content)
		}
	})
}

type memoryFile struct{ content []byte }

func (f *memoryFile) Read() ([]byte, error) { return f.content, nil }
func (f *memoryFile) Write(b []byte) error  { f.content = b; return nil }
