package notify

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

// Without any part that a form has, a URL is refused for that part.
func TestURLsThatLackSomethingAreRefused(t *testing.T) {
	for _, s := range shoutrrrServices() {
		kind := s.scheme
		for form := range strings.FieldsSeq(s.urlForm) {
			u, err := url.Parse(kind + ":" + form)
			if err != nil {
				t.Fatal(err)
			}
			if err := checkURLParts(kind, s.urlForm, u); err != nil {
				t.Errorf("%s: its own form is refused: %v", kind, err)
			}
		}
		if u, err := url.Parse(examples()[kind].url); err != nil || checkURLParts(kind, s.urlForm, u) != nil {
			t.Errorf("%s: its example is refused: %v", kind, err)
		}
	}
	const ok = ""
	for raw, lacks := range map[string]string{
		"gotify://push.example.net":   "token",
		"gotify://push.example.net/":  "token",
		"gotify:///hunter2token":      "host",
		"zulip://m:hunter2@z.example": "stream=", "zulip://m:hunter2@z.example?stream=": "stream=", "zulip://m@z.example?stream=a": "key",
		"zulip://m:hunter2@z.example?type=direct": "stream=", "zulip://m:hunter2@z.example?type=direct&to=a@b.c": ok,
		"googlechat://chat.googleapis.com/v1/spaces/FOO/messages?token=hunter2": "key=", "googlechat:///v1/spaces/FOO/messages?key=a&token=b": "host",
		"hangouts://chat.googleapis.com/v1/spaces/FOO?key=a&token=b": "messages",
		"mattermost:///hunter2":                 "host",
		"notifiarr://":                          "key",
		"ntfy:///hunter2":                       "host",
		"ntfy://ntfy.sh":                        "topic",
		"opsgenie:///hunter2":                   "host",
		"rocketchat:///hunter2/b":               "host",
		"rocketchat://r.example/hunter2":        "token-b",
		"signal:///+491701234567/+491707654321": "host",
		"signal://s.example/+491701234567":      "recipient",
		"teams://":                              "host=",
		"discord://123":                         "token",
		"telegram://hunter2@telegram?chats=1":   "token",
		"telegram://1:hunter2@telegram":         "chats=",
		"telegram://1:A-hunter2hunter2hunter2hunter2hunt@telegram?channels=@a": ok,
		"join://:hunter2@/?devices=a":                                          ok,
		"slack://T00000000/B00000000/hunter2hunter2hunter2hun":                 ok,
		"slack://token":              "token",
		"bark://api.day.app":         "key",
		"matrix://m.example":         "token",
		"twilio://sid:hunter2@+1555": "recipient",
	} {
		_, err := NewShoutrrr(hidden(raw), ShoutrrrOptions{Client: &network{}})
		l, lacking := errors.AsType[*MissingPart](err)
		switch {
		case lacks == ok && err != nil, lacks != ok && !lacking:
			t.Errorf("%s: %v", raw, err)
		case lacking && !strings.HasPrefix(l.Error(), "it has no "+lacks+"; its form is "):
			t.Errorf("%s: %v", raw, err)
		case lacking:
			silent(t, err.Error(), "hunter2")
		}
	}
}
