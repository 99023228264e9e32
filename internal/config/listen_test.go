package config

import (
	"strings"
	"testing"
)

// An address without a port says only where; what it was set against says the
// rest.
func TestAnAddressAloneKeepsThePort(t *testing.T) {
	for _, tc := range []struct{ env, file, want, from string }{
		{"", "", "127.0.0.1:8245", "default"},
		{"0.0.0.0", "", "0.0.0.0:8245", "HOMING_LISTEN"},
		{"::", "", "[::]:8245", "HOMING_LISTEN"},
		{"[::1]", "", "[::1]:8245", "HOMING_LISTEN"},
		{"192.0.2.7", "", "192.0.2.7:8245", "HOMING_LISTEN"},
		{"0.0.0.0:80", "127.0.0.1:9000", "0.0.0.0:80", "HOMING_LISTEN, instead of 127.0.0.1:9000 of homing.yaml:1"},
		{"0.0.0.0", "127.0.0.1:9000", "0.0.0.0:9000", "HOMING_LISTEN, instead of 127.0.0.1:9000 of homing.yaml:1"},
		{"::", ":9000", "[::]:9000", "HOMING_LISTEN, instead of :9000 of homing.yaml:1"},
		{"0.0.0.0", "::1", "0.0.0.0:8245", "HOMING_LISTEN, instead of ::1 of homing.yaml:1"},
		{"0.0.0.0", "off", "off", "homing.yaml:1"},
		{"0.0.0.0", "unix:/run/homing", "unix:/run/homing", "homing.yaml:1"},
		{"0.0.0.0", "[::]:9000", "0.0.0.0:9000", "HOMING_LISTEN, instead of [::]:9000 of homing.yaml:1"},
		{"0.0.0.0", "0.0.0.0:9000", "0.0.0.0:9000", "homing.yaml:1"},
		{"off", "127.0.0.1:9000", "off", "HOMING_LISTEN, instead of 127.0.0.1:9000 of homing.yaml:1"},
		{"", "0.0.0.0", "0.0.0.0:8245", "homing.yaml:1"},
		{"", "::", "[::]:8245", "homing.yaml:1"},
	} {
		env, fs := ok(), map[string]string(nil)
		if tc.env != "" {
			env["HOMING_LISTEN"] = tc.env
		}
		if tc.file != "" {
			fs = files("homing.yaml", `serve: {listen: "`+tc.file+`"}`)
		}
		cfg, err := load(env, fs)
		if err != nil || cfg.Serve.Listen != tc.want {
			t.Errorf("HOMING_LISTEN=%s over %q: %v, %v", tc.env, tc.file, cfg, err)
			continue
		}
		shown, err := Show(input(env, fs))
		line := "listen: " + scalar(Text, tc.want) + "  # " + tc.from
		if err != nil || !strings.Contains(string(shown), line) {
			t.Errorf("HOMING_LISTEN=%s over %q: %q is not in\n%s%v", tc.env, tc.file, line, shown, err)
		}
		second, err := again(string(shown), env, nil)
		if err != nil || second.Serve.Listen != tc.want {
			t.Errorf("HOMING_LISTEN=%s over %q loads again as %v, %v", tc.env, tc.file, second, err)
		}
	}
}

// What homing migrate writes of variables that are homing's own means the same.
func TestAnAddressAloneIsMigrated(t *testing.T) {
	text := string(Marshal(testCatalogue(), FromEnvironment(input(ok("HOMING_LISTEN", "::"), nil))))
	cfg, err := load(map[string]string{"CLOUDFLARE_API_TOKEN": "x"}, files("homing.yaml", text))
	if err != nil || cfg.Serve.Listen != "[::]:8245" {
		t.Errorf("%v, %v\n%s", cfg, err, text)
	}
}
