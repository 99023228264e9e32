package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
