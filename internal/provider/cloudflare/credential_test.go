package cloudflare

import (
	"errors"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/secret"
)

func TestTokensAreCheckedByShape(t *testing.T) {
	hex := strings.Repeat("0123456789abcdef", 3)
	for _, tt := range []struct{ token, reason string }{
		{"Sn3lZJTBX6kkg7OdcBUAxOO963GEIyGQqnFTOFYY", ""},
		{"a-b_c.d~e+f/g==", ""}, // RFC 6750 allows it, whatever Cloudflare makes today
		{"cfut_" + strings.Repeat("aB3", 18), ""},
		{"cfat_" + strings.Repeat("aB3", 18), ""},
		{"short", ""},
		{"test-token", ""},
		{strings.Repeat("xY9", 99), ""},
		{"", "the API token is empty"},
		{"/run/secrets/cloudflare", "this is a path, and no API token"},
		{"./token", "this is a path, and no API token"},
		{"home.example.org", "this is a name, and no API token"},
		{"CLOUDFLARE_API_TOKEN", "this is a name, and no API token"},
		{"cloudflare-api-token", "this is a name, and no API token"},
		{"my_cf_token", "this is a name, and no API token"},
		{"Bearer Sn3lZJTBX6kkg7O", `the API token begins with "Bearer "`},
		{`"Sn3lZJTBX6kkg7O"`, "the API token has quotation marks in it"},
		{"‘Sn3lZJTBX6kkg7O’", "the API token has quotation marks in it"},
		{"Sn3lZJTB X6kkg7O", "the API token has a space or a line break in it"},
		{"Sn3lZJTBX6kkg7O\n", "the API token has a space or a line break in it"},
		{"Sn3lZJTBé", "the API token has a character in it that no token has"},
		{"=Sn3lZJTB", "the API token has a character in it that no token has"},
		{"YOUR-CLOUDFLARE-API-TOKEN", "the API token is only a placeholder"},
		{"your_api_token_here", "the API token is only a placeholder"},
		{"<your token>", "the API token is only a placeholder"},
		{"xxxxxxxxxxxx", "the API token is only a placeholder"},
		{"changeme", "the API token is only a placeholder"},
		{"cfk_" + strings.Repeat("aB3", 18), "this is a Global API key, not an API token"},
		{hex[:37], "this is a Global API key, not an API token"},
		{hex[:40], ""}, // by chance, or a fake's
		{"v1.0-144c9defac04969c7bfad8efaa8ea194", "this is an Origin CA key, not an API token"},
	} {
		err := CheckToken(secret.New(tt.token))
		if err == nil {
			if tt.reason != "" {
				t.Errorf("%q passes, want: %s", tt.token, tt.reason)
			}
			continue
		}
		m, ok := errors.AsType[*Malformed](err)
		if !ok || m.Reason != tt.reason || m.Hint == "" {
			t.Errorf("%q: %v (%q), want %q", tt.token, err, m.Hint, tt.reason)
		}
		if len(tt.token) > 8 && strings.Contains(m.Reason+m.Hint.String(), tt.token) {
			t.Errorf("%q is in the error", tt.token)
		}
	}
}

func TestKeysAreCheckedByShape(t *testing.T) {
	key := strings.Repeat("0123456789abcdef", 3)[:37]
	for _, tt := range []struct {
		key, email string
		fine       bool
	}{
		{key, "me@example.org", true},
		{"cfk_" + strings.Repeat("aB3", 18), "me@example.org", true},
		{"", "me@example.org", false},
		{key, "", false},
		{key, "me", false},
		{key, "me@example.org\nX-Evil: 1", false},
		{`"` + key + `"`, "me@example.org", false},
		{"cfut_" + strings.Repeat("aB3", 18), "me@example.org", false},
		{"your_key", "me@example.org", false},
		{"/run/secrets/key", "me@example.org", false},
	} {
		err := CheckKey(secret.New(tt.key), tt.email)
		if _, malformed := errors.AsType[*Malformed](err); malformed == tt.fine {
			t.Errorf("%q %q: %v", tt.key, tt.email, err)
		}
	}
}

func TestOnlyOneWholeCredentialMakesAProvider(t *testing.T) {
	client := httpx.New(httpx.Options{})
	token, key := secret.New("Sn3lZJTBX6kkg7O"), secret.New(strings.Repeat("a1", 20))
	for _, tt := range []struct {
		c    Config
		fine bool
	}{
		{Config{Client: client, Credential: Credential{Token: token}}, true},
		{Config{Client: client, Credential: Credential{Key: key, Email: "me@example.org"}}, true},
		{Config{Client: client}, false},
		{Config{Client: client, Credential: Credential{Key: key}}, false},
		{Config{Client: client, Credential: Credential{Token: token, Key: key, Email: "me@example.org"}}, true},
		{Config{Client: client, Credential: Credential{Token: token, Key: key}}, false},
		{Config{Client: client, Credential: Credential{Token: secret.New("a b"), Key: key, Email: "me@example.org"}}, false},
		{Config{Client: client, Credential: Credential{Token: secret.New("a b")}}, false},
		{Config{Credential: Credential{Token: token}}, false},
	} {
		if _, err := New(tt.c); (err == nil) != tt.fine {
			t.Errorf("%+v: %v", tt.c.Credential, err)
		}
	}
}

func TestTheTokenOnlyTravelsWhereNobodyCanReadIt(t *testing.T) {
	for base, want := range map[string]string{
		"":                                    "https://api.cloudflare.com/client/v4",
		"https://proxy.example/cf/":           "https://proxy.example/cf",
		"http://127.0.0.1:8080/client/v4":     "http://127.0.0.1:8080/client/v4",
		"http://[::1]:8080":                   "http://[::1]:8080",
		"http://localhost/x":                  "http://localhost/x",
		"http://api.cloudflare.com/client/v4": "",
		"http://192.168.1.1":                  "",
		"http://127.0.0.1.example.org":        "",
		"http://localhost.example.org":        "",
		"https://me:pass@proxy.example":       "",
		"https://proxy.example/?key=pass":     "",
		"https://proxy.example/#pass":         "",
		"ftp://127.0.0.1/pass":                "",
		"api.cloudflare.com":                  "",
		"https:":                              "",
		"https://pa ss/":                      "",
		":pass":                               "",
	} {
		got, err := rest.CheckBaseURL(base, DefaultBase, false)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", base, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "pass:") {
			t.Errorf("%q: the error holds it: %v", base, err)
		}
	}
}
