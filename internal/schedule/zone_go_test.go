//go:build check

// What there is to compare with is another one in each release of Go.

package schedule

import (
	"archive/zip"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// zonesOfGo is the content of each zone of the Go release that runs the test.
func zonesOfGo(t *testing.T) map[string][]byte {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	zones := make(map[string][]byte)
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if zones[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return zones
}

// When this fails after an update of Go: go generate ./internal/schedule.
func TestArchiveHoldsEveryZoneOfGoAsItIsSince2020(t *testing.T) {
	zones := zonesOfGo(t)
	if len(zones) < 500 {
		t.Fatalf("only %d zones were found: the test is broken", len(zones))
	}
	var instants []time.Time
	for at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2090; at = at.AddDate(0, 0, 10) {
		instants = append(instants, at)
	}
	for name, data := range zones {
		want, err := time.LoadLocationFromTZData(name, data)
		if err != nil {
			t.Fatal(err)
		}
		data, err := findZoneData(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := time.LoadLocationFromTZData(name, data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, at := range instants {
			g, w := at.In(got), at.In(want)
			gotName, gotOffset := g.Zone()
			wantName, wantOffset := w.Zone()
			if gotName != wantName || gotOffset != wantOffset || g.IsDST() != w.IsDST() {
				t.Fatalf("%s: %v, want %v", name, g, w)
			}
		}
	}
}
