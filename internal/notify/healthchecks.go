package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/homing-dns/homing/internal/secret"
)

// healthchecks tells Healthchecks (https://healthchecks.io/docs/http_api/,
// 2026) or a program like it. Its check is named by the path of the URL: a
// UUID, or a ping key and a slug. What happened stands behind that.
type healthchecks struct {
	client Doer
	url    *url.URL
}

// Healthchecks keeps at most 100 kB of a body.
const maxHealthchecksBody = 10 << 10

// NewHealthchecks makes the sink of a check's URL. The error does not hold it.
func NewHealthchecks(raw secret.String, client Doer) (Sink, error) {
	u, err := parseWebURL(raw.Reveal())
	if err != nil {
		return nil, err
	}
	if u.RawQuery != "" || u.ForceQuery {
		return nil, errors.New("it has a query; the URL of a check ends with its UUID or its slug")
	}
	return &healthchecks{client, u}, nil
}

func (h *healthchecks) Name() string { return "healthchecks" }

func (h *healthchecks) deliveries(e Event) []delivery {
	path, ok := h.signalPath(e.Heartbeat)
	if !ok {
		return nil
	}
	u := *h.url
	if path != "" {
		u = *h.url.JoinPath(path)
	}
	r := request{method: http.MethodPost, url: u.String(), body: truncate(e.Heartbeat.Text, maxHealthchecksBody)}
	return []delivery{{send: func(ctx context.Context) error { return h.ping(ctx, r) }}}
}

// signalPath is what stands behind the URL of the check.
func (h *healthchecks) signalPath(b Heartbeat) (path string, ok bool) {
	switch b.Signal {
	case SignalStart:
		return "start", true
	case SignalUp:
		return "", true
	case SignalDown:
		return "fail", true
	case SignalLog:
		return "log", true
	case SignalExit:
		return strconv.Itoa(b.Status), true
	}
	return "", false
}

const checkURLForm = "check that the URL in the settings is that of a check that exists"

// ping is done when the answer is exactly OK: a check that does not exist is
// answered with 200 and "OK (not found)". Nothing else of an answer is told: who may
// set the URL on the page must not read by it what answers elsewhere in the network.
func (h *healthchecks) ping(ctx context.Context, r request) error {
	status, body, err := doRequest(ctx, h.client, r)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return statusFailure(status)
	case strings.HasPrefix(body, "OK ("):
		return &Failure{Err: fmt.Errorf("the service answered %q, not OK", truncate(stripControl(body), 80)), Hint: checkURLForm}
	case strings.TrimSpace(body) != "OK":
		return &Failure{Err: errors.New("the service did not answer as Healthchecks does"), Hint: checkURLForm}
	}
	return nil
}
