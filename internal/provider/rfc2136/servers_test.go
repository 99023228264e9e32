package rfc2136

import (
	"slices"
	"testing"
)

func TestServersAreReadWithAndWithoutAPort(t *testing.T) {
	for text, want := range map[string][]string{
		"":                             nil,
		"127.0.0.1:5301":               {"127.0.0.1:5301"},
		"ns1.example.org, 192.0.2.1":   {"ns1.example.org:53", "192.0.2.1:53"},
		"[2001:db8::1]:54,2001:db8::2": {"[2001:db8::1]:54", "[2001:db8::2]:53"},
		"[2001:db8::1] localhost":      {"[2001:db8::1]:53", "localhost:53"},
	} {
		if got, err := ParseServers(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"https://ns.example.org", "ns:dns", "a..b", "ns:0", "ns:70000", ":53", "a@b"} {
		if got, err := ParseServers(text); err == nil {
			t.Errorf("%s is taken: %q", text, got)
		}
	}
}
