//go:build check

package powerdns

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/providertest"
)

const schema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"

// server starts Debian's PowerDNS on loopback, with a folder and a database of
// its own, and gives the address of its API.
func server(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	tables, err := os.ReadFile(schema)
	if err != nil {
		t.Fatalf("make needs installs it: %v", err)
	}
	sql := exec.Command("sqlite3", filepath.Join(folder, "zones"))
	sql.Stdin = strings.NewReader("PRAGMA synchronous=OFF;\n" + string(tables))
	if out, err := sql.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	api, port := free(t), free(t)
	settings := fmt.Sprintf("launch=gsqlite3\ngsqlite3-database=%s\ngsqlite3-pragma-synchronous=0\nlocal-address=127.0.0.1\nlocal-port=%d\nwebserver=yes\napi=yes\napi-key=%s\n"+
		"webserver-address=127.0.0.1\nwebserver-port=%d\nsocket-dir=%s\ndaemon=no\nguardian=no\nsecurity-poll-suffix=\n", filepath.Join(folder, "zones"), port, theKey, api, folder)
	if err := os.WriteFile(filepath.Join(folder, "pdns.conf"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	path := "/usr/sbin/pdns_server"
	cmd := exec.Command(path, "--config-dir="+folder)
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatalf("make needs installs it: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		_ = log.Close()
		if said, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("PowerDNS says:\n%.3000s", said)
		}
	})
	base := fmt.Sprintf("http://127.0.0.1:%d", api)
	answered(t, base)
	return base
}

// free is a port that nobody uses.
func free(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// answered waits until something answers.
func answered(t *testing.T, base string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if resp, err := http.Get(base); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			return
		}
		<-tick.C
	}
	t.Fatal("PowerDNS does not answer")
}

// fresh makes zones anew.
func fresh(t *testing.T, base string, zones ...string) {
	t.Helper()
	for _, z := range zones {
		r, _ := http.NewRequest(http.MethodDelete, base+"/api/v1/servers/localhost/zones/"+z, nil)
		r.Header.Set("X-API-Key", theKey)
		if resp, err := http.DefaultClient.Do(r); err == nil {
			resp.Body.Close()
		}
		door{base: base}.call(t, http.MethodPost, "", map[string]any{"name": z, "kind": "Native", "nameservers": []string{"ns1.example.net."}})
	}
}

func TestTheContractAtTheRealServer(t *testing.T) {
	base := server(t)
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		fresh(t, base, "example.org.", "sub.example.org.")
		s := subject(t, base, base)
		seen := &watched{next: s.Provider.(*Provider).api.HTTP.Transport}
		s.Provider.(*Provider).api.HTTP.Transport = seen
		s.Trace = func(*testing.T) []string { return perSet(seen.take()) }
		return s
	})
}

func TestWhatASetHoldsBesideStaysAtTheRealServer(t *testing.T) {
	base := server(t)
	fresh(t, base, "example.org.")
	keepsTheSet(t, base, door{base, "example.org."})
}

func TestARefusalOfTheRealServerIsSaidInWords(t *testing.T) {
	base := server(t)
	fresh(t, base, "example.org.")
	zone := provider.Zone{ID: "example.net.", Name: name(t, "example.net"), Limits: Limits()}
	p := reaching(t, base)
	_, err := p.Records(t.Context(), zone, nil)
	if want := "read the zone example.net: PowerDNS has no such zone (HTTP 404)"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	door{base, "example.org."}.put(t, rrset{Name: "a.example.org.", Type: "CNAME", TTL: 300, Values: []value{{Content: "example.net."}}})
	r := at(t, p, plan.ToCreate, dns.Record{}, a(t, "a.example.org", "192.0.2.1"))
	if want := "create A a.example.org: another record at this name leaves no room for it (PowerDNS says RRset a.example.org. IN A: Conflicts with pre-existing RRset; HTTP 422)"; r.Errs[0] == nil || r.Errs[0].Error() != want {
		t.Errorf("%v, want %s", r.Errs[0], want)
	}
	stranger := reaching(t, base)
	stranger.api.Authorize = func(r *http.Request) { r.Header.Set("X-API-Key", "another") }
	_, _, err = stranger.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
	if want := "list the zones: PowerDNS refused the API key (HTTP 401)"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
