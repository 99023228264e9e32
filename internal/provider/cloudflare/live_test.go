//go:build live

package cloudflare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/secret"
)

// TestLive runs the contract against the real API, and records its answers in
// testdata/live without what is private. It DELETES EVERY RECORD of the zone,
// so the zone has to agree by a TXT record at _homing-live.ZONE.
func TestLive(t *testing.T) {
	l := newLive(t)
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		l.clear(t)
		s := providertest.Subject{Provider: l.p, Zone: l.zone.Name, Many: 150, Seed: l.seed, Stored: l.stored}
		if l.zone.Limits.Tags > 0 {
			s.Tags = []string{"owner:homing", "site:home"}
		}
		return s
	})
}

const consent = "_homing-live."

type live struct {
	base, token string
	client      *http.Client
	p           *Provider
	zone        provider.Zone
}

func newLive(t *testing.T) *live {
	l := &live{base: os.Getenv("HOMING_LIVE_BASE_URL"), token: os.Getenv("HOMING_LIVE_TOKEN"), client: &http.Client{}}
	zone := os.Getenv("HOMING_LIVE_ZONE")
	if l.token == "" || zone == "" {
		t.Fatal("set HOMING_LIVE_TOKEN, and HOMING_LIVE_ZONE to a zone that nobody needs: all of its records are deleted")
	}
	if l.base == "" {
		l.base = DefaultBase
	}
	client := httpx.New(httpx.Options{UserAgent: "homing/live-test"})
	client.Transport = &recorder{next: client.Transport, zone: zone, token: l.token, ids: map[string]string{}, seen: map[string]bool{}}
	p, err := New(Config{Credential: Credential{Token: secret.New(l.token)}, Client: client, BaseURL: os.Getenv("HOMING_LIVE_BASE_URL")})
	if err != nil {
		t.Fatal(err)
	}
	l.p, l.zone = p, zoneOf(t, p, zone)
	if len(l.all(t, consent+zone)) == 0 {
		t.Fatalf("%s does not agree to lose all of its records: create a TXT record at %s%s", zone, consent, zone)
	}
	return l
}

// call returns the way into the zone that does not use the provider.
func (l *live) call(t *testing.T, method, below string, body, into any) {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, l.base+"/zones/"+l.zone.ID+"/dns_records"+below, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+l.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := l.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || into != nil && json.Unmarshal(answer, into) != nil {
		t.Fatalf("%s %s: HTTP %d, %v: %s", method, below, resp.StatusCode, err, answer)
	}
}

// liveRecord is a record as the API writes it.
type liveRecord struct {
	ID      string   `json:"id,omitempty"`
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Content string   `json:"content"`
	TTL     int      `json:"ttl"`
	Proxied bool     `json:"proxied,omitempty"`
	Comment string   `json:"comment,omitempty"`
	Tags    []string `json:"tags,omitempty"`
}

func (l *live) all(t *testing.T, name string) []liveRecord {
	t.Helper()
	var v struct{ Result []liveRecord }
	query := "?per_page=1000"
	if name != "" {
		query += "&name.exact=" + name
	}
	l.call(t, http.MethodGet, query, nil, &v)
	return v.Result
}

func (l *live) clear(t *testing.T) {
	t.Helper()
	var ids []recordPatch
	for _, r := range l.all(t, "") {
		apex := r.Type == "NS" && r.Name == l.zone.Name.String()
		if !apex && !strings.HasPrefix(r.Name, consent) {
			ids = append(ids, recordPatch{ID: r.ID})
		}
	}
	if len(ids) > 0 {
		l.call(t, http.MethodPost, "/batch", batchBody{Deletes: ids}, nil)
	}
}

func (l *live) seed(t *testing.T, records ...dns.Record) {
	t.Helper()
	for _, r := range records {
		l.call(t, http.MethodPost, "", liveRecord{Type: string(r.Type), Name: r.Name.String(), Content: r.Content(),
			TTL: r.TTL, Proxied: r.Proxied, Comment: r.Comment, Tags: r.Tags}, nil)
	}
}

func (l *live) stored(t *testing.T, n dns.Name) []dns.Record {
	t.Helper()
	var all []dns.Record
	for _, r := range l.all(t, n.String()) {
		out := dns.Record{ID: r.ID, Name: name(r.Name), Type: dns.Type(r.Type), TTL: r.TTL, Proxied: r.Proxied, Comment: r.Comment, Tags: r.Tags}
		if a, err := netip.ParseAddr(r.Content); err == nil && out.Type.IsAddress() {
			out.Addr = a
		} else {
			out.Text = r.Content
		}
		all = append(all, out)
	}
	return all
}

// recorder keeps the first answer of each kind: by call, status and codes.
type recorder struct {
	next        http.RoundTripper
	zone, token string

	mu   sync.Mutex
	ids  map[string]string
	seen map[string]bool
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, r.keep(req, resp, body)
}

func (r *recorder) keep(req *http.Request, resp *http.Response, body []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var codes struct{ Errors []message }
	_ = json.Unmarshal(body, &codes) // a page has none
	path := regexp.MustCompile(`[0-9a-f]{32}`).ReplaceAllString(req.URL.Path, "ID")
	kind := fmt.Sprintf("%s%s-%d", req.Method, strings.ReplaceAll(strings.TrimPrefix(path, "/client/v4"), "/", "-"), resp.StatusCode)
	for _, m := range codes.Errors {
		kind += fmt.Sprintf("-%d", m.Code)
	}
	if r.seen[kind] {
		return nil
	}
	r.seen[kind] = true
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n%s\n", req.Method, r.redact(req.URL.RequestURI()), resp.Status)
	for _, h := range []string{"Content-Type", "Ratelimit", "Ratelimit-Policy", "Retry-After"} {
		fmt.Fprintf(&b, "%s: %s\n", h, strings.Join(resp.Header.Values(h), ", "))
	}
	fmt.Fprintf(&b, "\n%s\n", r.body(body))
	if err := os.MkdirAll("testdata/live", 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("testdata/live", kind+".txt"), []byte(b.String()), 0o644)
}

// private returns the fields of which nothing is kept but ids.
func private() []string {
	return []string{"account", "owner", "tenant", "tenant_unit", "name_servers", "original_name_servers", "vanity_name_servers", "verification_key"}
}

// body returns a JSON answer without what is private.
func (r *recorder) body(b []byte) string {
	var v any
	if json.Unmarshal(b, &v) != nil {
		return r.redact(string(b))
	}
	if top, ok := v.(map[string]any); ok { // of a listing only the zone itself: the others are nobody's business
		if list, ok := top["result"].([]any); ok {
			top["result"] = slices.DeleteFunc(list, func(x any) bool {
				z, _ := x.(map[string]any)
				name, _ := z["name"].(string)
				return name != r.zone && !strings.HasSuffix(name, "."+r.zone)
			})
		}
	}
	out, err := json.MarshalIndent(r.value("", v), "", " ")
	if err != nil {
		panic(err) // it was JSON before
	}
	return string(out)
}

func (r *recorder) value(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			inner := k
			if key == "private" || slices.Contains(private(), k) {
				inner = "private"
			}
			out[k] = r.value(inner, x)
		}
		return out
	case []any:
		if len(v) > 3 {
			v = v[:3]
		}
		for i := range v {
			v[i] = r.value(key, v[i])
		}
		return v
	case string:
		if s := r.redact(v); key != "private" || s != v {
			return s
		}
		return "redacted"
	}
	return v
}

// redact replaces the token, the zone's name, ids and e-mail addresses.
func (r *recorder) redact(s string) string {
	s = strings.ReplaceAll(s, r.token, "TOKEN")
	s = strings.ReplaceAll(s, r.zone, "example.org")
	s = regexp.MustCompile(`[\w.+-]+@[\w-]+\.[\w.-]+`).ReplaceAllString(s, "me@example.org")
	return regexp.MustCompile(`\b[0-9a-f]{32}\b`).ReplaceAllStringFunc(s, func(id string) string {
		if r.ids[id] == "" {
			r.ids[id] = fmt.Sprintf("%032x", len(r.ids)+1)
		}
		return r.ids[id]
	})
}
