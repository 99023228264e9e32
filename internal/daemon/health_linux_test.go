package daemon

import (
	"strings"
	"testing"
)

func TestDaemonsWithFoldersOfTheirOwnAreApart(t *testing.T) {
	a, _ := HealthSocket("", "/a")
	b, _ := HealthSocket("", "/b")
	none, _ := HealthSocket("", "")
	if a == b || a == none || !strings.HasPrefix(a, none) {
		t.Errorf("%s, %s, %s", a, b, none)
	}
}
