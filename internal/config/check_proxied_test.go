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

func TestProxiedThatFitsNoNameIsTold(t *testing.T) {
	for expression, want := range map[string]string{
		"is(www.exmaple.org)":                      "www.exmaple.org",
		"is(home.example.org)":                     "",
		"sub(example.org)":                         "",
		"sub(exmaple.org) || is(home.example.org)": "below exmaple.org",
		"true":                   "",
		"!is(other.example.org)": "other.example.org",
		"sub(.)":                 "",
	} {
		in := input(ok("PROXIED", expression), nil)
		cfg, err := Load(in)
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		told := strings.Join(cfg.Notices, "\n")
		if has := strings.Contains(told, "none of the names to keep is "+want); has != (want != "") {
			t.Errorf("%s: %q", expression, told)
		}
		in.Strict = true
		if _, err := Load(in); (err != nil) != (want != "") {
			t.Errorf("%s: a check of the settings says %v", expression, err)
		}
	}
}
