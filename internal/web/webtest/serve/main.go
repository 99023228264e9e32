// Command serve shows the page with made-up rounds, for the tests that drive a
// browser and for whoever works on the page. It is no part of homing.
//
// It reads commands from standard input, a line each, and says "ok" to each:
//
//	round | move ADDRESS | lose 4 | lose 6 | lie ADDRESS | honest | refuse NAME | allow NAME
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
	"github.com/homing-dns/homing/internal/web/webtest"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// kept is a file of sessions, the same for all servers of one test.
type kept struct{}

func (kept) Read() ([]byte, error) { return []byte(strings.Repeat("A", 43) + "\n0\n"), nil }
func (kept) Write([]byte) error    { return nil }

// stage is a house and the server that shows it.
type stage struct {
	mu      sync.Mutex
	house   *webtest.House
	board   *status.Board
	metrics *web.Metrics
	slow    time.Duration
}

func serve() error {
	listen := flag.String("listen", "127.0.0.1:0", "where to listen")
	names := flag.Int("names", 9, "how many names there are")
	rounds := flag.Int("rounds", 6, "how many rounds were made already")
	public := flag.Bool("public", false, "let anybody read")
	past := flag.Bool("past", true, "make up a history of 90 days")
	token := flag.String("token", "open-sesame", "the token")
	base := flag.String("base", "", "the path below which it is served")
	edit := flag.Bool("edit", false, "let settings be changed")
	slow := flag.Duration("slow", 600*time.Millisecond, "how long a round takes")
	flag.Parse()

	now := time.Now()
	s := &stage{house: webtest.New(*names, now.Add(-time.Duration(*rounds)*5*time.Minute+90*time.Second)), slow: *slow}
	s.board = status.NewBoard(s.house.Wanted()...)
	var history []status.Event
	if *past && *names > 0 {
		history = s.house.Past(now)
		s.board.Prime(history)
	}
	s.metrics = web.NewMetrics(s.board, "test")
	for range *rounds {
		history = append(history, s.round()...)
	}
	l, err := web.Listen(*listen)
	if err != nil {
		return err
	}
	var editor web.Editor
	if *edit {
		editor = &clerk{said: map[string][]string{"schedule.every": {"@every 5m"}, "records[0].name": {"home.example.com"}, "records[1].name": {"nas.example.com"}, "records[1].ttl": {"300"}}, house: s}
	}
	srv := web.New(web.Config{Editor: editor, Messenger: &herald{}, Board: s.board, Metrics: s.metrics, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Version: "1.0.0-test",
		Token: secret.New(*token), PublicRead: *public, Trigger: func() { go s.later() },
		PlanNow: func(context.Context) (status.Round, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.house.Plan(), nil
		},
		Interval: func() time.Duration { return 5*time.Minute + 30*time.Second },
		Sessions: web.NewSessions(kept{}, slog.New(slog.DiscardHandler)), Base: *base,
		Settings: settings,
		History: func(time.Time, func(status.Event) bool) ([]status.Event, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return append([]status.Event{}, history...), nil
		},
		Location: time.Local})
	fmt.Printf("http://%s\n", l.Addr())
	go s.obey(func(events []status.Event) { history = append(history, events...) })
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return srv.Serve(ctx, l)
}

// round makes a round. s.mu is held, or nobody else is there yet.
func (s *stage) round() []status.Event {
	r := s.house.Round()
	events := s.board.Done(r, s.house.Held())
	s.metrics.Round(r, events)
	return events
}

// later makes a round now, as a trigger does.
func (s *stage) later() {
	began := time.Now()
	time.Sleep(s.slow)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.house.Now = began
	s.round()
}

func (s *stage) obey(note func([]status.Event)) {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		s.mu.Lock()
		s.house.Now = time.Now()
		if err := s.do(in.Text()); err != nil {
			fmt.Println(err)
		} else {
			note(s.round())
			fmt.Println("ok")
		}
		s.mu.Unlock()
	}
}

func (s *stage) do(line string) error {
	verb, arg, _ := strings.Cut(line, " ")
	switch verb {
	case "round":
	case "move":
		if _, err := netip.ParseAddr(arg); err != nil {
			return err
		}
		s.house.Move(arg)
	case "lose":
		s.house.Lose(map[string]addr.Family{"4": addr.IPv4, "6": addr.IPv6}[arg])
	case "lie":
		s.house.Lie(arg)
	case "honest":
		s.house.Lie("")
	case "refuse", "allow":
		s.house.Refuse(arg, verb == "refuse")
	default:
		return errors.New("no such command: " + verb)
	}
	return nil
}

func settings() []web.Setting {
	return []web.Setting{
		{Name: "accounts.default.token", Value: "••••••", Origin: "CLOUDFLARE_API_TOKEN_FILE"},
		{Name: "records", Value: "home.example.org, nas.example.net, vpn.example.com, …", Origin: "DOMAINS"},
		{Name: "detect.ipv4.sources", Value: "cloudflare.trace, cloudflare.doh", Origin: "default"},
		{Name: "detect.ipv6.sources", Value: strings.Repeat("url:https://ip.a-provider-with-a-long-name.example/what-is-my-address,", 3), Origin: "IP6_PROVIDER"},
		{Name: "detect.confirm", Value: "true", Origin: "default"},
		{Name: "schedule.every", Value: "@every 5m", Origin: "/etc/homing/homing.yaml:14"},
		{Name: "serve.listen", Value: "127.0.0.1:8245", Origin: "default"},
	}
}
