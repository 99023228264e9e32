//go:build unix

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// pageCommand is a browser that comes to the page by a unix socket:
//
//	page SOCKET login TOKENFILE   it logs in with the token in the file
//	page SOCKET logout            it logs out, and keeps its cookie all the same
//	page SOCKET change PATH TEXT CODE [WORDS]   it sets a setting, and the answer is CODE and has WORDS in it
//	page SOCKET test SERVICE CODE [WORDS]       it has a service sent a test, and the answer is CODE and has WORDS in it
//	page SOCKET get PATH [TEXT]   the cookie opens this, and TEXT stands there; ! page … get: it does not
func pageCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || neg && args[1] != "get" {
		ts.Fatalf("usage: page SOCKET WHAT …")
	}
	w, socket := around(ts), ts.MkAbs(args[0])
	client := http.Client{
		Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	tag, kind := "", "application/x-www-form-urlencoded"
	ask := func(method, path, body string) (*http.Response, string) {
		r, err := http.NewRequest(method, "http://homing"+path, strings.NewReader(body))
		ts.Check(err)
		r.Header.Set("Content-Type", kind)
		r.Header.Set("If-Match", tag)
		r.Header.Set("Accept", "text/html")
		if w.cookie != nil {
			r.AddCookie(w.cookie)
			r.Header.Set("Origin", "http://homing")
		}
		answer, err := client.Do(r)
		ts.Check(err)
		defer answer.Body.Close()
		var b bytes.Buffer
		_, err = io.Copy(&b, answer.Body)
		ts.Check(err)
		return answer, b.String()
	}
	switch args[1] {
	case "login":
		answer, _ := ask("POST", "/login", url.Values{"token": {strings.TrimSpace(ts.ReadFile(args[2]))}}.Encode())
		if len(answer.Cookies()) != 1 {
			ts.Fatalf("log in: %s", answer.Status)
		}
		w.cookie = answer.Cookies()[0]
	case "logout":
		ask("POST", "/logout", "")
	case "change":
		first, _ := ask("GET", "/api/v1/config", "")
		tag, kind = first.Header.Get("ETag"), "application/json"
		body, err := json.Marshal(map[string]any{"changes": []any{map[string]any{"path": args[2], "items": []string{args[3]}}}})
		ts.Check(err)
		if answer, said := ask("PUT", "/api/v1/config", string(body)); args[4] != strconv.Itoa(answer.StatusCode) || !strings.Contains(said, strings.Join(args[5:], " ")) {
			ts.Fatalf("%s: %s\n%s", args[2], answer.Status, said)
		}
	case "test":
		answer, said := ask("POST", "/settings", url.Values{"do": {"test"}, "service": {args[2]}}.Encode())
		if args[3] != strconv.Itoa(answer.StatusCode) || !strings.Contains(said, strings.Join(args[4:], " ")) {
			ts.Fatalf("%s: %s\n%s", args[2], answer.Status, said)
		}
	case "get":
		answer, body := ask("GET", args[2], "")
		if got := answer.StatusCode == http.StatusOK && strings.Contains(body, strings.Join(args[3:], " ")); got == neg {
			ts.Fatalf("%s: %s\n%s", args[2], answer.Status, body)
		}
	default:
		ts.Fatalf("page: no such command: %s", args[1])
	}
}
