package config

import (
	"slices"
	"strings"
	"testing"
)

func TestSubThatLeavesANameOutIsToldWhereItMatters(t *testing.T) {
	tests := []struct {
		proxied, domains string
		told             bool
	}{
		{"sub(example.org)", "example.org,www.example.org", true},
		{"sub(example.org) || is(example.org)", "example.org,www.example.org", false},
		{"sub(example.org)", "www.example.org", false},
		{"sub(example.org) && !is(home.example.org)", "home.example.org", true},
		{"sub(example.org)", "*.example.org", false},
		{"true", "example.org", false},
		{"false", "example.org", false},
	}
	for _, tt := range tests {
		cfg, err := load(ok("PROXIED", tt.proxied, "DOMAINS", tt.domains), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.ContainsFunc(cfg.Notices, func(n string) bool { return strings.Contains(n, "sub(…)") }); got != tt.told {
			t.Errorf("PROXIED=%s DOMAINS=%s: %q", tt.proxied, tt.domains, cfg.Notices)
		}
	}
}
