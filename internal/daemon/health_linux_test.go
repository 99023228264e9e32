package daemon

import (
	"strings"
	"testing"
)

func TestDaemonsWithFoldersOfTheirOwnAreApart(t *testing.T) {
	a, _ := HealthName("", "/a")
	b, _ := HealthName("", "/b")
	none, _ := HealthName("", "")
	if a == b || a == none || !strings.HasPrefix(a, none) {
		t.Errorf("%s, %s, %s", a, b, none)
	}
}
