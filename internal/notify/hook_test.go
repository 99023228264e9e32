package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// changedEvent is a round that changed one name, failed at another, and is told.
func changedEvent(t *testing.T) Event {
	r := did(round(0, refusedName("b.example.org")), nil, move(t, "a.example.org"))
	ms := new(watch).decide(r, after(r), Rules{})
	return rounded(r, ms, State{})
}

func TestTheWebhookIsGivenThisJSON(t *testing.T) {
	var got []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = append(got, string(b))
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.URL.RequestURI() != "/hook?key=hunter2" {
			t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	sink := made(t)(NewWebhook(hidden(s.URL+"/hook?key=hunter2"), client(t)))
	if err := sent(t, sink, changedEvent(t)); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"schema":1,"event":"changed","at":"2026-11-21T12:00:01Z","title":"homing: 1 record changed","body":"198.51.100.1 → 203.0.113.7: A a.example.org","ipv4":["203.0.113.7"],"ipv6":[],"changes":[{"action":"update","name":"a.example.org","type":"A","old":"198.51.100.1","new":"203.0.113.7","reason":"the address changed"}],"changes_total":1,"conditions":[],"conditions_total":0}`,
		`{"schema":1,"event":"failed","at":"2026-11-21T12:00:01Z","title":"homing: something is not right","body":"A b.example.org: a CNAME is in the way; remove it","ipv4":["203.0.113.7"],"ipv6":[],"changes":[],"changes_total":0,"conditions":[{"code":"name-blocked","failure":true,"cause":"name-blocked","subject":"A b.example.org","text":"a CNAME is in the way","hint":"remove it"}],"conditions_total":1}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestADocumentHasAnEndAndSaysTheTotal(t *testing.T) {
	var m Message
	for i := range 2000 {
		moved := move(t, fmt.Sprintf("n%d.example.org", i))
		m.Changes = append(m.Changes, status.Event{Keys: []dns.Key{moved.Key()}, Count: 1})
		m.Conditions = append(m.Conditions, refusedName(fmt.Sprint(i)))
	}
	var d document
	if err := json.Unmarshal(newDocument(&m), &d); err != nil || len(d.Changes) != maxListed || d.ChangesTotal != 2000 || len(d.Conditions) != maxListed || d.ConditionsTotal != 2000 {
		t.Errorf("%d of %d, %d of %d, %v", len(d.Changes), d.ChangesTotal, len(d.Conditions), d.ConditionsTotal, err)
	}
}

func TestAWebhookThatTalksTooMuchHasHeardAllTheSame(t *testing.T) {
	heard := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		heard++
		_, _ = w.Write(bytes.Repeat([]byte("thank you "), maxAnswer))
	})
	generic := "generic+" + s.URL
	for _, sink := range []Sink{made(t)(NewWebhook(hidden(s.URL), client(t))), made(t)(NewShoutrrr(hidden(generic), ShoutrrrOptions{Client: client(t)}))} {
		if err := sent(t, sink, saying("x")); err != nil {
			t.Errorf("%s: %v", sink.Name(), err)
		}
	}
	if heard != 2 {
		t.Errorf("they heard %d messages", heard)
	}
}

func TestAWebhookThatRefusesIsAnErrorWithoutItsURL(t *testing.T) {
	for code, passing := range map[int]bool{400: false, 401: false, 404: false, 301: false, 429: true, 500: true} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/elsewhere/hunter2")
			w.WriteHeader(code)
		})
		err := sent(t, made(t)(NewWebhook(hidden(s.URL+"/hunter2?key=hunter2"), client(t))), saying("x"))
		f, ok := errors.AsType[*Failure](err)
		if !ok || f.Temporary != passing || !strings.Contains(err.Error(), strconv.Itoa(code)) {
			t.Errorf("%d: %v", code, err)
		}
		silent(t, err.Error()+f.Hint, "hunter2")
	}
	s := serve(t, nil)
	s.Close()
	err := sent(t, made(t)(NewWebhook(hidden(strings.Replace(s.URL, "://", "://u:hunter2@", 1)+"/hunter2"), client(t))), saying("x"))
	if f, ok := errors.AsType[*Failure](err); !ok || !f.Temporary {
		t.Errorf("%v", err)
	}
	silent(t, err.Error(), "hunter2")
}

// script is a program of these lines.
func script(t *testing.T, lines string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hook")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+lines+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{path}
}

func TestAProgramIsRunAfterAChangeWithThis(t *testing.T) {
	t.Setenv("CLOUDFLARE_API_TOKEN", "hunter2")
	out := filepath.Join(t.TempDir(), "out")
	command := append(script(t, `{ pwd; for a; do echo "<$a>"; done; env | sort | grep -v '^_=\|^SHLVL=\|^PWD='; cat; } >"$1"`), out, "$HOME; echo `x`", "")
	s := made(t)(NewHook(Hook{Command: command, Path: "/usr/bin:/bin"}))
	var changes []plan.Change
	for i := range 150 {
		changes = append(changes, move(t, fmt.Sprintf("n%d.example.org", i)))
	}
	r := did(round(0), nil, append(changes, changes[0])...)
	ms := new(watch).decide(r, after(r), Rules{})
	if err := sent(t, s, Event{Messages: ms}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	head, doc, _ := strings.Cut(string(b), "{")
	var names []string
	for i := range maxHookNames {
		names = append(names, fmt.Sprintf("n%d.example.org", i))
	}
	want := "/\n<" + out + ">\n<$HOME; echo `x`>\n<>\nHOMING_CHANGES=151\nHOMING_EVENT=changed\nHOMING_IPV4=203.0.113.7\nHOMING_IPV6=\nHOMING_NAMES=" +
		strings.Join(names, " ") + "\nPATH=/usr/bin:/bin\n"
	if diff := cmp.Diff(want, head); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(string(newDocument(&ms[0])), "{"+doc); diff != "" {
		t.Error(diff)
	}
}

func TestAProgramIsRunOnlyAfterAChange(t *testing.T) {
	s := made(t)(NewHook(Hook{Command: []string{"/bin/false"}}))
	for _, e := range every(t) {
		if work := s.deliveries(e.Event); len(work) != 0 {
			t.Errorf("%s runs it %d times", e.name, len(work))
		}
	}
	if work := s.deliveries(changedEvent(t)); len(work) != 1 || !work[0].noRetry {
		t.Errorf("a change with a failure runs it %d times", len(work))
	}
}

func TestAProgramThatFailsSaysWhy(t *testing.T) {
	for lines, want := range map[string]string{
		"echo first; printf 'it \\033[31mburns\\n\\n' >&2; exit 3": ": exit status 3: it [31mburns",
		"exit 1":     ": exit status 1",
		"kill -9 $$": ": signal: killed",
		"yes | head -c 100000 >&2; echo end; exit 1": ": exit status 1: end",
	} {
		s := made(t)(NewHook(Hook{Command: script(t, lines), Path: "/usr/bin:/bin"}))
		err := sent(t, s, changedEvent(t))
		if err == nil || !strings.HasSuffix(err.Error(), want) || !strings.HasPrefix(err.Error(), "run /") {
			t.Errorf("%q: %v", lines, err)
		}
	}
	err := sent(t, made(t)(NewHook(Hook{Command: []string{"/no/such/program"}})), changedEvent(t))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestAProgramThatTakesTooLongIsKilledWithAllItStarted(t *testing.T) {
	left := filepath.Join(t.TempDir(), "left")
	s := made(t)(NewHook(Hook{Command: append(script(t, `sleep 1000 & echo $! >"$1"; wait`), left), Path: "/usr/bin:/bin", Timeout: 300 * time.Millisecond}))
	err := sent(t, s, changedEvent(t))
	if f, ok := errors.AsType[*Failure](err); !ok || f.Temporary || !strings.Contains(err.Error(), "killed after 300ms") {
		t.Errorf("%v", err)
	}
	b, _ := os.ReadFile(left)
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	gone := func() bool { // it may stay as a zombie where nobody reaps it
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err != nil || strings.Contains(string(stat), ") Z ")
	}
	for i := 0; !gone(); i++ {
		if runtime.Gosched(); i > 1e6 {
			t.Fatalf("process %d still runs", pid)
		}
	}
}

func TestAProgramThatHomingDoesNotWaitForIsNotBlamed(t *testing.T) {
	begun := filepath.Join(t.TempDir(), "begun")
	s := made(t)(NewHook(Hook{Command: append(script(t, `mkfifo "$1.fifo"; : >"$1"; read x <"$1.fifo"`), begun), Path: "/usr/bin:/bin"}))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for _, err := os.Stat(begun); err != nil; _, err = os.Stat(begun) {
			runtime.Gosched()
		}
		cancel()
	}()
	err := s.deliveries(changedEvent(t))[0].send(ctx)
	if err == nil || !strings.Contains(err.Error(), "homing did not wait for it") || strings.Contains(err.Error(), "30s") {
		t.Errorf("%v", err)
	}
}

func TestAProgramMayLeaveSomethingRunning(t *testing.T) {
	s := made(t)(NewHook(Hook{Command: script(t, `sleep 3 & exit 0`), Path: "/usr/bin:/bin"}))
	if err := sent(t, s, changedEvent(t)); err != nil {
		t.Error(err)
	}
}

func TestAHookNamesItsProgramWhole(t *testing.T) {
	for _, command := range [][]string{nil, {""}, {"hook"}, {"./hook"}, {"sh", "-c", "x"}} {
		if _, err := NewHook(Hook{Command: command}); err == nil {
			t.Errorf("%q is taken", command)
		}
	}
	if s := made(t)(NewHook(Hook{Command: []string{"/opt/a b/hook", "hunter2"}})); s.Name() != "exec hook" {
		t.Errorf("it is called %q", s.Name())
	}
}

func TestTemplates(t *testing.T) {
	m := Message{Kind: Changed, At: noon, Title: "a {host} {body}", Body: "b\nc", IPv4: []string{oldIP, newIP}, Changes: []status.Event{{Count: 1}, {Count: 2}}}
	place := Origin{Host: "h{time}", TimeZone: time.FixedZone("", 3600)}
	for _, x := range []struct {
		Template
		title, body string
	}{
		{Template{}, "a {host} {body}", "b\nc"},
		{Template{"{title}!", "{body}\n{event} {host} {time} {ipv4}/{ipv6} {changes}"}, "a {host} {body}!", "b\nc\nchanged h{time} 2026-11-21 13:00:00 198.51.100.1, 203.0.113.7/ 3"},
		{Template{"{body}", "{{title}} {nothing}"}, "b c", "{a {host} {body}} {nothing}"},
	} {
		if title, body := x.render(&m, place); title != x.title || body != x.body {
			t.Errorf("%+v: %q, %q", x.Template, title, body)
		}
	}
	for _, s := range []string{"", "{title}", "{ not one }", "a { b", "{body}{body}"} {
		if err := (Template{s, s}).Check(); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"{Title}", "{titel}", "{{body}}{x}", "{}"} {
		if (Template{Title: s}).Check() == nil || (Template{Body: s}).Check() == nil {
			t.Errorf("%q is taken", s)
		}
	}
}
