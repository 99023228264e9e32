package app

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/secret"
)

func TestOnlyTheWordMakesACredentialTheMachines(t *testing.T) {
	s := instanceSetting()
	if err := s.Check("instance"); err != nil {
		t.Error(err)
	}
	if err := s.Check("Instance"); err == nil {
		t.Error("another word is taken")
	}
	for word, want := range map[string]bool{"instance": true, "": false} {
		if got := onInstance(config.Account{Settings: map[string]secret.String{"credentials": secret.New(word)}}); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
}

// What hands out credentials is reached over clients whose traffic the log does
// not show, of which there is one of a kind at a host; those of the machine reach
// nothing else.
func TestWhatHandsOutCredentialsIsNotLogged(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "canary-answer") }))
	defer s.Close()
	var log bytes.Buffer
	world := World{log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), Agent: "homing/test"}
	a := &App{clients: map[clientKey]*httpx.Client{}, messages: &messages{}, world: &World{hosts: []*host{{HostKind: config.HostKind{Word: "fake"}}}}}
	w := wires{&world, "fake", a.clients}
	for range 2 {
		if w.metadata() == w.issuer() || len(a.clients) != 2 {
			t.Errorf("%d clients", len(a.clients))
		}
	}
	var told []string
	a.CountCalls(func(route, status string) { told = append(told, route+" "+status) })
	for _, c := range a.clients {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/canary-path", strings.NewReader("canary-body"))
		resp, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	closeIdle(a.clients)
	if strings.Contains(log.String(), "canary") || !strings.Contains(log.String(), "http://127.0.0.1:") {
		t.Errorf("the log:\n%s", log.String())
	}
	if !slices.Equal(told, []string{"credential 200", "credential 200"}) {
		t.Errorf("counted is %q", told)
	}
	far := World{Dial: func(ctx context.Context, network, address string) (net.Conn, error) { return afar{}, nil }}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://169.254.169.254/", nil)
	if _, err := (wires{&far, "fake", map[clientKey]*httpx.Client{}}).metadata().Do(r); err == nil || !strings.Contains(err.Error(), "is no private address") {
		t.Errorf("%v", err)
	}
}

// afar is a connection that leads to the internet.
type afar struct{ net.Conn }

func (afar) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(8, 8, 8, 8), Port: 80} }
func (afar) Close() error         { return nil }
