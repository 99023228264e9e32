package app

import (
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
)

// What a program is, and what it gets, is for whoever writes homing.yaml: no variable
// says it, and the page cannot.
func TestOnlyTheFileRunsAProgram(t *testing.T) {
	c := Catalogue()
	seen := 0
	for _, s := range config.Settings(c) {
		if s.Path != "accounts.*.command" && s.Path != "accounts.*.env" {
			continue
		}
		seen++
		if s.Env != "" || s.Locked() == "" {
			t.Errorf("%s: the variable %q, locked %q", s.Path, s.Env, s.Locked())
		}
	}
	if seen != 2 {
		t.Errorf("%d settings of a program", seen)
	}
	if err := c.CheckHostOutside("exec"); err == nil || !strings.Contains(err.Error(), "is set in homing.yaml") {
		t.Errorf("HOMING_PROVIDER=exec: %v", err)
	}
	for _, e := range []config.Edit{
		{Path: "accounts.mine.provider", Items: []string{"exec"}}, {Path: "accounts.mine.command", Items: []string{"/bin/true"}},
		{Path: "accounts.mine.env", Items: []string{"LD_PRELOAD=/tmp/x"}}, {Path: "accounts.mine.env_file", Items: []string{"/tmp/x"}},
	} {
		if config.Judge(&config.Input{Catalogue: c}, nil, []config.Edit{e}) == nil {
			t.Errorf("the page may set %s", e.Path)
		}
	}
}
