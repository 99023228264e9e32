package cli

import (
	"context"
	"fmt"
	"html"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/app"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/sim"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// moment is what homing says at the end of a round, and what is so then.
type moment struct {
	event    string // that happened last; empty: none yet
	after    int    // rounds since then
	verdict  status.Verdict
	heading  string // of the page
	page     string // its text
	round    status.Round
	terminal string // what the demo printed of the round
	wrong    []string
	right    int
}

// perform plays scenes in a bubble, without sockets: the engine, the board and the
// page are those of the daemon.
func perform(t *testing.T, p performance, see func(moment)) {
	t.Helper()
	p.names, p.seed, p.ends = max(p.names, 9), 1, true
	pipes := func(home *sim.Home) (*sim.Net, error) { return sim.Pipes(home), nil }
	s, err := newStage(p, pipes)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	s.base, s.writes = "http://127.0.0.1", p.host == "route53" // with and without a file
	play, err := s.play(p)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := s.settle(t.TempDir(), &Env{})
	if err != nil {
		t.Fatal(err)
	}
	settings.World.Dial = local(settings.World.Dial)
	a, err := settings.Build(t.Context(), config.ForRecords)
	if err != nil {
		t.Fatal(err)
	}
	defer a.CloseIdle()
	board := status.NewBoard(status.Wanted{Account: a.Accounts[0].Name, Spec: a.Accounts[0].Spec})
	site := web.New(web.Config{Board: board, Metrics: web.NewMetrics(board, "test"), Log: slog.New(slog.DiscardHandler), PublicRead: true,
		Token: secret.New("open-sesame"), Interval: func() time.Duration { return time.Minute }}).Handler()

	ctx, stop := context.WithTimeout(t.Context(), p.length)
	defer stop()
	var printed strings.Builder
	tally := &tally{stage: s, play: play, w: &printed, ended: ctx.Done()}
	last, after := "", 0
	var engine interface {
		Run(context.Context)
		Held() []status.Held
		Invalidate()
		Trigger()
	}
	engine = a.Engine(app.QuietLog(), func(r status.Round) {
		if ctx.Err() != nil {
			return
		}
		board.Done(r, engine.Held())
		m := moment{event: last, after: after, verdict: board.Now().Verdict(), round: r}
		m.page, m.heading = page(t, site)
		m.right, m.wrong = s.compare() // before anything else happens
		printed.Reset()
		happened := play.at
		tally.round(r, func() { engine.Invalidate(); engine.Trigger() })
		m.terminal = printed.String()
		if i := strings.Index(m.terminal, "\n▸ "); i >= 0 {
			last, m.terminal = strings.Join(strings.Fields(m.terminal[i+len("\n▸ "):]), " "), m.terminal[:i]
		}
		after++
		if play.at != happened {
			after = 0
		}
		see(m)
	})
	s.begin()
	engine.Run(ctx)
	synctest.Wait()
}

// local is a dial to this machine.
func local(dial httpx.Dial) httpx.Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return onLoopback{c}, nil
	}
}

type onLoopback struct{ net.Conn }

func (onLoopback) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

var (
	tags    = regexp.MustCompile(`(?s)<(script|style|svg)\b.*?</(script|style|svg)>|<[^>]*>`)
	heading = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)
)

// page is the text of the page and its heading.
func page(t *testing.T, site http.Handler) (all, head string) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil)
	site.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("the page answers %d: %s", w.Code, w.Body)
	}
	if m := heading.FindStringSubmatch(w.Body.String()); m != nil {
		head = html.UnescapeString(m[1])
	}
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(w.Body.String(), " "))), " "), head
}

// honest holds what is said at a moment against what is so.
func (m moment) honest(t *testing.T) {
	t.Helper()
	fault := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%d rounds after %q: %s\n%s", m.after, m.event, fmt.Sprintf(format, args...), m.terminal)
	}
	if m.heading != m.verdict.Sentence {
		fault("the page says %q, and not %q", m.heading, m.verdict.Sentence)
	}
	var n, of int
	switch {
	case m.verdict.Level == status.Good:
		if _, err := fmt.Sscanf(m.heading, "All %d records point home.", &n); err != nil || n != m.right || len(m.wrong) > 0 {
			fault("it says %q, and %d are right and wrong are %q", m.heading, m.right, m.wrong)
		}
	case m.verdict.Level == status.Bad:
		if _, err := fmt.Sscanf(m.heading, "%d of %d records are not right.", &n, &of); err != nil || of-n != m.right {
			fault("it says %q, and %d are right and wrong are %q", m.heading, m.right, m.wrong)
		}
	}
	said := saysRight.FindStringSubmatch(m.terminal)
	if said == nil {
		if !strings.Contains(m.terminal, "as before") {
			fault("it does not say how many records are right")
		}
		return
	}
	n, _ = strconv.Atoi(said[1])
	if said[2] == "" && n != m.right || n > m.right {
		fault("it says %q, and %d are right and wrong are %q", said[0], m.right, m.wrong)
	}
}

var saysRight = regexp.MustCompile(`(\d+) records? (?:is|are) (known to be )?right`)

// expectation is what is to be said after an event, at the first moment or, where
// it takes some rounds to be seen, at one of them.
type expectation struct {
	event    string // begins so
	heading  string // at the first moment, as a regular expression
	terminal string // each of both is said at some moment
	page     string
	settled  string // the heading before the next event
}

func expectations(host string, all int) []expectation {
	home := fmt.Sprintf("All %d records point home.", all)
	const portal = "This network's addresses are not known; their records stay unchanged."
	return []expectation{
		{"", home, "no record yet", "IPv4 of lte", home},
		{"the provider gives the house a new IPv6 prefix", `The state of [56] of 17 records is not known\.`, "not confirmed, 1", "the change may have happened or not", home},
		{"somebody points home.example.com elsewhere", home, "changed elsewhere, to 84.", "changed elsewhere, to 84.", home},
		{"the provider gives the house a new IPv4 address", home, "9 changes made", "All 2 sources agree", home},
		{"connectivity.cloudflareclient.com begins to answer", home, "but connectivity.cloudflareclient.com says 84.", "1 disagrees", home},
		{"the provider changes IPv4 and IPv6 at once", home, "17 changes made", "84.", home},
		{"somebody puts a CNAME in the place of nas.example.net", "2 of 17 records are not right.", "there is a CNAME to old-nas.example.net at this name", "delete the CNAME", "2 of 17 records are not right."},
		{"somebody deletes the CNAME", home, "deleted elsewhere", "deleted elsewhere", home},
		{"a captive portal answers", portal, "a captive portal, a proxy or an error may stand in the way", "the answer is a web page", portal},
		{"somebody logs in at the portal", home, home[4:6] + " records are right", "One source was asked", home},
		{"the API of " + host + " is down", "The state of the 17 records is not known.", "502", "502", "The state of the 17 records is not known."},
		{"the API works again", "", "changed elsewhere, to 84.", "changed elsewhere, to 84.", home},
		{"the line of the house goes dead", portal, "A vpn.example.org", "IPv4 of lte", portal},
		{"the line works again", home, home[4:6] + " records are right", "IPv4 of lte", home},
	}
}

func TestWhatTheDemoSaysIsSoAtEachMoment(t *testing.T) {
	for host, name := range map[string]string{"cloudflare": "Cloudflare", "route53": "Route 53"} {
		t.Run(host, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var moments []moment
				perform(t, performance{length: 60 * time.Second, host: host, scenes: "all"}, func(m moment) {
					m.honest(t)
					moments = append(moments, m)
				})
				for _, e := range expectations(name, 17) {
					e.check(t, moments)
				}
			})
		})
	}
}

func (e expectation) check(t *testing.T, all []moment) {
	t.Helper()
	var terminal, page strings.Builder
	var mine []moment
	for _, m := range all {
		if m.event == e.event || e.event != "" && strings.HasPrefix(m.event, e.event) {
			mine = append(mine, m)
			terminal.WriteString(m.terminal)
			page.WriteString(m.page)
		}
	}
	if len(mine) < roundsBetween {
		t.Errorf("after %q there are %d rounds", e.event, len(mine))
		return
	}
	if first := mine[0]; e.heading != "" && !regexp.MustCompile("^"+e.heading+"$").MatchString(first.heading) {
		t.Errorf("at once after %q the page says %q, want %q", e.event, first.heading, e.heading)
	}
	if last := mine[len(mine)-1]; last.heading != e.settled {
		t.Errorf("some rounds after %q the page says %q, want %q", e.event, last.heading, e.settled)
	}
	if flat := strings.Join(strings.Fields(terminal.String()), " "); !strings.Contains(flat, e.terminal) {
		t.Errorf("after %q the terminal does not say %q:\n%s", e.event, e.terminal, terminal.String())
	}
	if !strings.Contains(page.String(), e.page) {
		t.Errorf("after %q the page does not say %q:\n%s", e.event, e.page, page.String())
	}
}

// The name that went to the other line returns once its own works for five minutes.
func TestTheDemosNameReturnsFromTheOtherLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		moved, returned := false, false
		perform(t, performance{length: 16 * time.Minute, host: "cloudflare", scenes: "two-lines"}, func(m moment) {
			m.honest(t)
			moved = moved || strings.Contains(m.terminal, "~ A vpn.example.org")
			returned = moved && strings.HasPrefix(m.event, "the line works again") && strings.Contains(m.terminal, "~ A vpn.example.org") || returned
		})
		if !moved || !returned {
			t.Errorf("it moved: %v, and returned: %v", moved, returned)
		}
	})
}

// Nothing the demo says of a house with very many names is wrong either.
func TestALargeDemoIsHonestToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		perform(t, performance{length: 40 * time.Second, names: 300, host: "route53", scenes: "hand-edit,liar,cname"}, func(m moment) { m.honest(t) })
	})
}

func (pl *play) events() (n int) {
	for _, sc := range pl.scenes {
		n += len(sc.events)
	}
	return n
}

func TestScenesAreChosen(t *testing.T) {
	for scenes, want := range map[string]int{"all": 13, "none": 0, "portal": 2, "hand-edit,cname": 3} {
		s, err := newStage(performance{names: 9, host: "cloudflare"}, loopback)
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		play, err := s.play(performance{scenes: scenes})
		if err != nil || play.events() != want {
			t.Errorf("%s: %v, %d events, want %d", scenes, err, play.events(), want)
		}
		if short, err := s.play(performance{scenes: scenes, length: demoShortest, ends: true}); err != nil || short.events() > 3 || scenes == "all" && short.lost != 5 {
			t.Errorf("%s in %v: %v, %d events, %d scenes left out", scenes, demoShortest, err, short.events(), short.lost)
		}
		if _, err := s.play(performance{scenes: scenes + ",nothing"}); err == nil {
			t.Error("an unknown scene is not refused")
		}
	}
}
