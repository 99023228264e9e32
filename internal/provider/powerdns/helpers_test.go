package powerdns

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider/powerdns/pdnstest"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/secret"
)

const theKey = "canary-key"

// newFake is a server with zones: the API with its faults, and a way in for the
// test.
func newFake(t *testing.T, zones ...string) (f *pdnstest.Server, front, back string) {
	t.Helper()
	f = pdnstest.New(theKey, zones...)
	a, b := httptest.NewServer(f), httptest.NewServer(http.HandlerFunc(f.Serve))
	t.Cleanup(a.Close)
	t.Cleanup(b.Close)
	return f, a.URL, b.URL
}

func name(t testing.TB, s string) dns.Name { t.Helper(); return providertest.Name(t, s) }

func a(t *testing.T, n, address string) dns.Record {
	t.Helper()
	r := dns.Record{Name: name(t, n), Type: dns.A, TTL: 300, Addr: netip.MustParseAddr(address)}
	if r.Addr.Is6() {
		r.Type = dns.AAAA
	}
	return r
}

// reaching is a Provider for the API at base.
func reaching(t *testing.T, base string) *Provider {
	t.Helper()
	p, err := New(Config{Key: secret.New(theKey), BaseURL: base, Client: httpx.New(httpx.Options{UserAgent: "homing/test"}), Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// door is a way into a server that uses no Provider. It takes a whole zone apart
// by itself.
type door struct{ base, zone string }

func (d door) call(t *testing.T, method, path string, body any) []byte {
	t.Helper()
	b, _ := json.Marshal(body)
	r, err := http.NewRequest(method, d.base+"/api/v1/servers/localhost/zones"+path, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-API-Key", theKey)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s %s %v", method, path, resp.Status, said, err)
	}
	return said
}

// sets is every set at a name.
func (d door) sets(t *testing.T, n string) []rrset {
	t.Helper()
	return d.ask(t, n, "")
}

func (d door) ask(t *testing.T, n, query string) []rrset {
	t.Helper()
	var all struct{ RRsets []rrset }
	if err := json.Unmarshal(d.call(t, http.MethodGet, "/"+d.zone+query, nil), &all); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all.RRsets, func(s rrset) bool { return s.Name != n+"." })
}

// put writes sets as they are given.
func (d door) put(t *testing.T, sets ...rrset) {
	t.Helper()
	var all []map[string]any
	for _, s := range sets {
		all = append(all, map[string]any{"name": s.Name, "type": s.Type, "ttl": s.TTL, "changetype": "REPLACE", "records": s.Values, "comments": s.Comments})
	}
	d.call(t, http.MethodPatch, "/"+d.zone, map[string]any{"rrsets": all})
}

// seed adds records to what stands there.
func (d door) seed(t *testing.T, records ...dns.Record) {
	t.Helper()
	for _, r := range records {
		s := rrset{Name: r.Name.String() + ".", Type: string(r.Type)}
		for _, here := range d.sets(t, r.Name.String()) {
			if here.Type == s.Type {
				s = here
			}
		}
		content := r.Content()
		if r.Type == dns.CNAME || r.Type == dns.NS {
			content += "."
		}
		s.TTL, s.Values, s.Comments = r.TTL, append(s.Values, value{Content: content}), []comment{}
		if r.Comment != "" {
			s.Comments = []comment{{Content: r.Comment, Account: "somebody"}}
		}
		d.put(t, s)
	}
}

// stored is what is served at a name. Of that the server tells without the rest
// of the zone.
func (d door) stored(t *testing.T, n dns.Name) (all []dns.Record) {
	t.Helper()
	for _, s := range d.ask(t, n.String(), "?rrset_name="+url.QueryEscape(n.String()+".")) {
		all = append(all, s.Records(dns.Key{Name: n, Type: dns.Type(s.Type)})...)
	}
	return all
}

// shown is a set in a line, with what is disabled and who wrote what.
func (d door) shown(t *testing.T, k dns.Key) string {
	t.Helper()
	var words []string
	for _, s := range d.sets(t, k.Name.String()) {
		if s.Type != string(k.Type) {
			continue
		}
		words = append(words, fmt.Sprint(s.TTL))
		for _, v := range s.Values {
			words = append(words, map[bool]string{false: "on ", true: "off "}[v.Disabled]+v.Content)
		}
		for _, c := range s.Comments {
			words = append(words, c.Account+": "+c.Content)
		}
	}
	if len(words) > 1 {
		slices.Sort(words[1:])
	}
	return strings.Join(words, ", ")
}
