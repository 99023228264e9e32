//go:build unix

package cli

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/sim"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// mostWeight is what a page may weigh, in bytes and compressed, however many
// records and sites there are.
const mostWeight = 100_000

// estate serves a house with so many records at fifty sites, after a round in which
// all of them were made right, or none; the pages are those of the daemon, with its
// history and the forms over its homing.yaml.
func estate(t *testing.T, records int, failing bool) (address, token string, pages []string) {
	t.Helper()
	const sites = 50
	s, err := newStage(performance{names: records / 2, seed: 1, host: "cloudflare"}, loopback)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	if failing {
		s.cloud.Fail(sim.IsWrite, sim.Refuse(http.StatusForbidden, 10000, "Authentication error"))
	}
	s.cloud.SetOptions(sim.Options{})
	folder := t.TempDir()
	var b strings.Builder
	fmt.Fprintf(&b, "accounts:\n  default: {token: %s, base_url: %q}\nserve: {edit: true, token: %s}\nstate: %q\nsites:\n", demoToken, s.base+"/client/v4", s.token, folder)
	for i := range sites {
		fmt.Fprintf(&b, "  site-%d: {bind: eth%d}\n", i, i)
	}
	b.WriteString("records:\n")
	for i, n := range s.names {
		fmt.Fprintf(&b, "  - {name: %s, site: site-%d}\n", n, i%sites)
	}
	path := filepath.Join(folder, "homing.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	world := s.world()
	settings := &app.Settings{Getenv: func(string) string { return "" }, Path: path, World: &world, Log: io.Discard}
	a, err := settings.Build(t.Context(), config.ForRecords)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.CloseIdle)
	return serveEstate(t, s, a, settings)
}

func serveEstate(t *testing.T, s *stage, a *app.App, settings *app.Settings) (address, token string, pages []string) {
	history, _, err := status.OpenHistory(t.TempDir(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	board := status.NewBoard(status.Wanted{Account: a.Accounts[0].Name, Spec: a.Accounts[0].Spec})
	engine := a.Engine(app.QuietLog(), nil)
	r := engine.Once(t.Context())
	if err := history.Add(time.Now(), board.Done(r, engine.Held())...); err != nil {
		t.Fatal(err)
	}
	config := web.Config{Board: board, Metrics: web.NewMetrics(board, "test"), Log: slog.New(slog.DiscardHandler), Token: secret.New(s.token),
		Interval: func() time.Duration { return time.Minute }, History: history.Past, Editor: settings.Editing(a.Config, func(string, string) {}),
		PlanNow: func(ctx context.Context) (status.Round, error) {
			return a.Engine(app.QuietLog(), nil).Plan(ctx), ctx.Err()
		}}
	server := httptest.NewServer(web.New(config).Handler())
	t.Cleanup(server.Close)
	return server.URL, s.token, []string{"/", "/?failing=1", "/?page=9", "/?q=nas", "/?span=90d", "/events", "/events?span=1y", "/events?kind=problems",
		"/record?name=" + s.names[0], "/plan", "/settings"}
}

// weigh asks for a page and gives its compressed size, and what this process worked
// for it: on a machine that has nothing else to do it takes no longer.
func weigh(t *testing.T, url, token string) (size int, took time.Duration, body string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept-Encoding", "gzip")
	runtime.GC() // of what was before
	began := worked(t)
	w, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(w.Body)
	took = worked(t) - began
	_ = w.Body.Close()
	if err != nil || w.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", url, w.StatusCode, err)
	}
	if w.Header.Get("Content-Encoding") != "gzip" {
		return len(b), took, string(b)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return len(b), took, string(plain)
}

// worked is the processor time of this process.
func worked(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var linksToSettings = regexp.MustCompile(`href="(?:\./)?(settings[^"]*)"`)

// What each page takes is logged and not judged: it is the machine's.
func TestNoPageIsLargeHoweverManyRecordsAndSitesThereAre(t *testing.T) {
	for records, failing := range map[int]bool{2000: false, 10_000: true} {
		t.Run(fmt.Sprintf("%d, failing: %v", records, failing), func(t *testing.T) {
			address, token, pages := estate(t, records, failing)
			seen := make(map[string]bool)
			for len(pages) > 0 {
				path := pages[0]
				if pages = pages[1:]; seen[path] {
					continue
				}
				seen[path] = true
				size, took, body := weigh(t, address+path, token)
				t.Logf("%-40s %6d bytes, %v", path, size, took.Round(time.Millisecond))
				if size >= mostWeight {
					t.Errorf("%s: %d bytes", path, size)
				}
				if path == "/" && failing && !strings.Contains(body, "Only failing") {
					t.Errorf("the page does not say what fails: %.500s", body)
				}
				if strings.HasPrefix(path, "/settings") {
					for _, m := range linksToSettings.FindAllStringSubmatch(body, -1) {
						if len(seen)+len(pages) < 30 {
							pages = append(pages, "/"+html.UnescapeString(m[1]))
						}
					}
				}
			}
			if _, _, body := weigh(t, address+"/settings", token); !strings.Contains(body, "lines more, which") {
				t.Error("the page does not say that more settings are in force than it shows")
			}
			if len(seen) < 15 {
				t.Errorf("only %d pages were found", len(seen))
			}
		})
	}
}
