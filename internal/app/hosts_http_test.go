package app

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
)

// reached is the settings of an account whose API is at base.
func reached(h *host, base, more string) (*config.Config, error) {
	var needed strings.Builder
	for _, s := range h.Settings {
		switch s.Key {
		case "token":
			needed.WriteString(", token: abcdefghijklmnopqrstuvwxyz0123456789abcd")
		case "service":
			needed.WriteString(", service: duckdns")
		case "credentials":
			needed.WriteString(", credentials: instance")
		case "subscription_id":
			needed.WriteString(", subscription_id: x")
		}
	}
	text := fmt.Sprintf("accounts: {x: {provider: %s, base_url: %q%s%s}}\nrecords: [{name: a.example.org, account: x}]", h.Word, base, needed.String(), more)
	return config.Load(&config.Input{Catalogue: Catalogue(), ReadFile: func(path string) ([]byte, error) {
		if path == "homing.yaml" {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}})
}

// Every host with an API is reached by the same rules.
func TestEveryAPIIsReachedByTheSameRules(t *testing.T) {
	for _, h := range hosts() {
		if !slices.ContainsFunc(h.Settings, func(s config.HostSetting) bool { return s.Key == "token" }) ||
			!slices.ContainsFunc(h.Settings, func(s config.HostSetting) bool { return s.Key == config.AllowHTTP }) {
			continue
		}
		for _, tt := range []struct{ base, more, wrong, notice string }{
			{"http://127.0.0.1:8081", "", "", ""},
			{"https://dns.example.org", "", "", ""},
			{"http://192.168.1.2:8081", "", "http:// is only for this machine itself\n    → use https, perhaps with accounts.x.ca_file; or, at a private address, where you trust everybody on the way: accounts.x.allow_http: true", ""},
			{"http://100.64.0.1:8081", ", allow_http: true", "", "accounts.x.base_url is plain http, so everyone on the way to http://100.64.0.1:8081 can read the credential; accounts.x.allow_http allows it"},
			{"http://dns:8081", ", allow_http: true", "", "is plain http"},
			{"http://192.0.2.1:8081", ", allow_http: true", "http:// is only for this machine itself and for private networks", ""},
			{"https://dns.example.org", ", ca_file: /not/there.pem", "ca_file=\"/not/there.pem\"\n       1 | accounts: …\n    there is no such file", ""},
		} {
			cfg, err := reached(h, tt.base, tt.more)
			switch {
			case tt.wrong == "" && err != nil, tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
				t.Errorf("%s at %s: %v", h.Word, tt.base, err)
			case err == nil && strings.Contains(strings.Join(cfg.Notices, "\n"), "plain http") != (tt.notice != ""),
				err == nil && !strings.Contains(strings.Join(cfg.Notices, "\n"), tt.notice):
				t.Errorf("%s at %s: %q", h.Word, tt.base, cfg.Notices)
			case err == nil:
				if _, err := Assemble(cfg, config.ForRecords, network("test")); err != nil {
					t.Errorf("%s at %s: %v", h.Word, tt.base, err)
				}
			}
		}
	}
}

// An update address that a person writes is told of as well, without its secret.
func TestAPlainUpdateAddressIsToldOf(t *testing.T) {
	for base, notice := range map[string]string{
		"http://127.0.0.1:8081/up": "",
		"https://dns.example.org/": "",
		"http://192.168.1.2:8081/": "accounts.x.url is plain http, so everyone on the way to 192.168.1.2:8081 can read it; accounts.x.allow_http allows it",
	} {
		text := fmt.Sprintf("accounts: {x: {provider: dyndns2, service: url, url: %q, allow_http: true}}\nrecords: [{name: a.example.org, account: x}]", base+"?key=canary-key&ip={ipv4}")
		cfg, err := config.Load(&config.Input{Catalogue: Catalogue(), ReadFile: func(path string) ([]byte, error) {
			if path == "homing.yaml" {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		}})
		if err != nil || slices.Contains(cfg.Notices, notice) != (notice != "") || strings.Contains(fmt.Sprint(cfg.Notices), "plain http") != (notice != "") {
			t.Errorf("%s: %v, %q", base, err, cfg.Notices)
		}
	}
}

// Who has no way of their own share one client, as ever.
func TestAccountsShareAClientUnlessTheirWayDiffers(t *testing.T) {
	for _, tt := range []struct {
		settings string
		clients  int
	}{{"", 1}, {"base_url: http://127.0.0.1:1", 2}} {
		text := "accounts: {a: {token: abcdefghijklmnopqrstuvwxyz0123456789abcd}, b: {token: abcdefghijklmnopqrstuvwxyz0123456789abce, " + tt.settings + "}}\nrecords: [{name: a.example.org, account: a}, {name: b.example.org, account: b}]"
		cfg, err := config.Load(&config.Input{Catalogue: Catalogue(), ReadFile: func(path string) ([]byte, error) {
			if path == "homing.yaml" {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		}})
		if err != nil {
			t.Fatal(err)
		}
		a, err := Assemble(cfg, config.ForRecords, network("test"))
		if err != nil || len(a.clients) != tt.clients {
			t.Errorf("%q: %d clients, %v", tt.settings, len(a.clients), err)
		}
	}
}
