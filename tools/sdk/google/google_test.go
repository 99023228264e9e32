package google

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	sdk "google.golang.org/api/dns/v1"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/google"
	"github.com/homing-dns/homing/internal/provider/google/googletest"
	"github.com/homing-dns/homing/internal/secret"
)

const project, zone = "my-project", "example-org"

// fake is a server with a zone, each of whose calls is held to the discovery document.
func fake(t *testing.T) (*googletest.Server, string) {
	t.Helper()
	f := googletest.New(project)
	f.Add(googletest.Zone{Name: zone, DNSName: "example.org."})
	d := discovery(t)
	s := httptest.NewServer(d.hold(t, f))
	t.Cleanup(s.Close)
	return f, s.URL
}

// service is the SDK as a client of the fake, with the key of its account.
func service(t *testing.T, f *googletest.Server, base string) *sdk.Service {
	t.Helper()
	s, err := sdk.NewService(t.Context(), option.WithEndpoint(base+"/"), option.WithAuthCredentialsJSON(option.ServiceAccount, []byte(f.KeyFile(base+"/token"))))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func set(name string, values ...string) *sdk.ResourceRecordSet {
	return &sdk.ResourceRecordSet{Name: name, Type: "A", Ttl: 300, Rrdatas: values}
}

// refused fails unless err is a refusal with this status and reason.
func refused(t *testing.T, what string, err error, status int, reason string) {
	t.Helper()
	var e *googleapi.Error
	if !errors.As(err, &e) || e.Code != status || len(e.Errors) != 1 || e.Errors[0].Reason != reason {
		t.Errorf("%s: %v, want %d %s", what, err, status, reason)
	}
}

func TestTheSDKListsCreatesChangesAndDeletes(t *testing.T) {
	f, base := fake(t)
	f.Be(func(s *googletest.State) { s.Page = 2 })
	s := service(t, f, base)
	p, err := s.Projects.Get(project).Do()
	if err != nil || p.Quota.RrsetAdditionsPerChange != 1000 || p.Quota.RrsetDeletionsPerChange != 1000 || p.Quota.TotalRrdataSizePerChange != 100_000 || p.Quota.ResourceRecordsPerRrset != 100 {
		t.Errorf("%+v, %v", p, err)
	}
	if z, err := s.ManagedZones.Get(project, zone).Do(); err != nil || z.DnsName != "example.org." || z.Visibility != "public" || z.ForwardingConfig != nil || z.PeeringConfig != nil {
		t.Errorf("%+v, %v", z, err)
	}
	f.Add(googletest.Zone{Name: "inside", DNSName: "example.net.", Private: true, Forwarding: true, Peering: true})
	f.Add(googletest.Zone{Name: "third", DNSName: "example.com."})
	zones := map[string]*sdk.ManagedZone{}
	if err := s.ManagedZones.List(project).Pages(t.Context(), func(page *sdk.ManagedZonesListResponse) error {
		for _, z := range page.ManagedZones {
			zones[z.Name] = z
		}
		return nil
	}); err != nil || len(zones) != 3 || zones["inside"].Visibility != "private" || zones["inside"].ForwardingConfig == nil || zones["inside"].PeeringConfig == nil {
		t.Errorf("%v, %v", zones, err)
	}
	if page, err := s.ManagedZones.List(project).DnsName("example.com.").Do(); err != nil || len(page.ManagedZones) != 1 {
		t.Errorf("%v, %v", page, err)
	}
	c, err := s.Changes.Create(project, zone, &sdk.Change{Additions: []*sdk.ResourceRecordSet{set("a.example.org.", "192.0.2.1"), set("b.example.org.", "192.0.2.2", "192.0.2.3")}}).Do()
	if err != nil || c.Id == "" || c.Status != "pending" || len(c.Additions) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	if c, err = s.Changes.Get(project, zone, c.Id).Do(); err != nil || c.Status != "done" {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := s.Changes.Create(project, zone, &sdk.Change{Deletions: []*sdk.ResourceRecordSet{set("a.example.org.", "192.0.2.1"), set("b.example.org.", "192.0.2.3", "192.0.2.2")},
		Additions: []*sdk.ResourceRecordSet{set("a.example.org.", "192.0.2.9")}}).Do(); err != nil {
		t.Error(err)
	}
	var names []string
	if err := s.ResourceRecordSets.List(project, zone).Pages(t.Context(), func(page *sdk.ResourceRecordSetsListResponse) error {
		for _, r := range page.Rrsets {
			names = append(names, r.Name+" "+r.Type)
		}
		return nil
	}); err != nil || !slices.Equal(names, []string{"a.example.org. A", "example.org. NS", "example.org. SOA"}) {
		t.Errorf("%q, %v", names, err)
	}
	if page, err := s.ResourceRecordSets.List(project, zone).Name("a.example.org.").Type("A").Do(); err != nil || len(page.Rrsets) != 1 || !slices.Equal(page.Rrsets[0].Rrdatas, []string{"192.0.2.9"}) || page.Rrsets[0].Ttl != 300 {
		t.Errorf("%v, %v", page, err)
	}
	f.Put(zone, googletest.RRset{Name: "w.example.org.", Type: "A", TTL: 30, Routing: []byte(`{"kind":"dns#rRSetRoutingPolicy","wrr":{"kind":"dns#rRSetRoutingPolicyWrrPolicy","items":[{"kind":"dns#rRSetRoutingPolicyWrrPolicyWrrPolicyItem","weight":1,"rrdatas":["192.0.2.5"]}]}}`)})
	if page, err := s.ResourceRecordSets.List(project, zone).Name("w.example.org.").Do(); err != nil || len(page.Rrsets) != 1 || page.Rrsets[0].RoutingPolicy == nil || page.Rrsets[0].RoutingPolicy.Wrr.Items[0].Rrdatas[0] != "192.0.2.5" {
		t.Errorf("%v, %v", page, err)
	}
}

// Every refusal that homing relies on, as the SDK tells of it.
func TestTheSDKIsRefusedWhatHomingReliesOn(t *testing.T) {
	f, base := fake(t)
	s := service(t, f, base)
	change := func(c sdk.Change) error {
		_, err := s.Changes.Create(project, zone, &c).Do()
		return err
	}
	type sets = []*sdk.ResourceRecordSet
	if err := change(sdk.Change{Additions: sets{set("a.example.org.", "192.0.2.1")}}); err != nil {
		t.Fatal(err)
	}
	refused(t, "what is there already", change(sdk.Change{Additions: sets{set("a.example.org.", "192.0.2.1")}}), 409, "alreadyExists")
	refused(t, "another value", change(sdk.Change{Deletions: sets{set("a.example.org.", "192.0.2.2")}}), 412, "conditionNotMet")
	refused(t, "another TTL", change(sdk.Change{Deletions: sets{{Name: "a.example.org.", Type: "A", Ttl: 60, Rrdatas: []string{"192.0.2.1"}}}}), 412, "conditionNotMet")
	refused(t, "what is not there", change(sdk.Change{Deletions: sets{set("b.example.org.", "192.0.2.2")}}), 404, "notFound")
	refused(t, "a CNAME beside", change(sdk.Change{Additions: sets{{Name: "a.example.org.", Type: "CNAME", Ttl: 60, Rrdatas: []string{"example.net."}}}}), 400, "cnameResourceRecordSetConflict")
	refused(t, "a name outside", change(sdk.Change{Additions: sets{set("a.example.net.", "192.0.2.1")}}), 400, "invalid")
	refused(t, "no address", change(sdk.Change{Additions: sets{set("c.example.org.", "nowhere")}}), 400, "invalid")
	refused(t, "nothing", change(sdk.Change{}), 400, "required")
	refused(t, "one good, one bad", change(sdk.Change{Additions: sets{set("c.example.org.", "192.0.2.1"), set("a.example.org.", "192.0.2.1")}}), 409, "alreadyExists")
	if at := f.At(zone, "c.example.org."); len(at) > 0 {
		t.Error("half of a change was stored")
	}
	_, err := s.ManagedZones.Get(project, "nothing").Do()
	refused(t, "no such zone", err, 404, "notFound")
	_, err = s.Projects.Get("another").Do()
	refused(t, "no such project", err, 404, "notFound")
	for _, reason := range []string{"accessNotConfigured", "forbidden", "rateLimitExceeded"} {
		f.Be(func(s *googletest.State) { s.Deny = reason })
		_, err := s.Projects.Get(project).Do()
		refused(t, reason, err, 403, reason)
	}
	f.Be(func(s *googletest.State) { s.Deny = ""; s.Quota.Additions = 1 })
	refused(t, "too much", change(sdk.Change{Additions: sets{set("d.example.org.", "192.0.2.1"), set("e.example.org.", "192.0.2.1")}}), 403, "quotaExceeded")
	f.Be(func(s *googletest.State) { s.Account = "unknown key" })
	if _, err := service(t, f, base).Projects.Get(project).Do(); err == nil || !strings.Contains(err.Error(), "Invalid JWT Signature") {
		t.Errorf("another key: %v", err)
	}
}

// What homing sends, and what it is answered, is all in the discovery document.
func TestHomingSendsWhatTheDiscoveryDocumentKnows(t *testing.T) {
	f, base := fake(t)
	client := httpx.New(httpx.Options{})
	defer client.CloseIdle()
	p, err := google.New(google.Config{Key: secret.New(f.KeyFile(base + "/token")), BaseURL: base, Client: client, Tokens: client})
	if err != nil {
		t.Fatal(err)
	}
	name := func(s string) dns.Name {
		n, err := dns.ParseName(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	placed, _, zerr := p.Zones(t.Context(), []dns.Name{name("a.example.org")})
	if zerr != nil || len(placed) != 1 {
		t.Fatal(placed, zerr)
	}
	z := placed[0].Zone
	r := dns.Record{Name: name("a.example.org"), Type: dns.A, TTL: 300, Addr: netip.MustParseAddr("192.0.2.1")}
	text := dns.Record{Name: name("t.example.org"), Type: dns.TXT, TTL: 300}.WithData(dns.DataOfStrings("v=spf1 -all"))
	moved := r
	moved.Addr = netip.MustParseAddr("192.0.2.2")
	for _, sets := range [][]plan.Set{
		{{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}}, {Key: text.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: text}}}},
		{{Key: r.Key(), Records: []dns.Record{r}, Changes: []plan.Change{{Action: plan.ToUpdate, Old: r, New: moved}}}},
		{{Key: r.Key(), Records: []dns.Record{moved}, Changes: []plan.Change{{Action: plan.ToDelete, Old: moved}}}},
	} {
		for _, result := range p.Apply(t.Context(), z, sets) {
			if result.Errs[0] != nil {
				t.Error(result.Errs[0])
			}
			if _, err := p.Propagated(t.Context(), z, result.Receipt); err != nil {
				t.Error(err)
			}
		}
	}
	many := []dns.Name{}
	for i := range 20 {
		many = append(many, name(fmt.Sprintf("n%d.example.org", i)))
	}
	for _, names := range [][]dns.Name{many, many[:1]} {
		if _, err := p.RecordsAndTexts(t.Context(), z, names, names[:1]); err != nil {
			t.Error(err)
		}
	}
	var _ provider.Provider = p
}

// document is the part of a discovery document that calls are held to.
type document struct {
	BasePath  string
	Schemas   map[string]schema
	Resources map[string]struct {
		Methods map[string]struct {
			Method     string `json:"httpMethod"`
			Path       string `json:"flatPath"`
			Parameters map[string]struct{ Location string }
			Request    ref
			Response   ref
		}
	}
	Parameters map[string]any
}

type ref struct {
	Ref string `json:"$ref"`
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       string
	Properties map[string]schema
	Items      *schema
	Additional *schema `json:"additionalProperties"`
}

func discovery(t *testing.T) *document {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "dns", "v1", "dns-api.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	return &d
}

// hold is f, with each call of the API held to the document.
func (d *document) hold(t *testing.T, f http.Handler) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/dns/") {
			f.ServeHTTP(w, r)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		sent, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
		rec := httptest.NewRecorder()
		f.ServeHTTP(rec, r)
		d.check(t, r.Method, r.URL, sent, rec.Code, rec.Body.Bytes())
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
}

func (d *document) check(t *testing.T, method string, u *url.URL, sent []byte, status int, answer []byte) {
	for _, r := range d.Resources {
		for _, m := range r.Methods {
			if m.Method != method || !matches(m.Path, strings.TrimPrefix(u.Path, "/")) {
				continue
			}
			for name := range u.Query() {
				if _, known := m.Parameters[name]; !known && d.Parameters[name] == nil {
					t.Errorf("%s %s: no such parameter: %s", method, u.Path, name)
				}
			}
			if len(sent) > 0 {
				d.holds(t, method+" "+m.Path, schema{Ref: m.Request.Ref}, sent)
			}
			if status == http.StatusOK {
				d.holds(t, "answer to "+method+" "+m.Path, schema{Ref: m.Response.Ref}, answer)
			}
			return
		}
	}
	t.Errorf("no such call: %s %s", method, u)
}

func matches(pattern, path string) bool {
	a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
	return slices.EqualFunc(a, b, func(p, s string) bool { return p == s || strings.HasPrefix(p, "{") && s != "" })
}

// holds fails where a value has fields that its schema does not know, or is of
// another type.
func (d *document) holds(t *testing.T, at string, s schema, b []byte) {
	if s.Ref != "" {
		s = d.Schemas[s.Ref]
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Errorf("%s: %v", at, err)
		return
	}
	kind := map[string]string{"string": "string", "float64": "integer", "bool": "boolean", "[]interface {}": "array", "map[string]interface {}": "object"}[fmt.Sprintf("%T", v)]
	if kind != s.Type && !(kind == "integer" && s.Type == "number") {
		t.Errorf("%s: it is %s, and should be %s", at, kind, s.Type)
	}
	switch v := v.(type) {
	case map[string]any:
		for name, one := range v {
			p, known := s.Properties[name]
			if !known && s.Additional != nil {
				p, known = *s.Additional, true
			}
			if !known {
				t.Errorf("%s: no such field: %s", at, name)
				continue
			}
			raw, _ := json.Marshal(one)
			d.holds(t, at+"."+name, p, raw)
		}
	case []any:
		for _, one := range v {
			raw, _ := json.Marshal(one)
			if s.Items != nil {
				d.holds(t, at+"[]", *s.Items, raw)
			}
		}
	}
}
