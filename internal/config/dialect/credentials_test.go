package dialect

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/text"
)

const (
	aToken = "0123456789abcdefghijklmnopqrstuvwxyzABCD"
	aKey   = "0123456789abcdef0123456789abcdef01234"
)

// credentialOf is what a world's only account has.
func credentialOf(t *testing.T, w world) string {
	t.Helper()
	_, cfg, err := build(w.input())
	if err != nil {
		t.Errorf("%v: %v", w.env, err)
		return ""
	}
	a := cfg.Accounts[0]
	if told := strings.Join(cfg.Notices, "\n"); strings.Contains(told, aToken) || strings.Contains(told, aKey) {
		t.Errorf("a notice shows a credential: %s", told)
	}
	return strings.Trim(a.Text("token")+" "+a.Text("key")+" "+a.Text("email"), " ")
}

// aid is the world of one who comes with a credential, by where it is written.
func aid(name string, credential map[string]string) world {
	switch name {
	case "oznu", "DynCFDNS", "Dynflare":
		env := map[string]map[string]string{"oznu": {"ZONE": "example.com"}, "DynCFDNS": {"HOST_LIST": "example.com"}, "Dynflare": {"RECORDS": "cloudflare:example.com:A:@"}}[name]
		maps.Copy(env, credential)
		return world{env: env}
	case "raindrop":
		var pairs strings.Builder
		for k, v := range credential {
			pairs.WriteString(`"` + k + `": "` + v + `", `)
		}
		return world{args: []string{"c.json"}, files: map[string]string{"c.json": "{" + pairs.String() + `"zone": "0123456789abcdef0123456789abcdef", "domain": "home.example.com"}`}}
	}
	return world{files: map[string]string{"config.json": `{"cloudflare": [{"authentication": {"api_token": "` + credential["api_token"] + `", "api_key": {"api_key": "` + credential["api_key"] +
		`", "account_email": "` + credential["account_email"] + `"}}, "zone_id": "0123456789abcdef0123456789abcdef", "subdomains": ["home"]}]}`}}
}

// A token is one wherever it stands, with an email beside it or not.
func TestATokenWhereAKeyBelongsIsAToken(t *testing.T) {
	const me = "me@example.com"
	for _, tt := range []struct {
		whose      string
		credential map[string]string
		want       string
	}{
		{"oznu", map[string]string{"API_KEY": aToken, "EMAIL": me}, aToken},
		{"oznu", map[string]string{"API_KEY": "cfut_x", "EMAIL": me}, "cfut_x"},
		{"oznu", map[string]string{"API_KEY": aKey, "EMAIL": me}, aKey + " " + me},
		{"DynCFDNS", map[string]string{"CLOUDFLARE_API_KEY": aToken, "CLOUDFLARE_API_EMAIL": me}, aToken},
		{"DynCFDNS", map[string]string{"CLOUDFLARE_API_TOKEN": "t", "CLOUDFLARE_API_KEY": aKey, "CLOUDFLARE_API_EMAIL": me}, "t " + aKey + " " + me},
		{"Dynflare", map[string]string{"CLOUDFLARE_API_TOKEN": aToken}, aToken},
		{"Dynflare", map[string]string{"CLOUDFLARE_API_TOKEN": aToken, "CLOUDFLARE_API_KEY": aKey, "CLOUDFLARE_EMAIL": me}, aToken + " " + aKey + " " + me},
		{"Dynflare", map[string]string{"CLOUDFLARE_API_TOKEN": aToken, "CLOUDFLARE_API_SECRET": "s"}, aToken},
		{"Dynflare", map[string]string{"CLOUDFLARE_API_KEY": aToken, "CLOUDFLARE_EMAIL": me}, aToken},
		{"raindrop", map[string]string{"key": aToken}, aToken},
		{"raindrop", map[string]string{"key": aToken, "email": me}, aToken},
		{"raindrop", map[string]string{"key": aKey, "email": me}, aKey + " " + me},
		{"config.json", map[string]string{"api_token": aToken, "api_key": aKey, "account_email": me}, aToken},
		{"config.json", map[string]string{"api_key": aToken, "account_email": me}, aToken},
		{"config.json", map[string]string{"api_key": aKey, "account_email": me}, aKey + " " + me},
	} {
		if got := credentialOf(t, aid(tt.whose, tt.credential)); got != tt.want {
			t.Errorf("%s, %v: %q", tt.whose, tt.credential, got)
		}
	}
	w := aid("oznu", map[string]string{"API_KEY_FILE": "/k", "EMAIL": me})
	w.files = map[string]string{"/k": aToken + " # token\n"}
	if got := credentialOf(t, w); got != aToken {
		t.Errorf("in a file: %q", got)
	}
}

// Advice to leave the Global key names what its reader has, and works when it is
// followed to the letter.
func TestAdviceToLeaveTheKeyWorksToTheLetter(t *testing.T) {
	const advice text.Hint = "copy it into {accounts.token}, in place of the key, and take {accounts.email} away"
	const me = "me@example.com"
	for _, tt := range []struct {
		whose            string
		before, after    map[string]string
		into, take, file string
	}{
		{"oznu", map[string]string{"API_KEY": aKey, "EMAIL": me}, map[string]string{"API_KEY": aToken}, "API_KEY", "EMAIL", "API_KEY_FILE"},
		{"DynCFDNS", map[string]string{"CLOUDFLARE_API_KEY": aKey, "CLOUDFLARE_API_EMAIL": me}, map[string]string{"CLOUDFLARE_API_TOKEN": aToken},
			"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_API_EMAIL", "CLOUDFLARE_API_TOKEN_FILE"},
		{"Dynflare", map[string]string{"CLOUDFLARE_API_KEY": aKey, "CLOUDFLARE_EMAIL": me}, map[string]string{"CLOUDFLARE_API_TOKEN": aToken},
			"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_EMAIL", "CLOUDFLARE_API_TOKEN_FILE"},
		{"raindrop", map[string]string{"key": aKey, "email": me}, map[string]string{"key": aToken}, "key", "email", "token_file in a homing.yaml, which homing migrate writes,"},
		{"config.json", map[string]string{"api_key": aKey, "account_email": me}, map[string]string{"api_token": aToken},
			"authentication.api_token", "cloudflare[0].authentication.api_key.account_email", "token_file in a homing.yaml, which homing migrate writes,"},
	} {
		_, cfg, err := build(aid(tt.whose, tt.before).input())
		if err != nil {
			t.Errorf("%s: %v", tt.whose, err)
			continue
		}
		if got, want := advice.In(cfg.Words), "copy it into "+tt.into+", in place of the key, and take "+tt.take+" away"; got != want {
			t.Errorf("%s: %s", tt.whose, got)
		}
		if got := text.Hint("set {accounts.token_file} to the path").In(cfg.Words); got != "set "+tt.file+" to the path" {
			t.Errorf("%s: %s", tt.whose, got)
		}
		if got := credentialOf(t, aid(tt.whose, tt.after)); got != aToken {
			t.Errorf("%s: the letter of it gives %q", tt.whose, got)
		}
	}
	for _, whose := range []string{"DynCFDNS", "Dynflare"} { // whose own programs know no such variable
		w := aid(whose, map[string]string{"CLOUDFLARE_API_TOKEN_FILE": "/t"})
		w.files = map[string]string{"/t": aToken}
		if got := credentialOf(t, w); got != aToken {
			t.Errorf("%s: %q", whose, got)
		}
	}
}

func TestAnOddConfigJSONIsNamedWithTheCure(t *testing.T) {
	for text, says := range map[string]string{
		"":                 "the file is empty",
		" \n":              "the file is empty",
		"[]":               "this is no JSON object",
		"{}":               "there are no zones in the file",
		`{"cloudflare":1}`: "there are no zones in the file",
		"missing":          "there is no such file",
	} {
		w := world{env: map[string]string{"CONFIG_PATH": "/etc/ddns"}, files: map[string]string{"/etc/ddns/config.json": text}}
		if text == "missing" {
			w.files = nil
		}
		_, _, err := build(w.input())
		if err == nil || !strings.Contains(err.Error(), "/etc/ddns/config.json") || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "CLOUDFLARE_API_TOKEN") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What Dynflare's -p shows belongs to records; alone there is nothing to show.
func TestAListWithoutRecordsNamesWhatIsMissing(t *testing.T) {
	w := world{args: []string{"-p"}, env: map[string]string{"CLOUDFLARE_EMAIL": "me@example.com", "CLOUDFLARE_API_KEY": aKey}}
	_, _, err := build(w.input())
	if ps, ok := errors.AsType[config.Problems](err); !ok || len(ps) != 1 || !strings.Contains(err.Error(), "write one such as -r cloudflare:example.org:A:home") {
		t.Errorf("%v", err)
	}
}

// A dot at its end makes a name whole; in another zone it is none of these.
func TestANameOfAnotherZoneIsNotPutIntoThisOne(t *testing.T) {
	for sub, want := range map[string]string{"home.": "home.example.org", "*": "*.example.org", "*.example.org": "*.example.org", "www.example.net": "www.example.net.example.org", "www.example.net.": ""} {
		_, cfg, err := build(world{env: map[string]string{"API_KEY": "x", "ZONE": "example.org", "SUBDOMAIN": sub}}.input())
		switch {
		case want == "":
			if err == nil || !strings.Contains(err.Error(), `SUBDOMAIN="www.example.net."`) || !strings.Contains(err.Error(), "not in the zone example.org") {
				t.Errorf("%s: %v", sub, err)
			}
		case err != nil || cfg.Names()[0].String() != want:
			t.Errorf("%s: %v, %v", sub, cfg, err)
		}
	}
}
