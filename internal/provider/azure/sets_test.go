package azure

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/azure/azuretest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/scaletest"
	"github.com/homing-dns/homing/internal/secret"
)

func TestZonesThatAreMeant(t *testing.T) {
	f, base := newFake(t, "example.org")
	f.Add("dns", "home.example.org", true)
	f.Add("one", "example.net", false)
	f.Add("two", "example.net", false)
	f.Be(func(s *azuretest.State) { s.Page, s.Values = 2, 7 })
	p := reaching(t, base)
	if z := zoneOf(t, p, "a.home.example.org"); z.ID != "dns/example.org" || z.Guard != provider.GuardsSet || z.Limits.Values != 7 {
		t.Errorf("%+v", z)
	}
	_, unplaced, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.net"), name(t, "example.com")})
	const want = "the subscription has 2 zones example.net: one/example.net, two/example.net"
	if err != nil || len(unplaced) != 2 || !strings.Contains(fmt.Sprint(unplaced[0].Err, unplaced[1].Err), want) {
		t.Errorf("%v, %v", unplaced, err)
	}
	p = reaching(t, base, func(_ *Config, a *rest.Account) {
		a.ZoneIDs = map[dns.Name]string{name(t, "a.example.net"): "two/example.net", name(t, "x.org"): "nowhere/x.org", name(t, "y.org"): "dns/example.org"}
	})
	if z := zoneOf(t, p, "a.example.net"); z.ID != "two/example.net" {
		t.Errorf("%+v", z)
	}
	for _, n := range []string{"x.org", "y.org"} {
		if _, unplaced, err := p.Zones(t.Context(), []dns.Name{name(t, n)}); err != nil || len(unplaced) != 1 || unplaced[0].Err.Kind != provider.NoZone {
			t.Errorf("%s: %v, %v", n, unplaced, err)
		}
	}
	if n, err := p.ZoneName(t.Context(), "two/example.net"); err != nil || n != name(t, "example.net") {
		t.Errorf("%s, %v", n, err)
	}
	if seen, err := p.ListZones(t.Context()); err != nil || len(seen) != 3 {
		t.Errorf("%v, %v", seen, err)
	}
}

// A set that follows a resource is seen, and left alone.
func TestAnAliasIsLeftAlone(t *testing.T) {
	f, base := newFake(t, "example.org")
	f.Put("dns", "example.org", "a", "A", azuretest.Properties{TTL: 300, Target: &azuretest.Target{ID: "/subscriptions/s/publicIPAddresses/x"}, A: []azuretest.A{{Address: "192.0.2.9"}}})
	p := reaching(t, base)
	z := zoneOf(t, p, "a.example.org")
	here, err := p.Records(t.Context(), z, []dns.Name{name(t, "a.example.org")})
	if err != nil || len(here) != 1 || !here[0].ReadOnly {
		t.Fatalf("%+v, %v", here, err)
	}
	s := create(a(t, "a.example.org", "192.0.2.1"))
	s.Records = here
	if e := p.Apply(t.Context(), z, []plan.Set{s})[0].Errs[0]; e == nil || e.Kind != provider.Rejected || e.Error() != "A a.example.org follows a resource at Azure, which is left alone" {
		t.Error(e)
	}
}

// Each write says what it relies on, and what others keep in the metadata stays.
func TestEachWriteHasItsCondition(t *testing.T) {
	f, base := newFake(t, "example.org")
	f.Put("dns", "example.org", "b", "A", azuretest.Properties{TTL: 300, A: []azuretest.A{{Address: "192.0.2.1"}}, Metadata: map[string]string{"team": "web", "homing": "old"}})
	f.Put("dns", "example.org", "empty", "A", azuretest.Properties{TTL: 300})
	p := reaching(t, base)
	z := zoneOf(t, p, "example.org")
	here, err := p.Records(t.Context(), z, []dns.Name{name(t, "a.example.org"), name(t, "b.example.org"), name(t, "empty.example.org")})
	if err != nil || len(here) != 1 || here[0].Comment != "old" {
		t.Fatal(here, err)
	}
	moved := here[0]
	moved.Addr, moved.Comment = a(t, "x.org", "192.0.2.2").Addr, ""
	f.Calls()
	results := p.Apply(t.Context(), z, []plan.Set{create(a(t, "a.example.org", "192.0.2.1")), create(a(t, "empty.example.org", "192.0.2.1")),
		{Key: moved.Key(), Records: here, Changes: []plan.Change{{Action: plan.ToUpdate, Old: here[0], New: moved}}}})
	for _, r := range results {
		if r.Errs[0] != nil {
			t.Error(r.Errs[0])
		}
	}
	conditions := map[string]bool{}
	for _, c := range f.Calls() {
		conditions[c.Path[strings.LastIndexByte(c.Path, '/'):]+" "+fmt.Sprint(c.Condition == "*")] = true
	}
	if want := map[string]bool{"/a true": true, "/b false": true, "/empty false": true}; !maps.Equal(conditions, want) {
		t.Errorf("%v", conditions)
	}
	if got := f.At("dns", "example.org", "b")["A"]; !maps.Equal(got.Metadata, map[string]string{"team": "web"}) || got.A[0].Address != "192.0.2.2" {
		t.Errorf("%+v", got)
	}
	if results := p.Apply(t.Context(), z, []plan.Set{{Key: moved.Key(), Records: []dns.Record{moved}, Changes: []plan.Change{{Action: plan.ToDelete, Old: moved}}}}); results[0].Errs[0] != nil {
		t.Error(results[0].Errs[0])
	}
	if calls := f.Calls(); len(calls) != 1 || calls[0].Method != http.MethodDelete || calls[0].Condition == "" {
		t.Errorf("%+v", calls) // the etag of its own write is known
	}
}

// No more than four calls are under way, and no more changes go out within an hour
// than Azure takes.
func TestAzureIsAskedNoFasterThanItAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := azuretest.New()
		f.Add("dns", "example.org", false)
		f.Be(func(s *azuretest.State) { s.Writes = 1200 })
		var mu sync.Mutex
		now, most := 0, 0
		client := resttest.Client(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(50 * time.Millisecond) // the way there and back, on the bubble's clock
			f.ServeHTTP(w, r)
			mu.Lock()
			now--
			mu.Unlock()
		}))
		p := reaching(t, "http://127.0.0.1:1", func(c *Config, a *rest.Account) { c.Tokens, a.Client, c.Writes = client, client, nil })
		z := zoneOf(t, p, "example.org")
		var sets []plan.Set
		for i := range 1300 {
			sets = append(sets, create(a(t, fmt.Sprintf("n%04d.example.org", i), "192.0.2.1")))
		}
		done, throttled := 0, 0
		began := time.Now()
		for _, r := range p.Apply(t.Context(), z, sets) {
			switch e := r.Errs[0]; {
			case e == nil:
				done++
			case e.Kind == provider.Throttled:
				throttled++
			case e.Kind != provider.NotTried:
				t.Error(e)
			}
		}
		if done != 1200 || throttled == 0 || most > 4 {
			t.Errorf("%d done, %d throttled, %d at once", done, throttled, most)
		}
		if took, floor := time.Since(began), 300*50*time.Millisecond; took < floor || took > floor+time.Second {
			t.Errorf("it took %s", took)
		}
		for _, c := range f.Calls() {
			if c.Status == http.StatusTooManyRequests {
				t.Error("Azure had to refuse a call")
			}
		}
		time.Sleep(time.Hour)
		if r := p.Apply(t.Context(), z, sets[1200:1201])[0]; r.Errs[0] != nil && r.Errs[0].Kind != provider.Stale {
			t.Error(r.Errs[0])
		}
	})
}

// Where others use the limit up, Azure says for how long to wait.
func TestAzureSaysHowLongToWait(t *testing.T) {
	f, base := newFake(t, "example.org")
	f.Be(func(s *azuretest.State) { s.Writes = 1 })
	p := reaching(t, base)
	z := zoneOf(t, p, "example.org")
	results := p.Apply(t.Context(), z, []plan.Set{create(a(t, "a.example.org", "192.0.2.1"))})
	results = append(results, p.Apply(t.Context(), z, []plan.Set{create(a(t, "b.example.org", "192.0.2.1"))})...)
	e := results[1].Errs[0]
	if results[0].Errs[0] != nil || e == nil || e.Kind != provider.Throttled || e.RetryAfter < 59*time.Minute || !strings.Contains(e.Error(), "too many calls for the subscription") {
		t.Errorf("%v, %v", results[0].Errs[0], e)
	}
}

// Its answers say how many more it takes; homing stops before Azure has to refuse.
func TestNothingIsSentThatAzureWouldRefuse(t *testing.T) {
	f, base := newFake(t, "example.org")
	f.Be(func(s *azuretest.State) { s.Writes = 30 })
	p := reaching(t, base)
	z := zoneOf(t, p, "example.org")
	var sets []plan.Set
	for i := range 60 {
		sets = append(sets, create(a(t, fmt.Sprintf("n%02d.example.org", i), "192.0.2.1")))
	}
	done := 0
	for _, r := range p.Apply(t.Context(), z, sets) {
		if e := r.Errs[0]; e == nil {
			done++
		} else if e.Kind != provider.Throttled || !strings.Contains(e.Error(), "hardly any more changes of the subscription") {
			t.Error(e)
		}
	}
	if done < 26 || done > 30 {
		t.Errorf("%d were done", done)
	}
	for _, c := range f.Calls() {
		if c.Status == http.StatusTooManyRequests {
			t.Error("Azure had to refuse a call")
		}
	}
}

func TestALockIsSaid(t *testing.T) {
	f, base := newFake(t, "example.org")
	f.Be(func(s *azuretest.State) { s.Deny = "ScopeLocked" })
	p := reaching(t, base)
	e := p.Apply(t.Context(), zoneOf(t, p, "example.org"), []plan.Set{create(a(t, "a.example.org", "192.0.2.1"))})[0].Errs[0]
	if e == nil || e.Kind != provider.Rejected || !strings.Contains(e.Error(), "a lock keeps the zone as it is") {
		t.Error(e)
	}
}

// A list that goes on elsewhere is not followed: the token would go there too.
func TestAListThatGoesOnElsewhereIsNotFollowed(t *testing.T) {
	client := resttest.Client(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/token") {
			fmt.Fprint(w, `{"access_token":"canary","token_type":"Bearer","expires_in":3599}`)
			return
		}
		if r.URL.Host != "127.0.0.1:1" {
			t.Errorf("%s is asked", r.URL.Host)
		}
		fmt.Fprint(w, `{"value":[],"nextLink":"http://127.0.0.1:10/next"}`)
	}))
	p := reaching(t, "http://127.0.0.1:1", func(c *Config, a *rest.Account) { c.Tokens, a.Client = client, client })
	if _, err := p.ListZones(t.Context()); err == nil || err.Error() != "list the zones: the next page is said to be elsewhere: http://127.0.0.1:10" {
		t.Error(err)
	}
}

func TestRoutesAreFew(t *testing.T) {
	zone := "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/z"
	for path, want := range map[string]string{
		"/subscriptions/s/providers/Microsoft.Network/dnszones": "GET /dnszones", zone: "GET /dnszones/{zone}",
		zone + "/recordsets": "GET /dnszones/{zone}/recordsets", zone + "/A/x": "GET /dnszones/{zone}/{type}/{name}",
	} {
		r, _ := http.NewRequest(http.MethodGet, DefaultBase+path, nil)
		if got := Route(r); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func FuzzExplain(f *testing.F) {
	f.Add(403, `{"error":{"code":"AuthorizationFailed","message":"no"}}`)
	f.Add(409, `{"code":"Conflict","message":"a CNAME record"}`)
	f.Add(401, `{"error":"invalid_client","error_description":"AADSTS7000215: no"}`)
	i := &issuer{credential: Credential{Secret: secret.New("x")}, client: &rest.Client{}}
	f.Fuzz(func(t *testing.T, status int, body string) {
		for _, r := range []rest.Refusal{explainRefusal(status, []byte(body)), i.explainTokenRefusal(status, []byte(body))} {
			if !r.Understood && (r.Meaning.Cause != "" || len(r.Messages) > 0) {
				t.Errorf("%+v", r)
			}
		}
	})
}

func FuzzParseZoneID(f *testing.F) {
	f.Add("dns/example.org")
	f.Add("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnszones/example.org")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseZoneID(s)
		if again, _ := ParseZoneID(id); err == nil && again != id {
			t.Errorf("%q is %q, and that %q", s, id, again)
		}
	})
}

func TestReadingGrowsWithWhatIsSaid(t *testing.T) {
	for what, say := range map[string]func(n int) string{
		"slashes": func(n int) string { return strings.Repeat("/", n) + "a/b" },
		"parts":   func(n int) string { return strings.Repeat("subscriptions/", n) },
	} {
		scaletest.Linear(t, what, 500, func(n int) func() {
			words := say(n)
			return func() {
				for range 50 {
					_, _ = ParseZoneID(words)
				}
			}
		})
	}
}

func TestWhereTheNextPageMayBe(t *testing.T) {
	const base = "https://management.azure.com"
	for next, want := range map[string]string{
		base + "/a?b=c":                 "a?b=c",
		base + ":443/a?b=c":             "a?b=c",
		base + ":8443/a":                "",
		base + ".evil.example/a":        "",
		base + ":443@evil.example/a":    "",
		"http://management.azure.com/a": "",
	} {
		if path, here := nextPagePath(next, base); here != (want != "") || here && path != want {
			t.Errorf("%s: %q %v", next, path, here)
		}
	}
}
