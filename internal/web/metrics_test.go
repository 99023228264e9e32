package web_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
)

// value is a series of the metrics; "" where there is none.
func (p *place) value(series string) string {
	p.t.Helper()
	for line := range strings.Lines(p.get("/metrics", bearer).Body.String()) {
		if v, ok := strings.CutPrefix(line, series+" "); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func TestMetricsCountWhatHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t, 9)
		want := func(series, v string) {
			t.Helper()
			if got := p.value(series); got != v {
				t.Errorf("%s is %q, want %q", series, got, v)
			}
		}
		want(`homing_rounds_total{outcome="failed"}`, "0")
		want(`homing_records{state="not_known"}`, "18")
		want(`homing_last_round_timestamp_seconds`, "0")
		p.round()
		p.house.Lie("203.0.113.5")
		p.house.Refuse("vpn.example.com", true)
		p.house.Move("84.17.1.1")
		p.round()
		p.house.Lose(addr.IPv6)
		time.Sleep(time.Hour)
		p.round()
		want(`homing_rounds_total{outcome="changed"}`, "1")
		want(`homing_rounds_total{outcome="failed"}`, "2")
		want(`homing_round_duration_seconds_count`, "3")
		want(`homing_records{state="right"}`, "8")
		want(`homing_records{state="wrong"}`, "1")
		want(`homing_records{state="not_known"}`, "9")
		want(`homing_record_changes_total{action="update",outcome="failed"}`, "2")
		want(`homing_detections_total{source="cloudflare.doh",family="ipv6",outcome="failed"}`, "1")
		want(`homing_detection_disagreements_total{family="ipv4"}`, "2")
		want(`homing_detection_disagreements_total{family="ipv6"}`, "0")
		want(`homing_address_changes_total{family="ipv4"}`, "1")
		want(`homing_address_age_seconds{family="ipv4"}`, "3600")
		want(`homing_address_known{family="ipv6"}`, "0")
		want(`homing_publish_duration_seconds_count{family="ipv4"}`, "1")
		want(`homing_conditions`, "2")
		p.metrics.Call("GET /zones", "200")
		p.metrics.Call("GET /zones", "none")
		p.metrics.Headroom("", 1180)
		p.metrics.Notification("shoutrrr", false)
		want(`homing_api_calls_total{route="GET /zones",status="200"}`, "1")
		want(`homing_api_calls_total{route="GET /zones",status="none"}`, "1")
		want(`homing_api_calls_remaining{account=""}`, "1180")
		want(`homing_notifications_total{sink="shoutrrr",outcome="failed"}`, "1")
	})
}

func TestLabelsAreBounded(t *testing.T) {
	p := newPlace(t, 1)
	for i := range 1000 {
		p.metrics.Call(fmt.Sprintf("GET /%d", i), "200")
	}
	if n := strings.Count(p.get("/metrics", bearer).Body.String(), "homing_api_calls_total{"); n != 65 {
		t.Errorf("%d routes", n)
	}
	if p.value(`homing_api_calls_total{route="other",status="200"}`) != "936" {
		t.Error("what is too much is not counted as other")
	}
}

// Sources are named after files and commands, in which anything may stand.
func TestAnyTextMayStandInALabel(t *testing.T) {
	text := odd(t)
	for _, want := range []string{`{route="a \"b\" \\c",`, `{route="{x}=y,",`, "{route=\"no-break\u00a0blank\",", `{route="\\u00a0",`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
}

// odd is a text of metrics with labels in which anything stands.
func odd(t *testing.T) string {
	p := newPlace(t, 1)
	for _, s := range []string{`a "b" \c`, "{x}=y,", "no-break\u00a0blank", "a place of one's own \ue000", "é😀", "line\nbreak", "bell\a", "\xff", "turned\u202e", `\u00a0`} {
		p.metrics.Call(s, "200")
	}
	return p.get("/metrics", bearer).Body.String()
}

// full is a text of metrics with every one in it.
func full(t *testing.T) string {
	p := newPlace(t, 9)
	p.round()
	p.metrics.Call("GET /zones", "200")
	p.metrics.Headroom("default", 1180)
	p.metrics.Notification("shoutrrr", true)
	return p.get("/metrics", bearer).Body.String()
}

func TestAlertsAndDashboardAskOnlyForMetricsThatThereAre(t *testing.T) {
	metrics := full(t)
	name := regexp.MustCompile(`homing_[a-z_]+`)
	for _, file := range []string{"../../deploy/prometheus/homing.rules.yml", "../../deploy/grafana/homing.json"} {
		b, err := os.ReadFile(filepath.FromSlash(file))
		if err != nil {
			t.Fatal(err)
		}
		found := name.FindAllString(string(b), -1)
		if len(found) < 5 {
			t.Errorf("%s names only %v", file, found)
		}
		for _, m := range found {
			if !strings.Contains(metrics, "\n"+m+"{") && !strings.Contains(metrics, "\n"+m+" ") {
				t.Errorf("%s asks for %s", file, m)
			}
		}
	}
}

// A site with a name has series of its own, and none where there is no such site.
func TestMetricsCountTheTimeToTruth(t *testing.T) {
	p := newPlace(t, 1)
	for _, truth := range []time.Duration{0, 400 * time.Millisecond} {
		p.metrics.Round(status.Round{Number: 1, Started: time.Now(), Truth: truth}, nil)
	}
	for series, want := range map[string]string{`homing_time_to_truth_seconds_bucket{le="0.25"}`: "0",
		`homing_time_to_truth_seconds_bucket{le="0.5"}`: "1", "homing_time_to_truth_seconds_count": "1"} {
		if got := p.value(series); got != want {
			t.Errorf("%s is %q, want %q", series, got, want)
		}
	}
}

func TestMetricsOfASiteAreOthers(t *testing.T) {
	p := newPlace(t, 1)
	if all := p.get("/metrics", bearer).Body.String(); strings.Contains(all, "site") {
		t.Error("there is a word of sites where there are none")
	}
	cable := plan.Origin{Site: "cable", Family: addr.IPv4}
	r := status.Round{Number: 1, Started: time.Now(), Seen: plan.Seen{cable: addr.Known(netip.MustParsePrefix("84.1.2.3/32"))}}
	p.metrics.Round(r, p.board.Done(r, nil))
	for series, want := range map[string]string{
		`homing_site_address_known{family="ipv4",site="cable"}`:         "1",
		`homing_site_address_changes_total{family="ipv4",site="cable"}`: "0",
		`homing_address_known{family="ipv4"}`:                           "0",
	} {
		if got := p.value(series); got != want {
			t.Errorf("%s is %q, want %s", series, got, want)
		}
	}
}
