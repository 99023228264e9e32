package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/httpx"
)

// A system without a list of zones has UTC for time.Local, whatever TZ says.
func TestLogPrintsTimesOfTheConfiguredZone(t *testing.T) {
	var out bytes.Buffer
	log := (&Settings{Log: &out}).NewLog(&config.Config{Location: time.FixedZone("there", 5*3600+45*60)})
	at := time.Date(2026, 11, 21, 20, 30, 0, 0, time.UTC)
	r := slog.NewRecord(at, slog.LevelInfo, "round", 0)
	r.AddAttrs(slog.Time("next", at.Add(5*time.Minute)), slog.Int("calls", 3))
	if err := log.Handler().Handle(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "2026-11-22 02:15:00 INF round next=02:20:00 calls=3\n"; got != want {
		t.Errorf("the line is %q, want %q", got, want)
	}
}

func TestLogLinesHoldNoControlCharacters(t *testing.T) {
	var out bytes.Buffer
	log := (&Settings{Log: &out}).NewLog(&config.Config{Location: time.UTC})
	log.Warn("a\x1b[31mb", "why", "c\r\nd", "empty", "")
	if got := out.String(); !strings.HasSuffix(got, " WRN a[31mb why=cd\n") {
		t.Errorf("the line is %q", got)
	}
}

// logged is what these manners make of the same lines, on every level.
func logged(m manners) string {
	var out bytes.Buffer
	log := logTo(&out, m)
	at := time.Date(2026, 11, 21, 20, 30, 0, 0, time.UTC)
	for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		r := slog.NewRecord(at, l, "a \"line\"\x1b[0m", 0)
		r.AddAttrs(slog.Time("next", at.Add(time.Hour)), slog.Duration("took", 1500*time.Millisecond), slog.String("why", "x\ny"), slog.String("empty", ""),
			slog.Any("error", fmt.Errorf("a: %w", errors.New("b\x07"))), slog.Group("g", slog.String("h", "\u202ei")))
		if log.Enabled(context.Background(), l) {
			_ = log.Handler().Handle(context.Background(), r)
		}
	}
	return out.String()
}

func TestTheLogHasThreeForms(t *testing.T) {
	there := time.FixedZone("there", 3600)
	for _, x := range []struct {
		manners
		want string
	}{
		{manners{level: slog.LevelDebug}, `2026-11-21 20:30:00 DBG a "line"[0m next=21:30:00 took=1.5s why=xy error="a: b" g.h=i
2026-11-21 20:30:00 INF a "line"[0m next=21:30:00 took=1.5s why=xy error="a: b" g.h=i
2026-11-21 20:30:00 WRN a "line"[0m next=21:30:00 took=1.5s why=xy error="a: b" g.h=i
2026-11-21 20:30:00 ERR a "line"[0m next=21:30:00 took=1.5s why=xy error="a: b" g.h=i
`},
		{manners{level: slog.LevelWarn, emoji: true, place: there}, `2026-11-21 21:30:00 WRN ⚠️ a "line"[0m next=22:30:00 took=1.5s why=xy error="a: b" g.h=i
2026-11-21 21:30:00 ERR ❌ a "line"[0m next=22:30:00 took=1.5s why=xy error="a: b" g.h=i
`},
		{manners{level: slog.LevelError, format: logfmtLog, emoji: true, colour: true, place: there},
			`time=2026-11-21T21:30:00.000+01:00 level=ERROR msg="a \"line\"[0m" next=2026-11-21T22:30:00+01:00 took=1.5s why=xy error="a: b" g.h=i
`},
		{manners{level: slog.LevelError, format: jsonLog, emoji: true, colour: true, place: there},
			`{"time":"2026-11-21T21:30:00+01:00","level":"ERROR","msg":"a \"line\"[0m","next":"2026-11-21T22:30:00+01:00","took":"1.5s","why":"xy","error":"a: b","g":{"h":"i"}}
`},
	} {
		if diff := cmp.Diff(x.want, logged(x.manners)); diff != "" {
			t.Error(diff)
		}
	}
	if s := logged(manners{colour: true}); !strings.Contains(s, "\x1b[") {
		t.Errorf("no colour in %q", s)
	}
}

func TestTheWordsForLevelsAndForms(t *testing.T) {
	for word, level := range logLevels() {
		if got := strings.Count(logged(manners{level: level}), "\n"); got != map[string]int{"debug": 4, "info": 3, "warn": 2, "error": 1}[word] {
			t.Errorf("%s shows %d levels", word, got)
		}
	}
	for word, form := range logFormats() {
		line := logged(manners{level: slog.LevelError, format: form})
		if json.Valid([]byte(line)) != (word == "json") || strings.HasPrefix(line, "time=") != (word == "logfmt") {
			t.Errorf("%s is %q", word, line)
		}
	}
}

func TestAttributesOfALoggerHaveMannersToo(t *testing.T) {
	for form, want := range map[logFormat]string{textLog: " INF x a=b g.c=d g.at=01:00:00\n", logfmtLog: " level=INFO msg=x a=b g.c=d g.at=2026-11-21T01:00:00Z\n"} {
		var out bytes.Buffer
		log := logTo(&out, manners{format: form}).With("a", "b\x1b").WithGroup("g").With("c", "d\n", "empty", "")
		log.Info("x", "at", time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC))
		if !strings.HasSuffix(out.String(), want) {
			t.Errorf("the line is %q, want %q", out.String(), want)
		}
	}
}

// talk sends one request through an observed client and returns the log.
func talk(t *testing.T, level slog.Level, private bool, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(answer)
	defer s.Close()
	var out bytes.Buffer
	c := httpx.New(httpx.Options{Header: http.Header{"Authorization": {"Bearer hunter2"}}})
	defer c.CloseIdle()
	observe(c, logTo(&out, manners{level: level}), private)
	u := strings.Replace(s.URL, "://", "://me:hunter2@", 1) + "/zones/1/secret3?name=home.example.org"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, u, strings.NewReader(`{"content":"203.0.113.7"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(r)
	if err == nil {
		got, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		resp.Body.Close() // closing twice is no second answer
		if want := body(answer); string(got) != want {
			t.Errorf("the body is %q, want %q", got, want)
		}
	}
	log := regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(out.String(), "HOST")
	log = regexp.MustCompile(`took=\S+`).ReplaceAllString(log, "took=T")
	return regexp.MustCompile(`(?m)^\S+ \S+ `).ReplaceAllString(log, "")
}

// body is what a handler answers.
func body(h http.HandlerFunc) string {
	w := httptest.NewRecorder()
	h(w, httptest.NewRequest(http.MethodGet, "/", nil))
	return w.Body.String()
}

func TestDebugShowsEachRequestAndAnswerWithoutSecrets(t *testing.T) {
	answer := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "hunter2")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"id":"secret3"}`)
	}
	const open = `DBG request method=POST url="http://HOST/zones/1/secret3?name=home.example.org" body="{\"content\":\"203.0.113.7\"}"
DBG answer method=POST url="http://HOST/zones/1/secret3?name=home.example.org" status=400 took=T body="{\"id\":\"secret3\"}"
`
	const private = `DBG request method=POST url=http://HOST
DBG answer method=POST url=http://HOST status=400 took=T
`
	if diff := cmp.Diff(open, talk(t, slog.LevelDebug, false, answer)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(private, talk(t, slog.LevelDebug, true, answer)); diff != "" {
		t.Error(diff)
	}
	if got := talk(t, slog.LevelInfo, false, answer); got != "" {
		t.Errorf("on info it shows %q", got)
	}
}

func TestDebugShowsTheBeginningOfALongAnswerAndNoneWhenThereIsNone(t *testing.T) {
	long := talk(t, slog.LevelDebug, false, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 5000)) })
	if n := strings.Count(long, "x"); n > bodyShown+10 || n < bodyShown {
		t.Errorf("%d of 5000 bytes are shown", n)
	}
	lost := talk(t, slog.LevelDebug, false, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if !strings.Contains(lost, "DBG no answer method=POST") || !strings.Contains(lost, "error=EOF") {
		t.Errorf("it shows %q", lost)
	}
}
