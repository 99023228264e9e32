package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLinesOfURLs(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                   nil,
		"\n \n\t\n":                          nil,
		"# ntfy://x\n":                       nil,
		"  # note\ngotify://h/t":             {"gotify://h/t"},
		" ntfy://a/b \r\ndiscord://c@d\n":    {"ntfy://a/b", "discord://c@d"},
		"ntfy://a/b#c":                       {"ntfy://a/b#c"},
		"smtp://h/?from=a@b.c&subject=a b c": {"smtp://h/?from=a@b.c&subject=a b c"},
	} {
		urls, _, err := ParseURLs(text)
		var got []string
		for _, u := range urls {
			got = append(got, u.Reveal())
		}
		if !slices.Equal(got, want) || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	_, warnings, _ := ParseURLs("ntfy://a/b\n\nsmtp://hunter2/?subject=a b")
	if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "line 3 ") {
		t.Errorf("warnings are %q", warnings)
	}
	urls, _, err := ParseURLs("ntfy://a/b\nhunter2\nntfy://hunter2 gotify://x\n\n:hunter2\nx hunter2://a")
	if err == nil || len(urls) != 1 || strings.Count(err.Error(), "\n") != 3 || !strings.Contains(err.Error(), "line 6 ") {
		t.Errorf("%d URLs, %v", len(urls), err)
	}
	silent(t, err.Error(), "hunter2")
}

func FuzzParseURLs(f *testing.F) {
	f.Add("ntfy://a/b\n# x\nsmtp://h/?subject=a b")
	f.Add("a b://c\n\xff://\n:\n://")
	f.Fuzz(func(t *testing.T, text string) {
		urls, _, _ := ParseURLs(text)
		if len(urls) > strings.Count(text, "\n")+1 {
			t.Errorf("%d URLs", len(urls))
		}
		for _, u := range urls {
			if s := u.Reveal(); s == "" || s[0] == '#' || strings.TrimSpace(s) != s {
				t.Errorf("%q is a URL", s)
			}
			NewShoutrrr(u, ShoutrrrOptions{Client: &network{}}) // does not panic and sends nothing
		}
	})
}

// network is one whose every service answers alike, and what it was asked.
type network struct {
	answer func(n int, r *http.Request) (status int, body string)
	err    error

	mu    sync.Mutex
	asked []string // method and URL
	heads []string // headers
	said  []string // bodies
}

func (n *network) Do(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	body := ""
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		body = string(b)
	}
	n.asked, n.said = append(n.asked, r.Method+" "+r.URL.String()), append(n.said, body)
	n.heads = append(n.heads, fmt.Sprint(r.Header))
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if n.err != nil {
		return nil, n.err
	}
	status, text := 200, "{}"
	if n.answer != nil {
		status, text = n.answer(len(n.asked), r)
	}
	return &http.Response{StatusCode: status, Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), Header: make(http.Header),
		Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

// always answers every request alike.
func always(status int, body string) func(int, *http.Request) (int, string) {
	return func(int, *http.Request) (int, string) { return status, body }
}

// example is a URL of each service of the library as its documentation shows
// it, where the message must arrive, and what the service answers when it is glad.
func examples() map[string]struct{ url, to, glad string } {
	const hex32 = "0123456789abcdef0123456789abcdef"
	return map[string]struct{ url, to, glad string }{
		"bark":       {"bark://:hunter2key@api.day.app", "https://api.day.app/push", `{"code":200}`},
		"discord":    {"discord://hunter2token@123456789", "https://discord.com/api/webhooks/123456789/hunter2token", ""},
		"googlechat": {"googlechat://chat.googleapis.com/v1/spaces/FOO/messages?key=hunter2key&token=hunter2tok", "https://chat.googleapis.com/v1/spaces/FOO/messages", `{}`},
		"hangouts":   {"hangouts://chat.googleapis.com/v1/spaces/FOO/messages?key=hunter2key&token=hunter2tok", "https://chat.googleapis.com/v1/spaces/FOO/messages", `{}`},
		"gotify":     {"gotify://gotify.example/Ahunter2token12", "https://gotify.example/message", `{"id":1}`},
		"ifttt":      {"ifttt://hunter2key/?events=home", "https://maker.ifttt.com/trigger/home/with/key/hunter2key", "Congratulations!"},
		"join":       {"join://:hunter2key@join/?devices=phone", "https://joinjoaomgcd.appspot.com/_ah/api/messaging/v1/sendPush", `{}`},
		"lark":       {"lark://open.larksuite.com/hunter2token", "https://open.larksuite.com/open-apis/bot/v2/hook/hunter2token", `{"code":0,"msg":"success"}`},
		"matrix":     {"matrix://:hunter2token@matrix.example/?rooms=!room:matrix.example", "https://matrix.example/_matrix/client/", `{"event_id":"$1","joined_rooms":["!room:matrix.example"],"room_id":"!room:matrix.example"}`},
		"mattermost": {"mattermost://mattermost.example/hunter2token", "https://mattermost.example/hooks/hunter2token", "ok"},
		"notifiarr":  {"notifiarr://hunter2key?channel=123456789", "https://notifiarr.com/api/v1/notification/passthrough/hunter2key", `{"result":"success"}`},
		"ntfy":       {"ntfy://me:hunter2pass@ntfy.example/hunter2topic", "https://ntfy.example/hunter2topic", `{"id":"1"}`},
		"opsgenie":   {"opsgenie://api.opsgenie.com/hunter2key", "https://api.opsgenie.com:443/v2/alerts", `{"result":"ok"}`},
		"pagerduty":  {"pagerduty:///" + hex32, "https://events.pagerduty.com:443/v2/enqueue", `{"status":"success"}`},
		"pushbullet": {"pushbullet://o.hunter2tokenhunter2tokenhunter2t/device", "https://api.pushbullet.com/v2/pushes", `{"type":"note","title":"the title","body":"the body","active":true}`},
		"pushover":   {"pushover://shoutrrr:hunter2token@hunter2user/", "https://api.pushover.net/1/messages.json", `{"status":1}`},
		"rocketchat": {"rocketchat://rocket.example/hunter2a/hunter2b", "https://rocket.example/hooks/hunter2a/hunter2b", `{"success":true}`},
		"signal":     {"signal://signal.example:443/+491701234567/+491707654321", "https://signal.example:443/v2/send", `{"timestamp":1}`},
		"signalgrid": {"signalgrid://hunter2client@hunter2channel", "https://api.signalgrid.co/v1/push", `{}`},
		"slack":      {"slack://hook:WNA3PBYV6-F20DUQND3RQ-Webc4MAvoacrpPakR8phF0zi@webhook", "https://hooks.slack.com/services/", "ok"},
		"teams":      {"teams://?host=https%3A%2F%2Fprod-00.westus.logic.azure.com%3A443%2Fworkflows%2Fabc123%2Ftriggers%2Fmanual%2Fpaths%2Finvoke%3Fapi-version%3D2016-06-00%26sig%3Dhunter2sig", "https://prod-00.westus.logic.azure.com:443/workflows/abc123/", ""},
		"telegram":   {"telegram://110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaww@telegram?channels=@home", "https://api.telegram.org/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaww/sendMessage", `{"ok":true}`},
		"twilio":     {"twilio://AC0123456789abcdef0123456789abcdef:hunter2token@+15551234567/+15557654321", "https://api.twilio.com/2010-04-01/Accounts/AC0123456789abcdef0123456789abcdef/Messages.json", `{"sid":"x"}`},
		"wecom":      {"wecom://693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send", `{"errcode":0,"errmsg":"ok"}`},
		"zulip":      {"zulip://bot@example.org:hunter2key@zulip.example?stream=home&topic=dns", "https://bot%40example.org:hunter2key@zulip.example/api/v1/messages", `{"result":"success"}`},
	}
}

func TestEveryServiceOfTheLibraryCarriesAMessage(t *testing.T) {
	for _, s := range shoutrrrServices() {
		kind := s.scheme
		x, ok := examples()[kind]
		if !ok {
			t.Errorf("%s has no example", kind)
			continue
		}
		n := &network{answer: always(200, x.glad)}
		s, err := NewShoutrrr(hidden(x.url), ShoutrrrOptions{Client: n})
		if err != nil || len(n.asked) != 0 {
			t.Errorf("%s: %v, asked %q", kind, err, n.asked)
			continue
		}
		if err := sent(t, s, Event{Messages: []Message{{Title: "the title", Body: "the body"}}}); err != nil {
			t.Errorf("%s: %v, asked %q, said %q", kind, err, n.asked, n.said)
			continue
		}
		all := strings.Join(append(n.asked, n.said...), "\n")
		arrived := slices.ContainsFunc(n.asked, func(a string) bool { _, to, _ := strings.Cut(a, " "); return strings.HasPrefix(to, x.to) })
		said := strings.Contains(strings.ReplaceAll(strings.ReplaceAll(all, "+", " "), "%20", " "), "the body")
		if !arrived || !said {
			t.Errorf("%s: arrived %v, said %v:\n%s", kind, arrived, said, all)
		}
		if s.Name() != kind {
			t.Errorf("%s is called %q", kind, s.Name())
		}
	}
}

// A service keeps nothing of the messages before: what it sends last is what a
// new one would send.
func TestNothingOfAMessageIsLeftInTheNext(t *testing.T) {
	number := regexp.MustCompile(`[0-9a-f]{8,}`) // of a transaction
	last := func(kind string, before ...Message) string {
		n := &network{answer: always(200, examples()[kind].glad)}
		s := made(t)(NewShoutrrr(hidden(examples()[kind].url), ShoutrrrOptions{Client: n}))
		for _, m := range before {
			_ = sent(t, s, Event{Messages: []Message{m}}) // pushbullet wants to be answered with the same title
		}
		if err := sent(t, s, Event{Messages: []Message{{Title: "the title", Body: "the body"}}}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		end := len(n.asked) - 1
		return number.ReplaceAllString(n.asked[end]+"\n"+n.heads[end]+"\n"+n.said[end], "#")
	}
	for _, s := range shoutrrrServices() {
		kind := s.scheme
		if diff := cmp.Diff(last(kind), last(kind, Message{Title: "another title", Body: "another body"})); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

// Each failure that a network has, at each service.
func TestNoFailureOfAServiceShowsItsURL(t *testing.T) {
	for kind, x := range examples() {
		u, err := url.Parse(x.url)
		if err != nil {
			t.Fatal(err)
		}
		var secrets []string
		for _, w := range strings.FieldsFunc(x.url[strings.Index(x.url, "://")+3:], func(r rune) bool { return strings.ContainsRune("/:@?&=", r) }) {
			if len(w) > 8 && !strings.Contains(w, ".") {
				secrets = append(secrets, w)
			}
		}
		for name, n := range map[string]*network{
			"no network": {err: errors.New("connection refused")},
			"a no":       {answer: always(401, `{"error":"no such token: `+x.url+`"}`)},
			"a fault":    {answer: always(503, x.url)},
			"nonsense":   {answer: always(200, `<html>`+x.url)},
		} {
			s, err := NewShoutrrr(hidden(x.url), ShoutrrrOptions{Client: n})
			if err != nil {
				t.Errorf("%s: %v", kind, err)
				continue
			}
			began := time.Now()
			err = sent(t, s, Event{Messages: []Message{{Title: "the title", Body: "the body"}}})
			f, ok := errors.AsType[*Failure](err)
			if name == "nonsense" && err == nil {
				continue // many do not look
			}
			if !ok || f.Temporary != (name == "no network" || name == "a fault") {
				t.Errorf("%s, %s: %v", kind, name, err)
				continue
			}
			silent(t, err.Error()+f.Hint, append(secrets, x.url, u.RawQuery+"\x00")...)
			if len(n.asked) > 2 || time.Since(began) > attemptTimeout/2 {
				t.Errorf("%s, %s: asked %d times in %s", kind, name, len(n.asked), time.Since(began))
			}
		}
	}
}

func TestABadURLIsRefusedAtTheStartWithoutShowingIt(t *testing.T) {
	for _, raw := range []string{
		"", "hunter2", "://hunter2", "hunter2://x", "mqtt://hunter2", "discord://hunter2", "discord://@",
		"telegram://hunter2@telegram", "telegram://hunter2", "pushover://:hunter2@/", "slack://hunter2:x@y", "ntfy://", "ntfy://h/t?priority=hunter2",
		"ntfy://h/t?hunter2key=hunter2", "smtp://user:hunter2@h/", "smtp://h/?from=hunter2&to=a@b.c", "smtp://h/?from=a@b.c&to=a@b.c&auth=hunter2",
		"smtp://h/?from=a@b.c", "smtp://h/?from=a@b.c&to=hunter2", "generic://?x=hunter2", "generic+ftp://hunter2/", "generic://h/?template=hunter2",
		"generic://h/?disabletls=hunter2", "discord+https://discord.com/hunter2/1", "opsgenie://hunter2", "zulip://hunter2@x", "join://hunter2", "twilio://hunter2@",
		"smtp://h:25/?timeout=hunter2&from=a@b.c&to=a@b.c", "matrix://:hunter2@/",
	} {
		n := &network{}
		s, err := NewShoutrrr(hidden(raw), ShoutrrrOptions{Client: n})
		if err == nil || s != nil || len(n.asked) != 0 {
			t.Errorf("%q is taken; asked %q", raw, n.asked)
			continue
		}
		if raw != "hunter2://x" { // the scheme is no secret
			silent(t, err.Error(), "hunter2")
		}
	}
}

// A server that asks to come again, at length, must not keep the library busy.
func TestALibraryThatWouldWaitForMinutesDoesNot(t *testing.T) {
	n := &network{answer: always(429, `{"retry_after":200}`)}
	s := made(t)(NewShoutrrr(hidden(examples()["discord"].url), ShoutrrrOptions{Client: n}))
	began := time.Now()
	err := sent(t, s, saying("x"))
	if f, ok := errors.AsType[*Failure](err); !ok || !f.Temporary || len(n.asked) != 1 || time.Since(began) > time.Second {
		t.Errorf("%v after %s and %d requests", err, time.Since(began), len(n.asked))
	}
}

func TestAServiceThatLogsInDoesSoOnce(t *testing.T) {
	n := &network{answer: func(_ int, r *http.Request) (int, string) {
		if strings.HasSuffix(r.URL.Path, "/login") && r.Method == http.MethodGet {
			return 200, `{"flows":[{"type":"m.login.password"}]}`
		}
		return 200, `{"access_token":"t","event_id":"$1","joined_rooms":["!room:matrix.example"],"room_id":"!room:matrix.example"}`
	}}
	s, err := NewShoutrrr(hidden("matrix://me:hunter2@matrix.example/?rooms=!room:matrix.example"), ShoutrrrOptions{Client: n})
	if err != nil || len(n.asked) != 0 {
		t.Fatalf("%v, asked %q before there is a message", err, n.asked)
	}
	n.err = errors.New("down")
	if sent(t, s, saying("x")) == nil {
		t.Fatal("it is delivered without a network")
	}
	n.err = nil
	logins := func() (k int) {
		for _, a := range n.asked {
			if strings.HasPrefix(a, "POST ") && strings.Contains(a, "/login") {
				k++
			}
		}
		return k
	}
	before := logins()
	for range 3 {
		if err := sent(t, s, saying("x")); err != nil {
			t.Fatal(err)
		}
	}
	if logins() != before+1 {
		t.Errorf("asked %q", n.asked)
	}
}

func TestTheTitleOfTheURLIsNotOverruled(t *testing.T) {
	for query, want := range map[string]string{"": "ours", "?Title=theirs": "theirs"} {
		n := &network{answer: always(200, `{"id":1}`)}
		s := made(t)(NewShoutrrr(hidden("gotify://h/Ahunter2token12"+query), ShoutrrrOptions{Client: n, Template: Template{Title: "ours"}}))
		if err := sent(t, s, saying("x")); err != nil || !strings.Contains(n.said[0], `"`+want+`"`) {
			t.Errorf("%q: %q, %v", query, n.said, err)
		}
	}
}

func TestAnyCertificateOnlyWhereAsked(t *testing.T) {
	for raw, want := range map[string]bool{"gotify://h/Ahunter2token12": false, "gotify://h/Ahunter2token12?insecureSkipVerify=Yes": true,
		"ntfy://h/t": false, "ntfy://h/t?disabletlsverification=1": true, "ntfy://h/t?insecureskipverify=1": false} {
		u, _ := url.Parse(raw)
		if got := wantsInsecureTLS(u.Scheme, u.Query()); got != want {
			t.Errorf("%s: %v", raw, got)
		}
	}
}

func TestWhoAsksForAnyCertificateGetsTheOtherClient(t *testing.T) {
	for raw, want := range map[string]bool{"gotify://h/Ahunter2token12": false, "gotify://h/Ahunter2token12?insecureskipverify=yes": true} {
		strict, lax := &network{answer: always(200, `{"id":1}`)}, &network{answer: always(200, `{"id":1}`)}
		if err := sent(t, made(t)(NewShoutrrr(hidden(raw), ShoutrrrOptions{Client: strict, InsecureClient: lax})), saying("x")); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		if got := len(lax.asked) > 0; got != want || got == (len(strict.asked) > 0) {
			t.Errorf("%s: %v", raw, got)
		}
	}
}

func TestTheLoggerPrints(t *testing.T) {
	var got []string
	s := made(t)(NewShoutrrr(hidden("logger://"), ShoutrrrOptions{Print: func(s string) { got = append(got, s) }}))
	if err := sent(t, s, saying("x")); err != nil || !slices.Equal(got, []string{"x"}) {
		t.Errorf("%q, %v", got, err)
	}
	if err := sent(t, made(t)(NewShoutrrr(hidden("logger://"), ShoutrrrOptions{})), saying("x")); err != nil {
		t.Error(err)
	}
}

func TestGenericSendsWhatTheURLSays(t *testing.T) {
	for raw, want := range map[string]string{
		"generic://h.example/p?a=b": "POST https://h.example/p?a=b text/plain the body",
		"generic://h.example/p?template=json&@authorization=Bearer+x&$context=home&titlekey=t&messagekey=m": `POST https://h.example/p application/json {"context":"home","m":"the body","t":"the title"} Authorization=Bearer x`,
		"generic://u:p@h.example:8123/?disabletls=yes&template=JSON&title=mine&contenttype=text/json":       `POST http://u:p@h.example:8123/ text/json {"message":"the body","title":"mine"}`,
		"generic+https://h.example/p?method=PUT&__method=x&@ContentType=a/b":                                "PUT https://h.example/p?method=x a/b the body",
		"generic+http://h.example/p":                         "POST http://h.example/p text/plain the body",
		"generic://h.example/?@X-API-Key=1&@x-api-version=2": "POST https://h.example/ text/plain the body X-Api-Key=1 X-Api-Version=2",
	} {
		var kind, headers string
		n := &network{answer: func(_ int, r *http.Request) (int, string) {
			kind = r.Header.Get("Content-Type")
			for _, k := range []string{"Authorization", "X-Api-Key", "X-Api-Version"} {
				if v := r.Header.Get(k); v != "" {
					headers += " " + k + "=" + v
				}
			}
			return 204, ""
		}}
		s := made(t)(NewShoutrrr(hidden(raw), ShoutrrrOptions{Client: n}))
		if err := sent(t, s, Event{Messages: []Message{{Title: "the title", Body: "the body"}}}); err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		line := n.asked[0] + " " + kind + " " + n.said[0] + headers
		if diff := cmp.Diff(want, line); diff != "" {
			t.Error(diff)
		}
	}
	n := &network{answer: always(500, "hunter2")}
	s := made(t)(NewShoutrrr(hidden("generic://h.example/hunter2"), ShoutrrrOptions{Client: n}))
	err := sent(t, s, saying("x"))
	if f, ok := errors.AsType[*Failure](err); !ok || !f.Temporary {
		t.Errorf("%v", err)
	}
	silent(t, err.Error(), "hunter2")
}

func TestADeliveryThatIsGivenUpEnds(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // or the server does not see the client go
		<-r.Context().Done()
	})
	u := strings.TrimPrefix(s.URL, "http://")
	for _, raw := range []string{"generic://" + u + "/hunter2?disabletls=yes", "gotify://" + u + "/Ahunter2token12?disabletls=yes",
		"ntfy://" + u + "/hunter2?scheme=http", "mattermost://" + u + "/hunter2?disabletls=yes", "matrix://me:hunter2@" + u + "/?disabletls=yes"} {
		sink := made(t)(NewShoutrrr(hidden(raw), ShoutrrrOptions{Client: client(t)}))
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := sink.deliveries(saying("x"))[0].send(ctx)
		cancel()
		if err == nil || !strings.Contains(err.Error(), "no answer in time") {
			t.Errorf("%s: %v", raw, err)
		} else {
			silent(t, err.Error(), "hunter2")
		}
	}
}
