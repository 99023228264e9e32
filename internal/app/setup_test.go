package app

import (
	"errors"
	"io/fs"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/digitalocean/digitaloceantest"
	"github.com/homing-dns/homing/internal/sim"
)

const setupToken = "0123456789canary0123456789canary01234567"

// beginning is a machine on which nothing is set, and a Cloudflare with a zone.
func beginning(t *testing.T, token sim.Token) (*house, *Setup, *sim.Cloudflare) {
	t.Helper()
	cloud := sim.NewCloudflare()
	cloud.AddToken(token)
	cloud.AddZone(sim.Zone{Name: "example.org"})
	net, err := sim.Loopback(sim.NewHome(netip.MustParseAddr("84.1.2.3"), netip.MustParseAddr("2a02:8070::7")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(net.Close)
	net.Handle("/client/v4/", cloud)
	h := newHouse(t, "", "CLOUDFLARE_BASE_URL", net.URL()+"/client/v4", "IP4_PROVIDER", "url:"+net.URL()+"/ip", "IP6_PROVIDER", "none")
	return h, h.settings.Setup(filepath.Join(h.folder, "new", "homing.yaml")), cloud
}

func answered(token string, names ...string) SetupAnswers {
	return SetupAnswers{Host: "cloudflare", Account: map[string]string{"token": token}, Names: names}
}

func TestSetupGoesFromNothingToAPlanAndWritesItAtTheEnd(t *testing.T) {
	h, u, _ := beginning(t, sim.Token{Value: setupToken})
	a := answered(setupToken, "home.example.org", "www.example.org")
	sees, err := u.Account(t.Context(), a)
	if err != nil || !sees.Listed || len(sees.Zones) != 1 || sees.Zones[0].Name.String() != "example.org" || sees.Below() != "home.example.org" {
		t.Fatalf("%+v, %v", sees, err)
	}
	families, err := u.Families(t.Context())
	if err != nil || len(families) != 1 || !families[0].Here || !families[0].Seen.Known() {
		t.Fatalf("%+v, %v", families, err)
	}
	names, err := u.Names(t.Context(), a)
	if err != nil || len(names) != 2 || names[1].Zone.String() != "example.org" || names[1].Text != "" {
		t.Fatalf("%+v, %v", names, err)
	}
	a.Families, a.Every, a.Listen, a.Edit = []addr.Family{addr.IPv4}, "10m", "off", true
	m, err := u.Make(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	const want = `# Every setting: homing help settings. What would change: homing plan.

# Where your records are. The secret is in a file beside this one.
accounts:
  default:
    provider: cloudflare
    token_file: cloudflare_api_token

# The names that point here.
records:
  - home.example.org
  - www.example.org

# How the address is learnt; a family with none is left alone.
detect:
  ipv6:
    sources: none

# When to look whether the address changed.
schedule:
  every: "@every 10m"

# The page, which shows what is published and why.
serve:
  listen: "off"
  edit: true
`
	if string(m.YAML) != want {
		t.Errorf("got\n%s\nwant\n%s", m.YAML, want)
	}
	r, err := m.Plan(t.Context())
	if err != nil || r.Pending() != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := os.Stat(m.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it was written too early: %v", err)
	}
	if err := m.Save(false); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(filepath.Dir(m.Path), "cloudflare_api_token")
	if h.read(m.Path) != want || h.read(file) != setupToken+"\n" {
		t.Error("something else was written")
	}
	for _, path := range []string{m.Path, file} {
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
	h.settings.Path = m.Path
	if cfg, err := h.settings.Load(t.Context(), config.ForRecords); err != nil || len(cfg.Names()) != 2 {
		t.Errorf("a start reads %+v, %v", cfg, err)
	}
}

func TestSetupOverwritesNothingUnlessItIsTold(t *testing.T) {
	h, u, _ := beginning(t, sim.Token{Value: setupToken})
	a := answered(setupToken, "home.example.org")
	for _, there := range []string{"homing.yaml", "cloudflare_api_token"} {
		u.Path = filepath.Join(h.folder, "of-"+there, "homing.yaml")
		theirs := filepath.Join(filepath.Dir(u.Path), there)
		if err := os.MkdirAll(filepath.Dir(theirs), 0o700); err != nil {
			t.Fatal(err)
		}
		h.write("of-"+there+"/"+there, "theirs")
		m, err := u.Make(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Save(false); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), theirs) {
			t.Errorf("%s: %v", there, err)
		}
		if all, err := os.ReadDir(filepath.Dir(theirs)); err != nil || len(all) != 1 || h.read(theirs) != "theirs" {
			t.Errorf("%s: %v, %v", there, all, err)
		}
		if err := m.Save(true); err != nil || h.read(theirs+".bak") != "theirs" || h.read(m.Path) != string(m.YAML) {
			t.Errorf("%s: %v", there, err)
		}
	}
}

func TestSetupThatFailsLeavesNothingBehind(t *testing.T) {
	h, u, _ := beginning(t, sim.Token{Value: setupToken})
	u.Path = filepath.Join(h.folder, "homing.yaml")
	if err := os.Mkdir(u.Path, 0o700); err != nil { // which nothing can replace
		t.Fatal(err)
	}
	h.write("cloudflare_api_token", "theirs")
	m, err := u.Make(t.Context(), answered(setupToken, "home.example.org"))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Save(true); err == nil || h.read(filepath.Join(h.folder, "cloudflare_api_token")) != "theirs" {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(h.folder, "cloudflare_api_token.bak")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// Whatever is wrong is said at once, at its setting and with its cure, and no
// secret is in it.
func TestSetupSaysWhatIsWrongWithAnAnswer(t *testing.T) {
	h, u, _ := beginning(t, sim.Token{Value: setupToken})
	const wrongToken = "9999999999canary9999999999canary99999999"
	_, err := u.Account(t.Context(), answered(wrongToken))
	bad, ok := errors.AsType[*provider.Error](err)
	if !ok || bad.Kind != provider.Auth || bad.Hint == "" || strings.Contains(err.Error(), "canary") {
		t.Errorf("a wrong token: %v", err)
	}
	for _, c := range []struct {
		path string
		a    SetupAnswers
	}{
		{"accounts.default.provider", SetupAnswers{Host: "nobody", Names: []string{"home.example.org"}}},
		{"accounts.default.token", SetupAnswers{}},
		{"accounts.default.token", answered("two words canary")},
		{"accounts.default.colour", SetupAnswers{Account: map[string]string{"token": setupToken, "colour": "red"}}},
		{"records[0].name", answered(setupToken)},
		{"records[0].name", answered(setupToken, "not a name")},
		{"schedule.every", SetupAnswers{Account: map[string]string{"token": setupToken}, Names: []string{"home.example.org"}, Every: "often"}},
		{"serve.listen", SetupAnswers{Account: map[string]string{"token": setupToken}, Names: []string{"home.example.org"}, Listen: "nowhere"}},
	} {
		var err error
		if strings.HasPrefix(c.path, "accounts.") {
			_, err = u.Account(t.Context(), c.a)
		} else {
			_, err = u.Make(t.Context(), c.a)
		}
		problems, ok := errors.AsType[config.Problems](err)
		if !ok || problems[0].Path() != c.path || problems[0].Reason == "" || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", c.path, err)
		}
	}
	names, err := u.Names(t.Context(), answered(setupToken, "home.example.org", "home.elsewhere.net"))
	if err != nil || names[0].Text != "" || names[1].Text == "" || names[1].Hint == "" {
		t.Errorf("a name elsewhere: %+v, %v", names, err)
	}
	if all, err := os.ReadDir(h.folder); err != nil || len(all) != 1 { // the key of the house
		t.Errorf("something was written: %v, %v", all, err)
	}
}

func TestSetupTellsOfACredentialThatMayOnlyRead(t *testing.T) {
	_, u, _ := beginning(t, sim.Token{Value: setupToken, Zones: map[string]sim.Access{"example.org": sim.ReadDNS}})
	sees, err := u.Account(t.Context(), answered(setupToken))
	if err != nil || len(sees.Warnings) != 1 || !strings.Contains(sees.Warnings[0].Text, "not change") || sees.Warnings[0].Hint == "" || sees.Below() != "" {
		t.Errorf("%+v, %v", sees, err)
	}
}

func TestSetupAsksAnotherHost(t *testing.T) {
	h, u, _ := beginning(t, sim.Token{Value: setupToken})
	ocean := digitaloceantest.New("canary-ocean", "example.net")
	s := httptest.NewServer(ocean)
	defer s.Close()
	a := SetupAnswers{Host: "digitalocean", Account: map[string]string{"token": "canary-wrong", "base_url": s.URL}, Names: []string{"home.example.net"}}
	if _, err := u.Account(t.Context(), a); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v", err)
	}
	a.Account["token"] = "canary-ocean"
	if sees, err := u.Account(t.Context(), a); err != nil || sees.Below() != "home.example.net" {
		t.Errorf("%+v, %v", sees, err)
	}
	m, err := u.Make(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Save(false); err != nil || h.read(filepath.Join(filepath.Dir(u.Path), "digitalocean_token")) != "canary-ocean\n" || strings.Contains(string(m.YAML), "canary") {
		t.Errorf("%v\n%s", err, m.YAML)
	}
	if r, err := m.Plan(t.Context()); err != nil || r.Pending() != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// The unit finds secrets by their names, and whoever it runs as reads homing.yaml.
func TestSetupOfAServiceLeavesItsSecretsToSystemd(t *testing.T) {
	h, u, _ := beginning(t, sim.Token{Value: setupToken})
	u.Service = true
	m, err := u.Make(t.Context(), answered(setupToken, "home.example.org"))
	if err != nil || strings.Contains(string(m.YAML), "token_file") || !strings.Contains(string(m.YAML), "cloudflare_api_token beside this file") {
		t.Fatalf("%v\n%s", err, m.YAML)
	}
	if over := m.Overriding(); len(over) != 4 { // the house sets them
		t.Errorf("%q", over)
	}
	if err := m.Save(false); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(u.Path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info, err)
	}
	h.settings.Path = u.Path
	if _, err := h.settings.Load(t.Context(), config.ForRecords); err == nil {
		t.Error("it is whole without its credential")
	}
	h.env["CREDENTIALS_DIRECTORY"] = filepath.Dir(u.Path)
	if _, err := h.settings.Load(t.Context(), config.ForRecords); err != nil {
		t.Error(err)
	}
	u.Path = filepath.Join(h.folder, "dyn", "homing.yaml")
	delete(h.env, "CREDENTIALS_DIRECTORY")
	m, err = u.Make(t.Context(), SetupAnswers{Host: "dyndns2", Account: map[string]string{"service": "duckdns", "token": "canary"}, Names: []string{"home.duckdns.org"}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(m.YAML), "token_file: /run/credentials/homing.service/dyndns2_token") {
		t.Errorf("%v\n%s", err, m.YAML)
	}
}

// Each host is asked for what is enough for its checks, and says where that comes from.
func TestEachHostIsAskedForEnough(t *testing.T) {
	for _, h := range SetupHosts() {
		if h.Get == "" || len(h.Asks) == 0 {
			t.Errorf("%s: %+v", h.Provider, h)
		}
		if h.Link != "" && !strings.Contains(h.Get, strings.TrimPrefix(h.Link, "https://")) {
			t.Errorf("%s: %s is not in %q", h.Provider, h.Link, h.Get)
		}
		for _, ask := range h.Asks {
			if ask.Key == "" || ask.Doc == "" {
				t.Errorf("%s: %+v", h.Provider, ask)
			}
		}
	}
	for service, want := range map[string]string{"duckdns": "service token", "no-ip": "service username password", "url": "service url", "": "service"} {
		var got []string
		for _, ask := range SetupAsks("dyndns2", map[string]string{"service": service}) {
			got = append(got, ask.Key)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q asks for %q", service, got)
		}
	}
}
