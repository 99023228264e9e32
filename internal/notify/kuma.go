package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strings"

	"github.com/homing-dns/homing/internal/secret"
)

// kuma tells a push monitor of Uptime Kuma
// (https://github.com/louislam/uptime-kuma, 2026). It knows up and down only.
type kuma struct {
	client Doer
	url    *url.URL
}

// maxKumaMessage is the most of a text that goes into the URL.
const maxKumaMessage = 1000

// NewUptimeKuma makes the sink of a push URL. The query that Uptime Kuma shows
// with it may stand there; it is homing's to fill in. What else stands there is
// not used, and unused names it. The error does not hold the URL.
func NewUptimeKuma(raw secret.String, client Doer) (_ Sink, unused []string, err error) {
	u, err := parseWebURL(raw.Reveal())
	if err != nil {
		return nil, nil, err
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, nil, errors.New("its query is malformed")
	}
	shown := url.Values{"status": {"up"}, "msg": {"OK"}, "ping": {""}}
	for key, values := range query {
		if len(values) != 1 || !shown.Has(key) || values[0] != shown.Get(key) {
			unused = append(unused, stripControl(key))
		}
	}
	sort.Strings(unused)
	u.RawQuery, u.ForceQuery = "", false
	return &kuma{client, u}, unused, nil
}

func (k *kuma) Name() string { return "uptime kuma" }

func (k *kuma) deliveries(e Event) []delivery {
	query := url.Values{"ping": {""}}
	switch {
	case e.Heartbeat.Signal == SignalUp:
		query.Set("status", "up")
		query.Set("msg", "OK")
	case e.Heartbeat.Signal == SignalDown || e.Heartbeat.Signal == SignalExit && e.Heartbeat.Status != 0:
		query.Set("status", "down")
		query.Set("msg", "Failing")
		if text := strings.TrimSpace(e.Heartbeat.Text); text != "" {
			query.Set("msg", truncate(text, maxKumaMessage))
		}
	default:
		return nil
	}
	u := *k.url
	u.RawQuery = query.Encode()
	r := request{method: http.MethodGet, url: u.String()}
	return []delivery{{send: func(ctx context.Context) error { return k.push(ctx, r) }}}
}

// push is done when the answer says so in JSON.
func (k *kuma) push(ctx context.Context, r request) error {
	status, body, err := doRequest(ctx, k.client, r)
	if err != nil {
		return err
	}
	var answer struct {
		OK  bool   `json:"ok"`
		Msg string `json:"msg"`
	}
	if json.Unmarshal([]byte(body), &answer) != nil {
		if status != http.StatusOK {
			return statusFailure(status)
		}
		return &Failure{Err: errors.New("the service did not answer as Uptime Kuma does"), Hint: "check the URL in the settings"}
	}
	if !answer.OK || status != http.StatusOK {
		return &Failure{Err: fmt.Errorf("the service refused: %q", truncate(stripControl(answer.Msg), 120)), Temporary: status >= 500,
			Hint: "check that the URL in the settings is that of a push monitor that is active"}
	}
	return nil
}
