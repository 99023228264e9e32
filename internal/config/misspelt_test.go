package config

import (
	"slices"
	"strings"
	"testing"
)

func TestAMisspeltVariableIsTold(t *testing.T) {
	for env, want := range map[string]string{
		"HOMING_ENFORC=proxied":              "did you mean HOMING_ENFORCE?",
		"HOMING_WHATEVER_ELSE=1":             "homing has no such setting",
		"RECORD_COMENT=x":                    "did you mean RECORD_COMMENT?",
		"IP6_PROVIDR=none":                   "did you mean IP6_PROVIDER?",
		"PROXY=true":                         "did you mean PROXIED?",
		"IP6_PREFIX_LEN=56":                  "did you mean IP6_DEFAULT_PREFIX_LEN?",
		"CLOUDFLARE_API_TOKN=x":              "did you mean CLOUDFLARE_API_TOKEN?", // though that is set
		"DOMIANS=a.example.org":              "",                                   // it is short, and the right one is set
		"DOMAIN=a.example.org":               "",                                   // the right one is set
		"CLOUDFLARE_TOKEN=x":                 "",                                   // the right one is set
		"CLOUDFLARE_EMAIL=me@example.org":    "did you mean CLOUDFLARE_API_EMAIL?",
		"UPDATE_START=false":                 "did you mean UPDATE_ON_START?",
		"PROXY=http://proxy:3128":            "",
		"HOMING_WEB_SERVICE_HOST=10.0.0.1":   "",
		"HOMING_WEB_PORT_80_TCP=10.0.0.1":    "",
		"HOMING_SERVICE=x":                   "homing has no such setting",
		"HOMING_SERVICE_HOST=10.0.0.1":       "",
		"HOMING_PORT_8245_TCP_ADDR=10.0.0.1": "",
		"HOMING_PORT=tcp://10.0.0.1:8245":    "",
		"HOMING_DIALECT=homing":              "",
		"HOMING_TOKEN_FILE=/run/t":           "",
		"HOMING_ENFORC=":                     "",
		"PATH=/bin":                          "",
		"HOSTNAME=nas":                       "",
		"LANG=C":                             "",
		"TTY=1":                              "",
		"PROXIED=true":                       "",
	} {
		in := input(ok(), nil)
		in.Environ = []string{env}
		told := strings.Join(FromEnvironment(in).Notices, "\n")
		if want == "" && told != "" || !strings.Contains(told, want) {
			t.Errorf("%s: %q, want %q", env, told, want)
		}
	}
	in := input(ok(), nil)
	in.Environ, in.Strict = []string{"HOMING_ENFORC=proxied"}, true
	if _, err := Load(in); err == nil || !slices.Equal(problems(t, err), []string{"HOMING_ENFORC"}) {
		t.Errorf("a check of the settings says %v", err)
	}
}
