package dialect

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/secret"
)

const (
	zones       = `{"cloudflare": [{"authentication": {"api_token": "t"}, "zone_id": "0123456789abcdef0123456789abcdef", "subdomains": [""]}]}`
	credentials = `{"zone": "0123456789abcdef0123456789abcdef", "email": "me@example.com", "key": "k", "domain": "home.example.com"}`
)

// Only anchors tell whose a configuration is. What many programs call
// something of theirs tells nothing.
func TestAConfigurationIsRecognisedByItsAnchorsAlone(t *testing.T) {
	tests := []struct {
		env   string // with blanks between
		args  string
		files []string // a path and what is in it
		want  string   // empty: homing's own
	}{
		{env: "HOST_LIST=a.example.com", want: "dyncfdns"},
		{env: "HOST_LIST="},
		{env: "API_PORT=5000 API_TOKEN=x UPDATE_INTERVAL=60 DEBUG=true ALLOW_CREATE_HOSTS=true"},
		{env: "RECORDS=x", want: "dynflare"},
		{args: "-r x", want: "dynflare"},
		{args: "--r=x -dry", want: "dynflare"},
		{args: "plan -r x", want: "dynflare"},
		{args: "-dry"},
		{args: "plan -- -r x"},
		{env: "CLOUDFLARE_EMAIL=x CLOUDFLARE_API_KEY=x CLOUDFLARE_API_SECRET=x"},
		{env: "API_KEY=x ZONE=example.com", want: "oznu"},
		{env: "API_KEY_FILE=/x ZONE_FILE=/y", want: "oznu"},
		{env: "API_KEY=x"},
		{env: "ZONE=x EMAIL=x SUBDOMAIN=x RRTYPE=A CRON=x INTERFACE=eth0 PROXIED=true"},
		{args: "/etc/x", want: "raindrop"},
		{args: "creds.JSON", want: "raindrop"},
		{args: "creds", files: []string{"creds", credentials}, want: "raindrop"},
		{args: "creds"},
		{args: "plan creds.json", want: "raindrop"},
		{args: "run --config ./homing.yaml"},
		{args: "--config=./homing.yaml"},
		{args: "--config ./homing.yaml", files: []string{"config.json", zones}},
		{args: "--config ./homing.yaml ./creds.json", want: "raindrop"},
		{args: "config show", files: []string{"show", credentials, "config", ""}},
		{args: "-r x/y", want: "dynflare"},
		{args: "-cloudflare-email me/x -r x", want: "dynflare"},
		{env: "IP4_PROVIDER=literal:192.0.2.1", want: "timothymiller"},
		{env: "IP6_PROVIDER=literal:::1", want: "timothymiller"},
		{env: "IP4_PROVIDER=static:192.0.2.1"},
		{env: "REJECT_CLOUDFLARE_IPS=false", want: "timothymiller"},
		{env: "DELETE_ON_FAILURE=true", want: "timothymiller"},
		{env: "CF_DDNS_TOKEN=x", want: "timothymiller"},
		{args: "--repeat", want: "timothymiller"},
		{args: "--dry-run"},
		{files: []string{"config.json", zones}, want: "timothymiller"},
		{files: []string{"config.json", `{"cloudflare": [,]}`}, want: "timothymiller"},
		{files: []string{"config.json", `{"cloudflare": "x"}`}},
		{files: []string{"config.json", `{"name": "some other program"}`}},
		{env: "CONFIG_PATH=/etc/ddns", files: []string{"/etc/ddns/config.json", zones}, want: "timothymiller"},
		{env: "CONFIG_PATH=/etc/ddns/config.json", files: []string{"/etc/ddns/config.json", zones}, want: "timothymiller"},
		{env: "CONFIG_PATH=/etc/ddns", files: []string{"/etc/ddns/config.json", unreadable}, want: "timothymiller"},
		{files: []string{"config.json", unreadable}},
		{env: "CONFIG_PATH=/etc/ddns", files: []string{"/etc/ddns/config.json", ""}, want: "timothymiller"},
		{env: "CONFIG_PATH=/etc/ddns", files: []string{"/etc/ddns/config.json", `{"name": "x"}`}, want: "timothymiller"},
		{env: "CONFIG_PATH=/etc/ddns", want: "timothymiller"},
		{env: "CONFIG_PATH=/etc/ddns DOMAINS=example.com"},
		{env: "CONFIG_PATH=/etc/ddns CLOUDFLARE_API_TOKEN=x"},
		{args: "-p", want: "dynflare"},
		{env: "DOMAINS=stray.example.com", files: []string{"config.json", zones}, want: "timothymiller"},
		{env: "CLOUDFLARE_API_TOKEN=x DOMAINS=example.com", files: []string{"config.json", zones}},
		{files: []string{"config.json", zones, "homing.yaml", "records: [x]"}},
		{files: []string{"config.json", zones, "homing.yaml", "recrods: [x]"}},
		{files: []string{"config.json", zones, "homing.yaml", ""}, want: "timothymiller"},
		{env: "HOST_LIST=a.example.com", files: []string{"config.json", zones}, want: "dyncfdns"},
		{args: "./ddns.json", files: []string{"ddns.json", zones}, want: "timothymiller"},
		{env: "HOMING_DIALECT=homing HOST_LIST=x RECORDS=y"},
		{env: "HOMING_DIALECT=favonia HOST_LIST=x"},
		{env: "HOMING_DIALECT=OZNU HOST_LIST=x RECORDS=y", want: "oznu"},
		{env: "CLOUDFLARE_API_TOKEN=x DOMAINS=example.com PROXIED=sub(example.com)"},
	}
	for _, tt := range tests {
		w := world{env: map[string]string{}, files: map[string]string{}, args: strings.Fields(tt.args)}
		for _, e := range strings.Fields(tt.env) {
			name, text, _ := strings.Cut(e, "=")
			w.env[name] = text
		}
		for i := 0; i < len(tt.files); i += 2 {
			w.files[tt.files[i]] = tt.files[i+1]
		}
		r, err := Read(w.input())
		got := ""
		if r != nil {
			got = r.Name
		}
		if err != nil || got != tt.want {
			t.Errorf("%s %q %q: got %q, %v; want %q", tt.env, tt.args, tt.files, got, err, tt.want)
		}
	}
}

// What homing's own commands take stays for them; what the dialect takes does not.
func TestOnlyWhatTheDialectTakesLeavesTheCommandLine(t *testing.T) {
	tests := []struct{ args, want string }{
		{"-r cloudflare:example.com:A:x -dry=false --json", "--json"},
		{"plan --exit-code -r cloudflare:example.com:A:x -cloudflare-email a -cloudflare-api-key b", "plan --exit-code"},
		{"-h -r cloudflare:example.com:A:x", "--help"},
		{"-unknown -r cloudflare:example.com:A:x", "-unknown"},
		{"plan creds.json --json", "plan --json"},
		{"creds.json --config ./homing.yaml", "--config ./homing.yaml"},
		{"plan --config ./homing.yaml ./creds.json", "plan --config ./homing.yaml"},
		{"--repeat --dry-run --no-color", "--no-color"},
		{"once --repeat", "once"},
	}
	for _, tt := range tests {
		r, err := Read(world{args: strings.Fields(tt.args), files: map[string]string{"creds.json": credentials, "config.json": zones}}.input())
		if err != nil || strings.Join(r.Args, " ") != tt.want {
			t.Errorf("%s: %q is left, %v; want %q", tt.args, r.Args, err, tt.want)
		}
	}
}

func TestAReadingSaysWhetherItIsOneRound(t *testing.T) {
	tests := []struct {
		w    world
		once bool
		dry  bool
	}{
		{world{env: map[string]string{"HOST_LIST": "a.example.com"}}, false, false},
		{world{env: map[string]string{"API_KEY": "x", "ZONE": "example.com"}}, false, false},
		{world{args: []string{"-r", "cloudflare:example.com:A:x", "-dry"}}, true, true},
		{world{args: []string{"-r", "cloudflare:example.com:A:x", "-dry=false"}}, true, false},
		{world{args: []string{"c.json"}, files: map[string]string{"c.json": credentials}}, true, false},
		{world{files: map[string]string{"config.json": zones}}, true, false},
		{world{args: []string{"--repeat", "--dry-run"}, files: map[string]string{"config.json": zones}}, false, true},
		{world{env: map[string]string{"CLOUDFLARE_API_TOKEN": "x", "DELETE_ON_FAILURE": "false", "UPDATE_CRON": "@once"}}, true, false},
		{world{env: map[string]string{"CLOUDFLARE_API_TOKEN": "x", "DELETE_ON_FAILURE": "false"}, args: []string{"--repeat"}}, false, false},
	}
	for _, tt := range tests {
		r, err := Read(tt.w.input())
		if err != nil || r.Once != tt.once || r.DryRun != tt.dry {
			t.Errorf("%v %q: once %t, dry %t, %v", tt.w.env, tt.w.args, r.Once, r.DryRun, err)
		}
		if e, said := r.Draft.Get("schedule.every"); r.Once != (said && e.Text == "@once") {
			t.Errorf("%v %q: the draft says %q", tt.w.env, tt.w.args, e.Text)
		}
	}
}

func TestThePageOfDynCFDNS(t *testing.T) {
	const elsewhere = "/app/config/.config.json"
	tests := []struct {
		port         string // "-": not set
		token        string
		files        map[string]string
		listen, file string
		want         string // the token
	}{
		{port: "-", listen: "0.0.0.0:5000", file: "./config/.config.json"},
		{port: "8080", token: "mine", listen: "0.0.0.0:8080", file: "./config/.config.json", want: "mine"},
		{port: "1", listen: "0.0.0.0:1", file: "./config/.config.json"},
		{port: "0", token: "mine"},
		{port: "-1"},
		{port: ""},
		{port: "-", files: map[string]string{elsewhere: `{"api_token": "kept"}`}, listen: "0.0.0.0:5000", file: elsewhere, want: "kept"},
		{port: "-", files: map[string]string{"/app/config/x": ""}, listen: "0.0.0.0:5000", file: elsewhere},
		{port: "-", token: "mine", files: map[string]string{elsewhere: `{"api_token": "kept"}`}, listen: "0.0.0.0:5000", file: elsewhere, want: "mine"},
		{port: "-", files: map[string]string{elsewhere: `{"api_token": 7}`}, listen: "0.0.0.0:5000", file: elsewhere},
		{port: "-", files: map[string]string{elsewhere: `[]`}, listen: "0.0.0.0:5000"},
		{port: "-", files: map[string]string{elsewhere: `{"api_`}, listen: "0.0.0.0:5000"},
		{port: "-", files: map[string]string{elsewhere: unreadable}, listen: "0.0.0.0:5000"},
	}
	for _, tt := range tests {
		w := world{env: map[string]string{"HOST_LIST": "home.example.com", "CLOUDFLARE_API_TOKEN": "x", "API_PORT": tt.port, "API_TOKEN": tt.token}, files: tt.files}
		if tt.port == "-" {
			delete(w.env, "API_PORT")
		}
		r, err := Read(w.input())
		if err != nil || r.Listen != tt.listen || r.Widget.File != tt.file || r.Widget.Token.Reveal() != tt.want {
			t.Errorf("API_PORT=%s API_TOKEN=%s %v: %q %q %q, %v", tt.port, tt.token, tt.files, r.Listen, r.Widget.File, r.Widget.Token.Reveal(), err)
		}
		if e, _ := r.Draft.Get("serve.listen"); e.Text != cmp.Or(tt.listen, config.Off) {
			t.Errorf("API_PORT=%s: the page is at %q", tt.port, e.Text)
		}
	}
}

func TestAPortThatThereIsNotIsToldOnce(t *testing.T) {
	for _, port := range []string{"70000", "http"} {
		r, err := Read(world{env: map[string]string{"HOST_LIST": "home.example.com", "API_PORT": port}}.input())
		if err != nil {
			t.Fatal(err)
		}
		if e, set := r.Draft.Get("serve.listen"); set || len(r.Draft.Problems) != 1 {
			t.Errorf("API_PORT=%s: %+v, %v", port, e, r.Draft.Problems)
		}
	}
}

// An address alone, as homing's image has it, says where DynCFDNS's port is
// open, and opens none that is closed.
func TestAnAddressAloneKeepsDynCFDNSsPort(t *testing.T) {
	for _, tt := range []struct{ port, listen, want, from string }{
		{"-", "0.0.0.0", "0.0.0.0:5000", "DynCFDNS"},
		{"8080", "0.0.0.0", "0.0.0.0:8080", "API_PORT"},
		{"8080", "::", "[::]:8080", "HOMING_LISTEN"},
		{"8080", "127.0.0.1", "127.0.0.1:8080", "HOMING_LISTEN"},
		{"8080", "127.0.0.1:9000", "127.0.0.1:9000", "HOMING_LISTEN"},
		{"8080", "off", "off", "HOMING_LISTEN"},
		{"8080", "unix:/run/homing", "unix:/run/homing", "HOMING_LISTEN"},
		{"8080", "", "0.0.0.0:8080", "API_PORT"},
		{"0", "0.0.0.0", "off", "API_PORT"},
		{"0", "::", "off", "API_PORT"},
		{"-1", "0.0.0.0", "off", "API_PORT"},
		{"", "0.0.0.0", "off", "API_PORT"},
		{"0", "", "off", "API_PORT"},
		{"0", "0.0.0.0:9000", "0.0.0.0:9000", "HOMING_LISTEN"},
	} {
		w := world{env: map[string]string{"HOST_LIST": "home.example.com", "CLOUDFLARE_API_TOKEN": "x", "API_PORT": tt.port, "HOMING_LISTEN": tt.listen}}
		if tt.port == "-" {
			delete(w.env, "API_PORT")
		}
		r, cfg, err := build(w.input())
		if err != nil || cfg.Serve.Listen != tt.want {
			t.Errorf("API_PORT=%s HOMING_LISTEN=%s: %v, %v", tt.port, tt.listen, cfg, err)
			continue
		}
		if e, said := r.Draft.Get("serve.listen"); !said || e.Origin.Name != tt.from {
			t.Errorf("API_PORT=%s HOMING_LISTEN=%s is said to come from %q", tt.port, tt.listen, e.Origin.Name)
		}
		shown, err := config.Show(&w.input().Input, &r.Draft)
		if err != nil || !strings.Contains(string(shown), fmt.Sprintf("  listen: %q  # %s\n", tt.want, tt.from)) {
			t.Errorf("API_PORT=%s HOMING_LISTEN=%s is shown as\n%s%v", tt.port, tt.listen, shown, err)
		}
		written, err := Migrate(w.input(), "")
		if err != nil {
			t.Fatal(err)
		}
		moved := world{env: map[string]string{"CLOUDFLARE_API_TOKEN": "x"}, files: map[string]string{"homing.yaml": string(written)}}.input().Input
		again, err := config.Load(&moved)
		if err != nil || again.Serve.Listen != tt.want {
			t.Errorf("API_PORT=%s HOMING_LISTEN=%s is migrated to\n%s%v", tt.port, tt.listen, written, err)
		}
	}
}

func TestATokenIsKeptBesideWhatDynCFDNSKeeps(t *testing.T) {
	w := world{env: map[string]string{"HOST_LIST": "home.example.com"}, files: map[string]string{"config/.config.json": `{"previous_ip": "192.0.2.1", "api_token": ""}`}}
	for range 2 {
		r, err := Read(w.input())
		if err != nil {
			t.Fatal(err)
		}
		b, err := r.Widget.Keep(secret.New(`a"b`))
		if err != nil {
			t.Fatal(err)
		}
		var kept map[string]string
		if err := json.Unmarshal(b, &kept); err != nil || len(kept) != 2 || kept["previous_ip"] != "192.0.2.1" || kept["api_token"] != `a"b` {
			t.Fatalf("%s, %v", b, err)
		}
		w.files["config/.config.json"] = string(b)
	}
	if r, err := Read(w.input()); err != nil || r.Widget.Token.Reveal() != `a"b` {
		t.Errorf("it is read back as %q, %v", r.Widget.Token.Reveal(), err)
	}
}

// migrate takes the predecessor and the file from its own command line.
func TestMigrateReadsTheFileItIsGiven(t *testing.T) {
	files := map[string]string{
		"creds.json": credentials, "ddns.json": zones,
		"windows.env": "\ufeffHOST_LIST=home.example.com\r\nAPI_PORT=0\r\n",
		"ddns.env":    "# my line\nexport HOST_LIST='home.example.com'\n\nCLOUDFLARE_API_TOKEN=\"c4n4ry\"\nAPI_PORT=0\n",
	}
	env := map[string]string{"RECORDS": "what is set here", "DOMAINS": "example.org"}
	tests := []struct{ args, from, want string }{
		{"migrate ./ddns.env", "", "name: home.example.com"},
		{"migrate ./windows.env", "", "name: home.example.com"},
		{"migrate creds.json", "", "name: home.example.com"},
		{"migrate ddns.json", "timothymiller", `every: "@once"`},
		{"migrate --repeat ddns.json", "", `every: "@every 300s"`},
		{"migrate", "homing", "- example.org"},
	}
	for _, tt := range tests {
		b, err := Migrate(world{env: env, files: files, args: strings.Fields(tt.args)}.input(), tt.from)
		if err != nil || !strings.Contains(string(b), tt.want) || strings.Contains(string(b), "c4n4ry") {
			t.Errorf("%s --from %q: %s, %v", tt.args, tt.from, b, err)
		}
	}
	files["compose.yaml"] = "services:\n  ddns:\n    environment:\n      - DOMAINS=home.example.com\n"
	for args, want := range map[string]string{"./missing.env": "no such file", "./compose.yaml": "give lines of NAME=value", "": "homing migrate ./.env"} {
		written, err := Migrate(world{files: files, args: append([]string{"migrate"}, strings.Fields(args)...)}.input(), "")
		if _, ok := errors.AsType[config.Problems](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v %s", args, err, written)
		}
	}
}

func TestWhatIsUnreadIsTold(t *testing.T) {
	w := world{env: map[string]string{"HOST_LIST": "home.example.com", "DOMAINS": "x", "UPDATE_CRON": "x", "PROXIED": "true", "TTL": "60"}}
	r, err := Read(w.input())
	if err != nil || !slices.Contains(r.Draft.Notices, "not read, because HOST_LIST is set: DOMAINS, UPDATE_CRON") {
		t.Errorf("%q, %v", r.Draft.Notices, err)
	}
}

// With an email the key is the Global key; else the one with an "@" is the
// email; else the secret is a token.
func TestTheCredentialsOfDynflare(t *testing.T) {
	tests := []struct{ email, key, secret, want string }{
		{"me@x.org", "k", "", "key=k email=me@x.org"},
		{"me@x.org", "k", "s", "key=k email=me@x.org"},
		{"me@x.org", "", "s", "key=s email=me@x.org"},
		{"", "me@x.org", "s", "key=s email=me@x.org"},
		{"", "k", "me@x.org", "key=k email=me@x.org"},
		{"", "k", "s", "token=s"},
		{"", "", "s", "token=s"},
		{"", "k", "", "key=k"},
	}
	for _, tt := range tests {
		w := world{env: map[string]string{"RECORDS": "cloudflare:x.org:A:@", "CLOUDFLARE_EMAIL": tt.email, "CLOUDFLARE_API_KEY": tt.key, "CLOUDFLARE_API_SECRET": tt.secret}}
		r, err := Read(w.input())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range []string{"token", "key", "email"} {
			if e, ok := r.Draft.Get("accounts.default." + name); ok {
				got = append(got, name+"="+e.Text)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
}

func TestWhetherDynCFDNSCreates(t *testing.T) {
	for text, want := range map[string]string{"": "never", "true": "always", "YES": "always", "1 # one": "always", "false": "never", "No": "never", "0": "never"} {
		r, err := Read(world{env: map[string]string{"HOST_LIST": "home.example.com", "ALLOW_CREATE_HOSTS": text}}.input())
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := r.Draft.Get("record_defaults.create"); !ok || e.Text != want {
			t.Errorf("ALLOW_CREATE_HOSTS=%s: %q, want %s", text, e.Text, want)
		}
	}
}

// Its image passes --repeat by its entrypoint, and homing's has no arguments.
func TestTheImageRepeatsWithAConfigJSON(t *testing.T) {
	for _, tt := range []struct {
		container, args string
		once            bool
		every           string
	}{
		{"", "", true, "@once"},
		{"", "--repeat", false, "@every 300s"},
		{"1", "", false, "@every 300s"},
		{"1", "--repeat", false, "@every 300s"},
		{"1", "--dry-run", false, "@every 300s"},
		{"1", "config show", false, "@every 300s"},
		{"1", "once", true, "@once"},
	} {
		w := world{env: map[string]string{"HOMING_CONTAINER": tt.container}, files: map[string]string{"config.json": zones}, args: strings.Fields(tt.args)}
		r, cfg, err := build(w.input())
		if err != nil || r.Once != tt.once || cfg.Schedule.String() != tt.every {
			t.Errorf("HOMING_CONTAINER=%s homing %s: %+v, %v", tt.container, tt.args, cfg, err)
		}
	}
	// names without a token are no config.json that is missing
	_, err := Read(world{env: map[string]string{"HOMING_CONTAINER": "1", "DOMAINS": "home.example.com", "REJECT_CLOUDFLARE_IPS": "true"}}.input())
	if err != nil {
		t.Error(err)
	}
}
