package config

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// written is what the environment says, without notices.
func written(t *testing.T, env map[string]string) []Entry {
	t.Helper()
	return FromEnvironment(input(env, nil)).Entries
}

// variables are all that have a row, or an old name.
func variables() (names []string) {
	for _, s := range Settings(testCatalogue()) {
		if s.Env == "" {
			continue
		}
		names = append(names, s.Env)
		if s.File {
			names = append(names, s.Env+"_FILE")
		}
	}
	for _, o := range testCatalogue().oldNames() {
		names = append(names, o.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestOneRuleForACommentBehindAValueInEverySetting(t *testing.T) {
	literal := testCatalogue().literals()
	for _, name := range variables() {
		value := "300"
		if strings.HasSuffix(name, "DOMAINS") {
			value = "home.example.org"
		}
		want := written(t, map[string]string{name: value})
		if name == "DEBUG" {
			value, want = "true", written(t, map[string]string{name: "true"})
		}
		for _, text := range []string{value + " # why", value + "\t#why", "  " + value + "  # why # and how", "# first\n" + value + " # why"} {
			d := FromEnvironment(input(map[string]string{name: text}, nil))
			if slices.Contains(literal, name) {
				if got := d.Entries[0].Text; got != strings.TrimSpace(text) {
					t.Errorf("%s=%q became %q", name, text, got)
				}
				continue
			}
			if diff := gocmp.Diff(want, d.Entries, cmpopts.IgnoreUnexported(Entry{})); diff != "" {
				t.Errorf("%s=%q:\n%s", name, text, diff)
			}
			if told := strings.Join(d.Notices, "\n"); !strings.Contains(told, name+": ") || !strings.Contains(told, "comment") {
				t.Errorf("%s=%q is not told: %q", name, text, d.Notices)
			}
		}
		if d := FromEnvironment(input(map[string]string{name: "# nothing but a comment"}, nil)); len(d.Entries) > 0 && !slices.Contains(literal, name) {
			t.Errorf("%s is set by a comment: %v", name, d.Entries)
		}
	}
}

// The variable that names homing.yaml is none of the table, and no exception.
func TestTheNameOfTheFileIsReadLikeEverySetting(t *testing.T) {
	for _, text := range []string{"y.yaml # mine", `"y.yaml"`, `'y.yaml' # mine`} {
		d := FromFile(input(map[string]string{"HOMING_CONFIG": text}, map[string]string{"y.yaml": "records: [home.example.org]\n"}))
		if len(d.Problems) > 0 || len(d.Entries) == 0 {
			t.Errorf("HOMING_CONFIG=%s: %v", text, d.Problems)
		}
		if !strings.Contains(strings.Join(d.Notices, "\n"), "HOMING_CONFIG: ") {
			t.Errorf("HOMING_CONFIG=%s is not told: %q", text, d.Notices)
		}
	}
}

func TestWhatIsNoCommentStays(t *testing.T) {
	for text, want := range map[string]string{
		"a#b":                      "a#b",
		"https://example.org/#a":   "https://example.org/#a",
		`"a # b"`:                  "a # b",
		`"a # b" # c`:              "a # b",
		`'a'#b`:                    `'a'#b`,
		`"a" "b"`:                  `"a" "b"`,
		`"true" # hide`:            "true",
		`"*/5 * * * *"`:            "*/5 * * * *",
		`exec:sh -c 'echo # 1'`:    `exec:sh -c 'echo # 1'`,
		"ntfy://a # one\nntfy://b": "ntfy://a\nntfy://b",
	} {
		var notices []string
		untidy := input(map[string]string{"X": text}, nil)
		in := untidy.Tidied(&notices)
		if got := in.Env("X"); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
		if in.Env("X"); len(notices) > 1 || (len(notices) > 0) != (want != text) {
			t.Errorf("%q: %q", text, notices)
		}
	}
}

func TestACommentBehindASecretIsNotShown(t *testing.T) {
	for _, name := range []string{"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_KEY", "HEALTHCHECKS", "HOMING_WEBHOOK", "API_KEY", "CLOUDFLARE_API_SECRET"} {
		var notices []string
		untidy := input(map[string]string{name: "value # canary"}, nil)
		in := untidy.Tidied(&notices)
		if in.Env(name) != "value" || len(notices) != 1 || strings.Contains(notices[0], "canary") {
			t.Errorf("%s is %q, told as %q", name, in.Env(name), notices)
		}
	}
	cfg, err := load(map[string]string{"CLOUDFLARE_API_TOKEN_FILE": "/t", "DOMAINS": "home.example.org"}, map[string]string{"/t": "# canary\ngood # canary\n"})
	if err != nil || cfg.Accounts[0].Text("token") != "good" || strings.Contains(strings.Join(cfg.Notices, "\n"), "canary") {
		t.Errorf("%v", err)
	}
}

func TestAVariableThatNothingFilledInIsNamed(t *testing.T) {
	for name, text := range map[string]string{
		"DOMAINS":                   "home.${DOMAIN}",
		"CLOUDFLARE_API_TOKEN":      "${CF_TOKEN}",
		"CLOUDFLARE_API_TOKEN_FILE": "${CREDENTIALS_DIRECTORY}/token",
		"IP4_PROVIDER":              "$PROVIDER",
		"TTL":                       "${TTL:-300}",
		"PROXIED":                   "{{ proxied }}",
		"UPDATE_CRON":               "%CRON%",
		"HOMING_BIND":               "${IFACE}",
	} {
		env := ok(name, text)
		if name == "CLOUDFLARE_API_TOKEN_FILE" {
			delete(env, "CLOUDFLARE_API_TOKEN")
		}
		in := input(env, nil)
		c := in.Catalogue
		c.CheckBind = func(s string) error { return Absent("there is no interface "+s, "") }
		if name == "CLOUDFLARE_API_TOKEN" {
			c.Hosts[0].Settings[0].Check = func(s string) error { return Hinted("it has a character in it that no token has", "") }
		}
		_, err := Load(in)
		if err == nil || !strings.Contains(err.Error(), Unfilled(text)+" was not filled in") || !strings.Contains(err.Error(), "→ write the value itself") {
			t.Errorf("%s=%s: %v", name, text, err)
		}
	}
	for text, want := range map[string]string{"$": "", "a$b": "", "100%": "", "$$": "", "${}": "", "${a b}": "", "$${X}": "", "{{}}": "", "x ${Y} z": "${Y}"} {
		if got := Unfilled(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	cfg, err := load(ok("RECORD_COMMENT", "of ${HOSTNAME}"), nil)
	if err != nil || !strings.Contains(strings.Join(cfg.Notices, "\n"), "RECORD_COMMENT: ${HOSTNAME} was not filled in") {
		t.Errorf("%v", err)
	}
}
