package plan

import (
	"slices"
	"testing"
)

func TestFieldsHaveNamesAsTheSettingsWriteThem(t *testing.T) {
	if got, want := every.Names(), []string{"content", "proxied", "ttl", "comment", "tags"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := (Proxied | Tags).String(); got != "proxied, tags" {
		t.Errorf("%q", got)
	}
	if got := Fields(0).String(); got != "" {
		t.Errorf("%q", got)
	}
}
