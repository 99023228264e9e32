package web

import (
	"bytes"
	"os"
	"testing"
)

// What is served is what stands in site: go generate ./internal/web packs it.
func TestPackedIsSite(t *testing.T) {
	files, err := os.ReadDir("site")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := packed.ReadDir("packed")
	if err != nil || len(stored) != len(files) {
		t.Errorf("packed holds %d files (%v), site %d", len(stored), err, len(files))
	}
	for _, f := range files {
		want, err := os.ReadFile("site/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		b, err := asset(f.Name())
		if err != nil {
			t.Errorf("%s: %v", f.Name(), err)
			continue
		}
		if got, err := unpack(b); err != nil || !bytes.Equal(got, want) {
			t.Errorf("packed/%s.gz is not site/%s (%v): go generate ./internal/web", f.Name(), f.Name(), err)
		}
	}
}
