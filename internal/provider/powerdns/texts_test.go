package powerdns

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

func TestWhatIsWrongIsSaidInWords(t *testing.T) {
	set := func(r dns.Record) []plan.Set {
		return []plan.Set{{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}}}
	}
	for _, tt := range []struct {
		what       string
		status     int
		body       string
		kind       provider.Kind
		error      string
		hint       text.Hint
		in         string // list, read or write
		contentTyp string
	}{
		{"a wrong key", 401, "Unauthorized", provider.Auth, "list the zones: PowerDNS refused the API key (HTTP 401)",
			"set {accounts.token} to what api-key is in pdns.conf", "list", "text/plain; charset=utf-8"},
		{"a wrong key, in JSON", 401, `{"error": "Unauthorized"}`, provider.Auth, "list the zones: PowerDNS refused the API key (HTTP 401)",
			"set {accounts.token} to what api-key is in pdns.conf", "list", "application/json"},
		{"no API", 404, "Not Found", provider.Unavailable, "list the zones: there is no PowerDNS API at this address (HTTP 404)", cureNoAPI, "list", "text/plain"},
		{"no zone", 404, "Not Found", provider.NoZone, "read the zone example.org: PowerDNS has no such zone (HTTP 404)", cureNoZone, "read", "text/plain"},
		{"no zone, in older versions", 422, `{"error": "Could not find domain 'example.org.'"}`, provider.NoZone,
			"read the zone example.org: PowerDNS has no such zone (PowerDNS says Could not find domain 'example.org.'; HTTP 422)", cureNoZone, "read", "application/json"},
		{"a CNAME", 422, `{"error": "RRset a.example.org. IN A: Conflicts with pre-existing RRset"}`, provider.Rejected,
			"create A a.example.org: another record at this name leaves no room for it (PowerDNS says RRset a.example.org. IN A: Conflicts with pre-existing RRset; HTTP 422)",
			"look at the records of the name; a CNAME stands alone", "write", "application/json"},
		{"a backend that only reads", 422, `{"error": "Hosting backend does not support editing records."}`, provider.Rejected,
			"create A a.example.org: the backend of this server cannot be written to over the API (PowerDNS says Hosting backend does not support editing records.; HTTP 422)",
			"let the server keep the zone in another backend, such as gsqlite3, gmysql, gpgsql or lmdb", "write", "application/json"},
		{"anything else", 422, `{"error": "it says canary-key"}`, provider.Rejected,
			"create A a.example.org: PowerDNS refused (PowerDNS says it says ••••••; HTTP 422)",
			"homing tries again later by itself; if it stays so, look at the record at the host", "write", "application/json"},
		{"a page of a proxy", 403, "go away", provider.Unavailable, "list the zones: something else than PowerDNS's API answered (HTTP 403)",
			"look for a proxy, a firewall or a login page between this machine and the server, and check {accounts.base_url}", "list", "text/plain"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tt.in == "write" && r.Method == http.MethodGet {
					_, _ = io.WriteString(w, `{"name": "example.org.", "kind": "Native", "rrsets": []}`)
					return
				}
				w.Header().Set("Content-Type", tt.contentTyp)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			defer s.Close()
			p, zone := reaching(t, s.URL), provider.Zone{ID: "example.org.", Name: name(t, "example.org"), Limits: Limits()}
			var err error
			switch tt.in {
			case "list":
				_, _, err = p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
			case "read":
				_, err = p.Records(t.Context(), zone, []dns.Name{name(t, "a.example.org")})
			case "write":
				err = p.Apply(t.Context(), zone, set(a(t, "a.example.org", "192.0.2.1")))[0].Errs[0]
			}
			e, ok := errors.AsType[*provider.Error](err)
			if !ok || e.Kind != tt.kind || e.Error() != tt.error || e.Hint != tt.hint {
				t.Errorf("%v\n%v\n→ %s", e.Kind, e, e.Hint)
			}
		})
	}
}

// The API stands below a path, which a person may leave out.
func TestTheAddressOfTheAPI(t *testing.T) {
	for in, want := range map[string]string{
		"http://127.0.0.1:8081":                            "http://127.0.0.1:8081/api/v1/servers/localhost",
		"https://dns.example.org/pdns/api/v1":              "https://dns.example.org/pdns/api/v1/servers/localhost",
		"https://dns.example.org/api/v1/servers/localhost": "https://dns.example.org/api/v1/servers/localhost",
	} {
		if got := serverURL(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	for base, want := range map[string]string{"": "the base address of the API is missing", "127.0.0.1:8081": "is not an address such as http://127.0.0.1:8081"} {
		if _, err := New(Config{BaseURL: base}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", base, err)
		}
	}
}

func TestRoutesAreFew(t *testing.T) {
	for path, want := range map[string]string{"/api/v1/servers/localhost/zones": "GET /zones", "/api/v1/servers/localhost/zones/example.org.": "GET /zones/{zone}"} {
		if got := Route(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestAWrongKeyEndsTheSearchForZonesAtOnce(t *testing.T) {
	for _, few := range []int{3, 100} {
		for what, byID := range map[string]bool{"by their names": false, "by ids": true} {
			calls := 0
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls++
				http.Error(w, "Unauthorized", http.StatusUnauthorized)
			}))
			ids := map[dns.Name]string{}
			var names []dns.Name
			for i := range few {
				n := name(t, fmt.Sprintf("n%d.example.org", i))
				if names = append(names, n); byID {
					ids[n] = fmt.Sprintf("n%d.example.org.", i)
				}
			}
			p := reaching(t, s.URL)
			p.zoneIDs = ids
			_, _, err := p.Zones(t.Context(), names)
			if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind != provider.Auth || calls != 1 {
				t.Errorf("%d names, %s: %v after %d calls", few, what, err, calls)
			}
			s.Close()
		}
	}
}
