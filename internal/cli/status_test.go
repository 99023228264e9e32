package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/status"
)

func TestStatusPrintsTimesOfTheConfiguredZone(t *testing.T) {
	var out bytes.Buffer
	body := `{"sentence":"Fine.","last_check":"2026-11-21T20:30:00Z","next":"2026-11-21T20:35:00Z","families":[{"family":"IPv4","known":true,"addresses":["84.1.2.3"],"since":"2026-11-20T10:00:00Z"}]}`
	if err := writeStatus(&out, false, time.FixedZone("there", 5*3600+45*60), []byte(body)); err != nil {
		t.Fatal(err)
	}
	want := "Fine.\nIPv4  84.1.2.3 since 2026-11-20 15:45:00\nlast round 2026-11-22 02:15:00, the next 2026-11-22 02:20:00\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

// Sixty names with one cause are one line, and what to do about it.
func TestStatusTellsOneCauseOnce(t *testing.T) {
	var cs []status.Condition
	for i := range 60 {
		n := fmt.Sprintf("A n%d.example.org", i)
		cs = append(cs, status.Condition{Code: status.ChangeFailed, Cause: "rejected", Subject: n, Text: "create " + n + ": the zone is full", Reason: "the zone is full", Hint: "make room"})
	}
	body, err := json.Marshal(map[string]any{"sentence": "Bad.", "conditions": cs})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := writeStatus(&out, false, time.UTC, body); err != nil {
		t.Fatal(err)
	}
	want := "Bad.\n✗ A n0.example.org, A n1.example.org, A n2.example.org and 57 more: the zone is full\n    → make room\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
