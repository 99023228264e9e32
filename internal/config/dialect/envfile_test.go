package dialect

import (
	"errors"
	"maps"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/homing-dns/homing/internal/config"
)

// The rules are those of Compose and of a shell.
func TestAnEnvFileIsReadByItsOwnRules(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"A=b # c":                        {"A": "b"},
		"A=b#c":                          {"A": "b#c"},
		"A=b\t#c":                        {"A": "b"},
		"A= # c":                         {"A": ""},
		"A=\"b # c\" # d":                {"A": "b # c"},
		"A='b # c'# d":                   {"A": "b # c"},
		"A=\"b\" c":                      {"A": "\"b\" c"},
		"A=\"b":                          {"A": "\"b"},
		"export A = 'b'\r\n#C=d\n\n D=e": {"A": "b", "D": "e"},
		"A=\"b\n# c\nd\" # e\nF=g":       {"A": "b\n# c\nd", "F": "g"},
		"A='b\nc'\nD=e":                  {"A": "b\nc", "D": "e"},
		`A="b\n\"c\" \\ \$D"`:            {"A": "b\n\"c\" \\ $D"},
		`A='b\n'`:                        {"A": `b\n`},
		"D=example.org\nN=home.${D} # c": {"D": "example.org", "N": "home.example.org"},
		"N=home.${D}":                    {"N": "home.${D}"},
		"N='${D}'\nD=x":                  {"N": "${D}", "D": "x"},
		"A=b\nA=c":                       {"A": "c"},
		"no line of a file":              {},
	} {
		got := make(map[string]string)
		for _, e := range envFile(text) {
			name, value, _ := strings.Cut(e, "=")
			got[name] = value
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%q:\n%s", text, diff)
		}
	}
}

// What stands in an env file is written so that homing reads it as it is meant.
func TestWhatMigrateWritesCanBeLoaded(t *testing.T) {
	for name, file := range map[string]string{
		"favonia": "CLOUDFLARE_API_TOKEN=0123456789\nDOMAINS=home.example.com # mine\nPROXIED=\"true\" # hide\nIP6_PROVIDER=none # no IPv6\n" +
			"UPDATE_CRON=@every 5m # often\nTZ=Europe/Berlin # tz\nRECORD_COMMENT='a # b'\nSHOUTRRR=\"ntfy://a\nntfy://b\"\n",
		"oznu":     "API_KEY=0123456789 # token\nZONE=example.com # zone\nSUBDOMAIN='home'\nPROXIED=true # hide\nCRON=\"*/5 * * * *\" # often\n",
		"dyncfdns": "HOST_LIST=home.example.com # mine\nCLOUDFLARE_API_TOKEN=\"0123456789\"\nUPDATE_INTERVAL=120 # seconds\n",
		"dynflare": "RECORDS=cloudflare:example.com:A:home # one\nCLOUDFLARE_API_SECRET=0123456789 # token\n",
	} {
		w := world{args: []string{"migrate", "./old.env"}, files: map[string]string{"old.env": file}}
		written, err := Migrate(w.input(), "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		in := world{env: map[string]string{"CLOUDFLARE_API_TOKEN": "0123456789", "SHOUTRRR": "ntfy://a\nntfy://b"}, files: map[string]string{"homing.yaml": string(written)}}.input()
		cfg, err := config.Build(&in.Input, config.FromFile(&in.Input))
		if err != nil || len(cfg.Names()) != 1 || cfg.Names()[0].String() != "home.example.com" {
			t.Errorf("%s is not loaded: %v\n%s", name, err, written)
			continue
		}
		if name == "favonia" && (cfg.Location.String() != "Europe/Berlin" || cfg.Schedule.String() != "@every 5m" || len(cfg.Detect) != 1 ||
			!cfg.Accounts[0].Spec.Records[0].Attrs.Proxied || cfg.Accounts[0].Spec.Records[0].Attrs.Comment != "a # b") {
			t.Errorf("it means something else:\n%s", written)
		}
	}
}

func TestMigrateRefusesWhatCouldNotBeLoaded(t *testing.T) {
	ok := map[string]string{"DOMAINS": "home.example.com"}
	for name, text := range map[string]string{"UPDATE_CRON": "often", "TTL": "5", "IP4_PROVIDER": "nowhere", "DELETE_ON_STOP": "perhaps"} {
		env := maps.Clone(ok)
		env[name] = text
		written, err := Migrate(world{env: env, args: []string{"migrate"}}.input(), "")
		if problems, refused := errors.AsType[config.Problems](err); !refused || problems[0].Name != name || written != nil {
			t.Errorf("%s=%s: %v\n%s", name, text, err, written)
		}
	}
	// a credential may be where the file is going to be used
	for _, more := range []string{"", "CLOUDFLARE_API_TOKEN_FILE", "CLOUDFLARE_API_KEY_FILE"} {
		env := maps.Clone(ok)
		if more != "" {
			env[more], env["CLOUDFLARE_API_EMAIL"] = "/run/secrets/elsewhere", "me@example.com"
		}
		if written, err := Migrate(world{env: env, args: []string{"migrate"}}.input(), ""); err != nil || len(written) == 0 {
			t.Errorf("%s: %v", more, err)
		}
	}
}

// What migrate says of config.json is so.
func TestAHomingYAMLGoesBeforeAConfigJSON(t *testing.T) {
	w := world{files: map[string]string{"config.json": zones}, args: []string{"migrate"}}
	written, err := Migrate(w.input(), "")
	if err != nil || !strings.Contains(string(written), "# where this is the homing.yaml, config.json is not read any more\n") {
		t.Fatalf("%v\n%s", err, written)
	}
	w.args, w.files["homing.yaml"] = nil, string(written)
	if r, err := Read(w.input()); r != nil || err != nil {
		t.Errorf("config.json is read: %+v, %v", r, err)
	}
}

func TestAWholeNameAsSubdomainIsTakenSo(t *testing.T) {
	for sub, want := range map[string]string{"home": "home.example.org", "home.example.org": "home.example.org", "home.example.org.": "home.example.org", "example.org": "example.org", "@": "example.org"} {
		r, err := Read(world{env: map[string]string{"API_KEY": "x", "ZONE": "example.org", "SUBDOMAIN": sub}}.input())
		if err != nil {
			t.Fatal(err)
		}
		if e, _ := r.Draft.Get("records[0].name"); e.Text != want {
			t.Errorf("%s is %s, want %s", sub, e.Text, want)
		}
	}
}
