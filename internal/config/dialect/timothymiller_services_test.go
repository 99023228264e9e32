package dialect

import (
	"errors"
	"strings"
	"testing"
)

// Every URL that its README and its tests have.
func TestURLsOfTimothymillersServices(t *testing.T) {
	const json = "?template=json&titlekey="
	for raw, want := range map[string]string{
		"pushover://apitoken@userkey":                           "pushover://shoutrrr:apitoken@userkey",
		"pushover://x:apitoken@userkey":                         "pushover://x:apitoken@userkey",
		"gotify://host/path?token=Ahunter2hunter2":              "gotify://host/path/Ahunter2hunter2",
		"gotify://host:8080?token=gtfya.hunter2&disabletls=yes": "gotify://host:8080/gtfya.hunter2?disabletls=yes",
		"gotify+http://host/Ahunter2hunter2":                    "gotify://host/Ahunter2hunter2?disabletls=yes",
		"gotify+https://host/Ahunter2hunter2":                   "gotify://host/Ahunter2hunter2",
		"gotify://host/Ahunter2hunter2":                         "gotify://host/Ahunter2hunter2",
		"gotify://host":                                         "gotify://host",
		"gotify+http://host:1/a/b/hunter2":                      "generic://host:1/a/b/message?__token=hunter2&disabletls=yes&template=json",
		"gotify://host?token=hunter2":                           "generic://host/message?__token=hunter2&template=json",
		"slack://aaa/bbb/ccc":                                   "generic+https://hooks.slack.com/services/aaa/bbb/ccc?messagekey=text&template=json&titlekey=",
		"slack://good/bbb/ccc":                                  "slack://good/bbb/ccc",
		"slack://only-one-part":                                 "slack://only-one-part",
		"telegram://bottoken123@telegram?chats=12345,6":         "generic+https://api.telegram.org/botbottoken123/sendMessage?__chat_id=12345&messagekey=text&template=json&titlekey=",
		"telegram://1:good@telegram?chats=1":                    "telegram://1:good@telegram?chats=1",
		"telegram://token@telegram":                             "telegram://token@telegram",
		"discord://mytoken@myid":                                "discord://mytoken@myid",
		"zulip://me@x.org:hunter2@x.org?stream=a&topic=b":       "zulip://me@x.org:hunter2@x.org?stream=a&topic=b",
		"generic://example.com/webhook":                         "generic://example.com/webhook" + json,
		"generic+http://example.com/w?messagekey=text":          "generic+http://example.com/w?messagekey=text&template=json&titlekey=",
		"generic+https://example.com/w?template=json":           "generic+https://example.com/w?template=json",
		"https://hooks.example.com/notify":                      "generic+https://hooks.example.com/notify" + json,
		"http://hooks.example.com/n?title=a&__b=c":              "generic+http://hooks.example.com/n?____b=c&__title=a&template=json&titlekey=",
		"custom://myhost.example.com/path":                      "generic+https://myhost.example.com/path" + json,
		"not-a-url":                                             "not-a-url",
		"# a note\n\n https://h.example/a \nntfy://b/good":      "generic+https://h.example/a" + json + "\nntfy://b/good",
	} {
		for _, env := range []map[string]string{
			{"HOMING_DIALECT": "timothymiller", "CLOUDFLARE_API_TOKEN": "x", "SHOUTRRR": raw},
			{"HOMING_DIALECT": "timothymiller", "CONFIG_PATH": "/etc/x", "SHOUTRRR": raw}, // config.json
		} {
			in := world{env: env}.input()
			in.Service = func(raw string) (bool, error) {
				if strings.HasPrefix(raw, "custom:") {
					return false, errors.New("no such service")
				}
				if !strings.Contains(raw, "good") {
					return true, errors.New("not a token")
				}
				return true, nil
			}
			r, err := Read(in)
			if err != nil {
				t.Fatal(err)
			}
			if e, _ := r.Draft.Get("notify.shoutrrr"); e.Text != want {
				t.Errorf("%s is read as\n%s, want\n%s", raw, e.Text, want)
			}
			if told := strings.Join(r.Draft.Notices, "\n"); strings.Contains(told, "line 1 names no service") != strings.HasPrefix(raw, "custom:") || strings.Contains(told, "hunter2") {
				t.Errorf("%s: told %q", raw, told)
			}
		}
	}
}
