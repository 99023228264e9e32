//go:build check

package rfc2136

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider/providertest"
)

// realServer is a BIND, Knot DNS or PowerDNS on loopback, and a way into it that
// shares no code with the provider: nsupdate and dig.
type realServer struct {
	name, port string
	plainAXFR  bool // transfers go unsigned
	log        *lockedLog
}

// lockedLog is what a server says.
type lockedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// realServers start each server, from Debian's packages, or fail.
func realServers() map[string]func(t *testing.T) *realServer {
	return map[string]func(t *testing.T) *realServer{"BIND": startBIND, "Knot": startKnot, "PowerDNS": startPowerDNS}
}

func (r *realServer) address() string { return "127.0.0.1:" + r.port }

func secretOf() string { return testKey().Secret.Reveal() }

// freePort is one that nobody uses at the moment.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, stdin string, command ...string) string {
	t.Helper()
	c := exec.Command(command[0], command[1:]...)
	c.Stdin = strings.NewReader(stdin)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s\n%s", command, err, out, stdin)
	}
	return string(out)
}

// start runs a server until the test is over, and waits until it answers.
func (r *realServer) start(t *testing.T, command ...string) *realServer {
	t.Helper()
	r.log = &lockedLog{}
	c := exec.Command(command[0], command[1:]...)
	c.Stdout, c.Stderr = r.log, r.log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	for until := time.Now().Add(20 * time.Second); ; {
		p := r.provider(t)
		placed, _, err := p.Zones(t.Context(), []dns.Name{name(t, "example.org"), name(t, "sub.example.org")})
		if err == nil && len(placed) == 2 {
			return r
		}
		if time.Now().After(until) {
			t.Fatalf("%s does not answer: %v\n%s", r.name, err, r.log)
		}
		time.Sleep(20 * time.Millisecond) // another process
	}
}

func (r *realServer) provider(t *testing.T, edit ...func(*Config)) *Provider {
	t.Helper()
	c := Config{Servers: []string{r.address()}, Key: testKey(), Dial: (&net.Dialer{}).DialContext}
	for _, e := range edit {
		e(&c)
	}
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const zoneFile = `$TTL 300
@ IN SOA ns.example.net. admin.example.net. 1 3600 600 86400 60
@ IN NS ns.example.net.
`

func startBIND(t *testing.T) *realServer {
	dir, r := t.TempDir(), &realServer{name: "BIND", port: freePort(t)}
	zones := ""
	for _, z := range []string{"example.org", "sub.example.org"} {
		write(t, filepath.Join(dir, z), zoneFile)
		zones += fmt.Sprintf(`zone %q { type primary; file %q; notify no; allow-transfer { key homing; };
  update-policy { deny homing name denied.example.org; grant homing zonesub ANY; }; };
`, z, z)
	}
	write(t, filepath.Join(dir, "named.conf"), fmt.Sprintf(`key "homing" { algorithm hmac-sha256; secret %q; };
options { directory %q; listen-on port %s { 127.0.0.1; }; listen-on-v6 { none; }; pid-file "pid"; session-keyfile "session.key";
  managed-keys-directory %q; recursion no; dnssec-validation no; };
controls { };
%s`, secretOf(), dir, r.port, dir, zones))
	// AppArmor keeps named out of such a folder, but not a copy of it.
	b, err := os.ReadFile("/usr/sbin/named")
	if err != nil {
		t.Fatalf("%v: make needs installs it", err)
	}
	named := filepath.Join(dir, "named")
	if err := os.WriteFile(named, b, 0o700); err != nil {
		t.Fatal(err)
	}
	return r.start(t, named, "-g", "-c", filepath.Join(dir, "named.conf"))
}

func startKnot(t *testing.T) *realServer {
	dir, r := t.TempDir(), &realServer{name: "Knot", port: freePort(t)}
	zones := ""
	for _, z := range []string{"example.org", "sub.example.org"} {
		write(t, filepath.Join(dir, z), zoneFile)
		zones += fmt.Sprintf("  - domain: %s\n    file: %s\n    acl: upd\n", z, z)
	}
	write(t, filepath.Join(dir, "knot.conf"), fmt.Sprintf(`server:
  rundir: %q
  listen: 127.0.0.1@%s
database:
  storage: %q
log:
  - target: stderr
    any: info
key:
  - id: homing
    algorithm: hmac-sha256
    secret: %s
acl:
  - id: upd
    key: homing
    action: [update, transfer]
template:
  - id: default
    storage: %q
    zonefile-sync: -1
    zonefile-load: difference
    journal-content: all
zone:
%s`, dir, r.port, dir, secretOf(), dir, zones))
	return r.start(t, "/usr/sbin/knotd", "-c", filepath.Join(dir, "knot.conf"))
}

func startPowerDNS(t *testing.T) *realServer {
	dir, r := t.TempDir(), &realServer{name: "PowerDNS", port: freePort(t), plainAXFR: true}
	schema, err := os.ReadFile("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")
	if err != nil {
		t.Fatalf("%v: make needs installs it", err)
	}
	run(t, string(schema), "sqlite3", filepath.Join(dir, "db"))
	write(t, filepath.Join(dir, "pdns.conf"), fmt.Sprintf(`launch=gsqlite3
gsqlite3-database=%s/db
gsqlite3-pragma-synchronous=0
local-address=127.0.0.1
local-port=%s
socket-dir=%s
dnsupdate=yes
allow-dnsupdate-from=127.0.0.0/8
guardian=no
daemon=no
`, dir, r.port, dir))
	util := func(args ...string) { run(t, "", append([]string{"pdnsutil", "--config-dir=" + dir}, args...)...) }
	util("import-tsig-key", "homing", "hmac-sha256", secretOf())
	for _, z := range []string{"example.org", "sub.example.org"} {
		write(t, filepath.Join(dir, z), "$ORIGIN "+z+".\n"+zoneFile)
		util("load-zone", z, filepath.Join(dir, z))
		util("set-meta", z, "TSIG-ALLOW-DNSUPDATE", "homing")
	}
	return r.start(t, "/usr/sbin/pdns_server", "--config-dir="+dir)
}

// nsupdate changes the server as somebody else would.
func (r *realServer) nsupdate(t *testing.T, lines ...string) {
	t.Helper()
	if len(lines) > 0 {
		run(t, "server 127.0.0.1 "+r.port+"\n"+strings.Join(lines, "\n")+"\nsend\n", "nsupdate", "-v", "-y", "hmac-sha256:homing:"+secretOf())
	}
}

func (r *realServer) seed(t *testing.T, records ...dns.Record) {
	t.Helper()
	var lines []string
	for _, rec := range records {
		content := rec.Content()
		if rec.Type == dns.CNAME || rec.Type == dns.NS {
			content += "."
		}
		lines = append(lines, fmt.Sprintf("update add %s. %d %s %s", rec.Name, rec.TTL, rec.Type, content))
	}
	r.nsupdate(t, lines...)
}

// transfer is the whole of a zone, but for its SOA and its own NS.
func (r *realServer) transfer(t *testing.T, zone string) (records []dns.Record) {
	t.Helper()
	args := []string{"dig", "@127.0.0.1", "-p", r.port, zone, "AXFR", "+noall", "+answer", "+onesoa"}
	if !r.plainAXFR {
		args = append(args, "-y", "hmac-sha256:homing:"+secretOf())
	}
	for line := range strings.Lines(run(t, "", args...)) {
		f := strings.Fields(line)
		if len(f) < 5 || strings.HasPrefix(line, ";") || f[3] == "SOA" || f[3] == "NS" && f[0] == zone+"." {
			continue
		}
		ttl, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		rec := dns.Record{Name: name(t, strings.TrimSuffix(f[0], ".")), Type: dns.Type(f[3]), TTL: ttl, Text: strings.TrimSuffix(strings.Join(f[4:], " "), ".")}
		if rec.Type.IsAddress() {
			rec.Addr, rec.Text = netip.MustParseAddr(f[4]), ""
		}
		if _, text, ok := strings.Cut(line, "TXT"); ok && rec.Type == dns.TXT { // blanks count
			rec.Text = dns.ParseTXT(strings.TrimSpace(text)).Text
		}
		records = append(records, rec)
	}
	return records
}

// clear empties the zones.
func (r *realServer) clear(t *testing.T) {
	t.Helper()
	for _, zone := range []string{"example.org", "sub.example.org"} {
		var lines []string
		for _, rec := range r.transfer(t, zone) {
			if line := fmt.Sprintf("update delete %s. %s", rec.Name, rec.Type); !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
		if len(lines) > 0 {
			r.nsupdate(t, append([]string{"zone " + zone}, lines...)...)
		}
	}
}

func TestContractOfRealServers(t *testing.T) {
	for kind, start := range realServers() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			providertest.Run(t, func(t *testing.T) providertest.Subject {
				r.clear(t)
				return providertest.Subject{
					Provider: r.provider(t), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 40, Sets: true, Served: true,
					Seed: func(t *testing.T, records ...dns.Record) { r.seed(t, records...) },
					Stored: func(t *testing.T, n dns.Name) []dns.Record {
						zone := "example.org"
						if n.IsWithin(name(t, "sub.example.org")) {
							zone = "sub.example.org"
						}
						return slices.DeleteFunc(r.transfer(t, zone), func(rec dns.Record) bool { return rec.Name != n })
					},
				}
			})
			if t.Failed() {
				t.Log(r.log)
			}
		})
	}
}
