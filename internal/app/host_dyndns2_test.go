package app

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/dyndns2/dyntest"
)

// nameServersOf is a network of name servers, those of the system among them.
func nameServersOf(s *dyntest.Server) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		l, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		go func() {
			defer l.Close()
			buf := make([]byte, 2048)
			n, from, err := l.ReadFrom(buf)
			if err == nil {
				_, _ = l.WriteTo(s.AnswerDNS(0, buf[:n]), from)
			}
		}()
		return net.Dial("udp", l.LocalAddr().String())
	}
}

// sent is what an account with these settings sends for a name, and what comes of it.
func sent(t *testing.T, settings, record string, h *httptest.Server, seen *string) (string, *provider.Error) {
	t.Helper()
	text := strings.NewReplacer("$URL", h.URL).Replace(fmt.Sprintf("accounts: {x: {provider: dyndns2, %s}}\nrecords: [{%s, account: x}]", settings, record))
	cfg, err := config.Load(&config.Input{Catalogue: Catalogue(), ReadFile: func(path string) ([]byte, error) {
		switch {
		case path == "homing.yaml":
			return []byte(text), nil
		case filepath.IsAbs(path):
			return os.ReadFile(path)
		}
		return nil, fs.ErrNotExist
	}})
	if err != nil {
		t.Fatalf("%s: %v", settings, err)
	}
	w := network("homing/1.2.3")
	s := dyntest.New("url", "", "", "example.org", "sub.example.org")
	w.dns = nameServersOf(s)
	a, err := Assemble(cfg, config.ForRecords, w)
	if err != nil {
		t.Fatalf("%s: %v", settings, err)
	}
	p, names := a.Accounts[0].Provider, a.Accounts[0].Spec.Names()
	placed, unplaced, err := p.Zones(t.Context(), names)
	if err != nil || len(placed) != 1 {
		t.Fatal(unplaced, err)
	}
	to := dns.Record{Name: names[0], Type: dns.A, Addr: netip.MustParseAddr("192.0.2.9"), TTL: dns.AutoTTL}
	*seen = ""
	r := p.Apply(t.Context(), placed[0].Zone, []plan.Set{{Key: to.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: to}}}})
	return *seen, r[0].Errs[0]
}

// Whatever can be set about an account shows in what is sent, or in what is made of
// the answer.
func TestEachSettingOfAnUpdateAddressCounts(t *testing.T) {
	var seen string
	answers := "good 192.0.2.9"
	note := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		seen += fmt.Sprintf("%s %s %s:%s %s %q %s\n", r.Method, r.RequestURI, user, password, r.Header.Get("X-Key"), body, r.UserAgent())
		fmt.Fprint(w, answers)
	}
	h, far := httptest.NewServer(http.HandlerFunc(note)), httptest.NewTLSServer(http.HandlerFunc(note))
	defer h.Close()
	defer far.Close()
	secrets := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secrets, []byte("from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const agent = ` "" homing-dns homing/linux-1.2.3 homing-dns@users.noreply.github.com`
	name := "name: me.example.org"
	for _, tt := range []struct{ settings, record, want string }{
		{`service: no-ip, username: me, password: x, base_url: "$URL"`, name, `GET /nic/update?hostname=me.example.org&myip=192.0.2.9 me:x ` + agent},
		{`service: ovh, username: me, password: x, base_url: "$URL"`, name, `GET /nic/update?system=dyndns&hostname=me.example.org&myip=192.0.2.9 me:x ` + agent},
		{`service: no-ip, username: you, password: x, base_url: "$URL"`, name, `GET /nic/update?hostname=me.example.org&myip=192.0.2.9 you:x ` + agent},
		{`service: no-ip, username: me, password: y, base_url: "$URL/elsewhere"`, name, `GET /elsewhere/nic/update?hostname=me.example.org&myip=192.0.2.9 me:y ` + agent},
		{`service: no-ip, username: me, password_file: ` + secrets + `, base_url: "$URL"`, name, `GET /nic/update?hostname=me.example.org&myip=192.0.2.9 me:from-a-file ` + agent},
		{`service: duckdns, token: t, base_url: "$URL"`, name, `GET /update?domains=me.example.org&token=t&ip=192.0.2.9&verbose=true : ` + agent},
		{`service: duckdns, token_file: ` + secrets + `, base_url: "$URL"`, name, `GET /update?domains=me.example.org&token=from-a-file&ip=192.0.2.9&verbose=true : ` + agent},
		{`service: namecheap, token: t, base_url: "$URL"`, "name: a.sub.example.org", `GET /update?host=a&domain=sub.example.org&password=t&ip=192.0.2.9 : ` + agent},
		{`service: namecheap, token: t, base_url: "$URL"`, "name: a.sub.example.org, zone: example.org", `GET /update?host=a.sub&domain=example.org&password=t&ip=192.0.2.9 : ` + agent},
		{`service: namecheap, token: t, base_url: "$URL"`, "name: a.sub.example.org, zone_id: example.org", `GET /update?host=a.sub&domain=example.org&password=t&ip=192.0.2.9 : ` + agent},
		{`service: namecheap, token: t, base_url: "$URL"`, "name: example.org", `GET /update?host=@&domain=example.org&password=t&ip=192.0.2.9 : ` + agent},
		{`service: url, url: "$URL/up?h={name}&ip={ipv4}&ip6={ipv6}"`, name, `GET /up?h=me.example.org&ip=192.0.2.9&ip6= : ` + agent},
		{`service: url, url: "$URL/{name}/{ipv4}", method: post, body: '{"ip": "{ipv4}"}', headers: "X-Key: of {name}"`, name,
			`POST /me.example.org/192.0.2.9 : of me.example.org "{\"ip\": \"192.0.2.9\"}" homing-dns homing/linux-1.2.3 homing-dns@users.noreply.github.com`},
		{`service: url, url: "$URL/up?ip={ipv4}", body_file: ` + secrets + `, method: PUT, username: me, password: x`, name,
			`PUT /up?ip=192.0.2.9 me:x  "from-a-file" homing-dns homing/linux-1.2.3 homing-dns@users.noreply.github.com`},
	} {
		got, err := sent(t, tt.settings, tt.record, h, &seen)
		if got != tt.want+"\n" {
			t.Errorf("%s\nsent %s\nwant %s", tt.settings, got, tt.want)
		}
		if err != nil && !strings.Contains(tt.settings, "duckdns") && !strings.Contains(tt.settings, "namecheap") { // those say good in other words
			t.Errorf("%s: %v", tt.settings, err)
		}
	}
	const byURL = `service: url, url: "$URL/up?ip={ipv4}"`
	for _, tt := range []struct {
		settings, answer string
		want             provider.Kind
		done             bool
	}{
		{byURL, "good", 0, true}, {byURL, "ok", provider.Unconfirmed, false}, {byURL + `, good: "^ok"`, "ok, done", 0, true}, {byURL + `, good: "^ok"`, "not ok", provider.Unconfirmed, false},
		{byURL + `, good: "^ok"`, "good", provider.Unconfirmed, false}, {byURL + `, good: "^ok", bad: "full"`, "ok, but full", provider.Rejected, false}, {byURL + `, good: "^ok"`, "badauth", provider.Auth, false},
		{byURL + `, good: "^ok"`, "911", provider.Throttled, false},
	} {
		answers = tt.answer
		if _, err := sent(t, tt.settings, name, h, &seen); (err == nil) != tt.done || err != nil && err.Kind != tt.want {
			t.Errorf("%s, answered %q: %v", tt.settings, tt.answer, err)
		}
	}
	answers = "good"
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: far.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for more, want := range map[string]string{"": "who answers cannot prove to be", ", ca_file: " + ca: ""} {
		for _, settings := range []string{`service: no-ip, username: me, password: x, base_url: "$URL"`, byURL} {
			_, err := sent(t, settings+more, name, far, &seen)
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s%s: %v", settings, more, err)
			}
			if err != nil && !strings.Contains(string(err.Hint), "{accounts.ca_file}") {
				t.Errorf("%s: %s", settings, err.Hint)
			}
		}
	}
}

// What a service refused stays refused when the settings are read again, and a
// credential that was changed is tried.
func TestWhatWasRefusedStaysSoOverAReload(t *testing.T) {
	s := dyntest.New("no-ip", "me", "right", "example.org")
	s.Join("me.example.org")
	h := httptest.NewServer(s)
	defer h.Close()
	table := hosts()
	try := func(password string) *provider.Error {
		text := fmt.Sprintf("accounts: {x: {provider: dyndns2, service: no-ip, username: me, password: %s, base_url: %q}}\nrecords: [{name: me.example.org, account: x}]", password, h.URL)
		cfg, err := config.Load(&config.Input{Catalogue: Catalogue(), ReadFile: func(path string) ([]byte, error) {
			if path == "homing.yaml" {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		}})
		if err != nil {
			t.Fatal(err)
		}
		w := network("homing/1.2.3")
		w.dns, w.hosts = nameServersOf(s), table
		a, err := Assemble(cfg, config.ForRecords, w)
		if err != nil {
			t.Fatal(err)
		}
		n := a.Accounts[0].Spec.Names()[0]
		placed, _, err := a.Accounts[0].Provider.Zones(t.Context(), []dns.Name{n})
		if err != nil {
			t.Fatal(err)
		}
		to := dns.Record{Name: n, Type: dns.A, Addr: netip.MustParseAddr("192.0.2.9"), TTL: dns.AutoTTL}
		return a.Accounts[0].Provider.Apply(t.Context(), placed[0].Zone, []plan.Set{{Key: to.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: to}}}})[0].Errs[0]
	}
	for range 3 {
		if err := try("wrong"); err == nil || err.Kind != provider.Auth || len(s.Calls()) != 1 {
			t.Errorf("%v, %d requests", err, len(s.Calls()))
		}
	}
	s.Say("", "") // the service forgives
	if err := try("right"); err != nil {
		t.Error(err)
	}
	if b := s.Broken(); len(b) > 0 {
		t.Error(b)
	}
}
