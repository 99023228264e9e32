package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/status"
)

// told is the words of an answer of the daemon's.
func told(t *testing.T, body string, failing bool) (words string, well bool) {
	t.Helper()
	var s daemonStatus
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 21, 20, 34, 0, 0, time.UTC)
	return s.words(false, time.FixedZone("there", 5*3600+45*60), now, failing), s.well()
}

func TestStatusPrintsTimesOfTheConfiguredZone(t *testing.T) {
	got, _ := told(t, `{"sentence":"Fine.","healthy":true,"last_check":"2026-11-21T20:30:00Z","next":"2026-11-21T20:35:00Z",
		"families":[{"family":"IPv4","known":true,"addresses":["84.1.2.3"],"since":"2026-11-20T10:00:00Z"}],
		"zones":[{"zone":"example.org","read":"2026-11-21T20:20:00Z"},{"zone":"example.net","read":"2026-11-21T18:25:00Z"}]}`, false)
	want := "Fine.\nIPv4  84.1.2.3 since 2026-11-20 15:45:00\n" +
		"last round 2026-11-22 02:15:00, 4 minutes ago, the next 2026-11-22 02:20:00\nzones last read 2026-11-22 00:10:00, 2 hours ago\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestStatusSaysWhatRang(t *testing.T) {
	got, _ := told(t, `{"sentence":"Fine.","healthy":true,"last_check":"2026-11-21T20:30:00Z","truth_ms":437,
		"bell":{"at":"2026-11-21T20:29:59Z","by":"system","what":"this machine has 84.1.2.3 on \u001b[31meth0"}}`, false)
	want := "Fine.\nlast round 2026-11-22 02:15:00, 4 minutes ago\nrang last 2026-11-22 02:14:59: this machine has 84.1.2.3 on [31meth0; the records said so 0.4 s later\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

const published = `{"sentence":"2 of 4 records are not right.","level":"bad","healthy":true,"rrsets":[
	{"zone":"example.org","name":"home.example.org","type":"A","state":"right","wanted":["84.1.2.3"],"read":true,"records":[{"content":"84.1.2.3","proxied":true}]},
	{"zone":"example.org","name":"home.example.org","type":"AAAA","state":"wrong","wanted":["2a02:8070::7"],"read":true,"records":[{"content":"2a02:8070::1"}]},
	{"zone":"example.org","name":"old.example.org","type":"A","state":"out of scope","wanted":[],"read":true,"records":[{"content":"84.9.9.9"}]},
	{"zone":"example.org","name":"old.example.org","type":"AAAA","state":"out of scope","wanted":[],"read":true,"records":[]},
	{"name":"a.example.net","type":"A","state":"not known","wanted":["84.1.2.3"],"read":false,"records":[]},
	{"account":"lan","zone":"home.arpa","name":"nas.home.arpa","type":"A","state":"wrong","wanted":["84.1.2.3"],"read":true,"records":[]}]}`

func TestStatusListsNamesAndWhatIsPublished(t *testing.T) {
	got, _ := told(t, published, false)
	want := `2 of 4 records are not right.

example.org
  ✓ A home.example.org     84.1.2.3 (proxied)
  ✗ AAAA home.example.org  2a02:8070::1; should be 2a02:8070::7
  - A old.example.org      84.9.9.9; left alone

zone unknown
  ? A a.example.net        published records unknown; should be 84.1.2.3

home.arpa of lan
  ✗ A nas.home.arpa        no record; should be 84.1.2.3

`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got, _ = told(t, published, true)
	if strings.Contains(got, "✓") || strings.Contains(got, "old.example.org") || strings.Count(got, "✗") != 2 || !strings.Contains(got, "? A a.example.net") {
		t.Errorf("--failing shows\n%s", got)
	}
	fine := strings.NewReplacer(`"wrong"`, `"right"`, `"not known"`, `"right"`).Replace(published)
	if got, _ = told(t, fine, true); !strings.Contains(got, "no record is failing") {
		t.Errorf("--failing shows\n%s", got)
	}
}

func TestOnlyWhatIsRightAndLookedAtIsWell(t *testing.T) {
	for body, want := range map[string]bool{
		`{"level":"good","healthy":true}`:                                              true,
		`{"level":"good","healthy":false}`:                                             false,
		`{"level":"doubtful","healthy":true}`:                                          false,
		`{"level":"bad","healthy":true}`:                                               false,
		`{"level":"waiting","healthy":true}`:                                           false,
		`{"level":"good","healthy":true,"conditions":[{"code":"telling-failed"}]}`:     true,
		`{"level":"good","healthy":true,"conditions":[{"code":"zone-failed"}]}`:        false,
		`{"level":"good","healthy":true,"conditions":[{"code":"of another release"}]}`: false,
	} {
		if _, well := told(t, body, false); well != want {
			t.Errorf("%s: %v", body, well)
		}
	}
	if words, _ := told(t, `{"sentence":"Fine.","last_check":"2026-11-21T10:00:00Z","healthy":false}`, false); !strings.Contains(words, "overdue") {
		t.Error(words)
	}
}

// alikeFailing is sixty names with one cause.
func alikeFailing() (cs []status.Condition) {
	for i := range 60 {
		n := fmt.Sprintf("A n%d.example.org", i)
		cs = append(cs, status.Condition{Code: status.ChangeFailed, Cause: "rejected", Subject: n, Text: "create " + n + ": the zone is full", Reason: "the zone is full", Hint: "make room"})
	}
	return cs
}

// Sixty names with one cause are one line, and what to do about it.
func TestStatusAndSyncTellOneCauseOnce(t *testing.T) {
	const cause = "✗ A n0.example.org, A n1.example.org, A n2.example.org and 57 more: the zone is full\n    → make room\n"
	body, err := json.Marshal(map[string]any{"sentence": "Bad.", "outcome": "failed", "calls": 3, "conditions": alikeFailing()})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := told(t, string(body), false); got != "Bad.\n"+cause {
		t.Error(got)
	}
	var r daemonRound
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	if got := r.words(false); got != cause+"Sync failed: 60 problems (above); 3 API calls.\n" {
		t.Error(got)
	}
}
