package google

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/google/googletest"
)

// Zones that the world is not answered with are passed over, and which of two of one
// name is meant a person has to say.
func TestZonesThatAreMeant(t *testing.T) {
	f, base := newFake(t, "example.org")
	f.Add(googletest.Zone{Name: "private", DNSName: "home.example.org.", Private: true})
	f.Add(googletest.Zone{Name: "forwarding", DNSName: "lan.example.org.", Forwarding: true})
	f.Add(googletest.Zone{Name: "peering", DNSName: "peer.example.org.", Peering: true})
	f.Add(googletest.Zone{Name: "one", DNSName: "example.net."})
	f.Add(googletest.Zone{Name: "two", DNSName: "example.net."})
	f.Be(func(s *googletest.State) { s.Page = 2 })
	p := reaching(t, f, base)
	for n, want := range map[string]string{"a.home.example.org": "example-org", "b.lan.example.org": "example-org", "c.peer.example.org": "example-org"} {
		if z := zoneOf(t, p, n); z.ID != want || z.Guard != provider.GuardsBatch {
			t.Errorf("%s: %+v", n, z)
		}
	}
	_, unplaced, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.net")})
	const want = "the project my-project has 2 public zones example.net: one, two"
	if err != nil || len(unplaced) != 1 || unplaced[0].Err.Kind != provider.NoZone || unplaced[0].Err.Error() != want || !strings.Contains(string(unplaced[0].Err.Hint), "{records.zone_id}") {
		t.Errorf("%v, %v", unplaced, err)
	}
	p = reaching(t, f, base, func(c *Config) {
		c.ZoneIDs = map[dns.Name]string{name(t, "a.example.net"): "two", name(t, "x.home.example.org"): "private", name(t, "y.example.org"): "gone"}
	})
	if z := zoneOf(t, p, "a.example.net"); z.ID != "two" {
		t.Errorf("%+v", z)
	}
	if z := zoneOf(t, p, "x.home.example.org"); z.Unserved == "" {
		t.Error("a private zone is said to be served")
	}
	if _, unplaced, _ := p.Zones(t.Context(), []dns.Name{name(t, "y.example.org")}); len(unplaced) != 1 || !strings.Contains(unplaced[0].Err.Error(), "there is no such zone in the project") {
		t.Errorf("%v", unplaced)
	}
	if n, err := p.ZoneName(t.Context(), "two"); err != nil || n != name(t, "example.net") {
		t.Errorf("%s, %v", n, err)
	}
	if seen, err := p.ListZones(t.Context()); err != nil || len(seen) != 3 {
		t.Errorf("%v, %v", seen, err)
	}
}

// Who may use one zone alone names it, and nothing is listed.
func TestAZoneThatIsNamedNeedsNoList(t *testing.T) {
	f, base := newFake(t, "example.org")
	f.Be(func(s *googletest.State) { s.Blind, s.Unlisted = true, true })
	p := reaching(t, f, base, func(c *Config) { c.ZoneIDs = map[dns.Name]string{name(t, "a.example.org"): "example-org"} })
	z := zoneOf(t, p, "a.example.org")
	if got, want := z.Limits, Limits(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if r := p.Apply(t.Context(), z, []plan.Set{create(a(t, "a.example.org", "192.0.2.1"))}); r[0].Errs[0] != nil {
		t.Error(r[0].Errs[0])
	}
}

// What goes out in one change is what the project's own quotas allow.
func TestAChangeKeepsToTheQuotasOfTheProject(t *testing.T) {
	for _, tt := range []struct {
		quota func(*googletest.Quota)
		want  []int // sets of each change
	}{
		{func(*googletest.Quota) {}, []int{40}},
		{func(q *googletest.Quota) { q.Additions = 15 }, []int{15, 15, 10}},
		{func(q *googletest.Quota) { q.Octets = 9 * 25 }, []int{25, 15}},
	} {
		f, base := newFake(t, "example.org")
		f.Be(func(s *googletest.State) { tt.quota(&s.Quota) })
		p := reaching(t, f, base)
		z := zoneOf(t, p, "example.org")
		var sets []plan.Set
		for i := range 40 {
			sets = append(sets, create(a(t, fmt.Sprintf("n%02d.example.org", i), "192.0.2.1")))
		}
		f.Calls()
		for _, r := range p.Apply(t.Context(), z, sets) {
			if r.Errs[0] != nil {
				t.Error(r.Errs[0])
			}
		}
		var got []int
		for _, c := range f.Calls() {
			if c.Method == http.MethodPost {
				got = append(got, c.Sets)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v, want %v", got, tt.want)
		}
	}
}

// Sets that a routing policy answers are seen, and left alone.
func TestARoutingPolicyIsLeftAlone(t *testing.T) {
	f, base := newFake(t, "example.org")
	f.Put("example-org", googletest.RRset{Name: "a.example.org.", Type: "A", TTL: 300, Routing: []byte(`{"wrr":{"items":[{"weight":1,"rrdatas":["192.0.2.9"]}]}}`)})
	p := reaching(t, f, base)
	z := zoneOf(t, p, "a.example.org")
	here, err := p.Records(t.Context(), z, []dns.Name{name(t, "a.example.org")})
	if err != nil || len(here) != 1 || !here[0].ReadOnly || here[0].Feature != "a routing policy" {
		t.Fatalf("%+v, %v", here, err)
	}
	s := create(a(t, "a.example.org", "192.0.2.1"))
	s.Records = here
	r := p.Apply(t.Context(), z, []plan.Set{s})[0]
	if e := r.Errs[0]; e == nil || e.Kind != provider.Rejected || e.Error() != "A a.example.org is answered by a routing policy, which is left alone" {
		t.Error(e)
	}
}

// What was read is deleted as it stands there, in whatever form.
func TestWhatIsDeletedIsSaidAsItStands(t *testing.T) {
	f, base := newFake(t, "example.org")
	f.Put("example-org", googletest.RRset{Name: "a.example.org.", Type: "TXT", TTL: 300, Data: []string{`"v=spf1"  "-all"`, `"\104i"`}})
	p := reaching(t, f, base)
	z := zoneOf(t, p, "a.example.org")
	here, err := p.RecordsAndTexts(t.Context(), z, nil, []dns.Name{name(t, "a.example.org")})
	if err != nil || len(here) != 2 {
		t.Fatal(here, err)
	}
	more := here[0].WithData(dns.DataOfStrings("more"))
	s := plan.Set{Key: here[0].Key(), Records: here, Changes: []plan.Change{{Action: plan.ToCreate, New: more}}}
	if r := p.Apply(t.Context(), z, []plan.Set{s})[0]; r.Errs[0] != nil {
		t.Error(r.Errs[0])
	}
	if at := f.At("example-org", "a.example.org."); len(at) != 1 || len(at[0].Data) != 3 {
		t.Errorf("%+v", at)
	}
}

// A refusal that names a set, in either of its forms, is about that set alone.
func TestWhatARefusalIsAbout(t *testing.T) {
	c := change{Additions: []set{{Name: "a.example.org.", Type: dns.A}, {Name: "b.example.org.", Type: dns.AAAA}}}
	for words, want := range map[string]string{
		"Invalid value for 'entity.change.additions[1].name': 'x'":            "AAAA b.example.org",
		"The resource 'entity.change.additions[b.example.org.][A]' named 'x'": "A b.example.org",
		"Invalid value for 'entity.change.additions[2].name': 'x'":            "",
		"Invalid value for 'entity.change.additions[-1].name': 'x'":           "",
		"Precondition not met for 'entity.change.deletions[0]'":               "",
		"nothing": "",
	} {
		k, ok := refusedKey(words, c)
		if ok != (want != "") || ok && k.String() != want {
			t.Errorf("%s: %s %t", words, k, ok)
		}
	}
}

// With a value that is refused in the middle the others are stored in one more call.
func TestOneRefusedSetCostsOneCall(t *testing.T) {
	f, base := newFake(t, "example.org")
	p := reaching(t, f, base)
	z := zoneOf(t, p, "example.org")
	seed(t, f, "example-org", dns.Record{Name: name(t, "n20.example.org"), Type: dns.CNAME, Text: "example.net", TTL: 300})
	var sets []plan.Set
	for i := range 40 {
		sets = append(sets, create(a(t, fmt.Sprintf("n%02d.example.org", i), "192.0.2.1")))
	}
	f.Calls()
	for i, r := range p.Apply(t.Context(), z, sets) {
		if (r.Errs[0] != nil) != (i == 20) {
			t.Errorf("%d: %v", i, r.Errs[0])
		}
	}
	if n := len(f.Calls()); n != 2 {
		t.Errorf("%d calls", n)
	}
}

// What is stored is told of at once, and when the name servers were told of it too.
func TestWhenAChangeIsSentToTheNameServers(t *testing.T) {
	f, base := newFake(t, "example.org")
	f.Be(func(s *googletest.State) { s.Pending = 1 })
	p := reaching(t, f, base)
	z := zoneOf(t, p, "example.org")
	r := p.Apply(t.Context(), z, []plan.Set{create(a(t, "a.example.org", "192.0.2.1"))})[0]
	if r.Errs[0] != nil || r.Receipt == "" {
		t.Fatal(r)
	}
	for _, want := range []bool{false, true} {
		if got, err := p.Propagated(t.Context(), z, r.Receipt); err != nil || got != want {
			t.Errorf("%t, %v", got, err)
		}
	}
	if _, err := p.Propagated(t.Context(), z, "nothing"); err == nil {
		t.Error("a change that there is not is visible")
	}
}

func TestRoutesAreFew(t *testing.T) {
	for path, want := range map[string]string{
		"/dns/v1/projects/p":                              "GET /projects/{project}",
		"/dns/v1/projects/p/managedZones":                 "GET /projects/{project}/managedZones",
		"/dns/v1/projects/p/managedZones/z/rrsets":        "GET /projects/{project}/managedZones/{zone}/rrsets",
		"/dns/v1/projects/p/managedZones/z/changes/1/2/3": "GET /projects/{project}/managedZones/{zone}/changes/{change}",
	} {
		r, _ := http.NewRequest(http.MethodGet, "https://"+Host+path, nil)
		if got := Route(r); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	s := googletest.New("my-project")
	f.Add(s.KeyFile(defaultTokenURL))
	f.Add(s.KeyFile("https://example.org"))
	f.Fuzz(func(t *testing.T, text string) {
		if err := CheckKey(text); err == nil && !strings.Contains(text, "service_account") {
			t.Error("it is taken")
		}
	})
}

func FuzzExplain(f *testing.F) {
	f.Add(403, `{"error":{"code":403,"message":"Forbidden","errors":[{"reason":"forbidden"}]}}`)
	f.Add(412, `{"error":{"code":412,"message":"Precondition not met for 'entity.change.deletions[76]'","errors":[{"reason":"conditionNotMet"}]}}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		r := explainRefusal(status, []byte(body))
		if !r.Understood && (r.Meaning.Cause != "" || len(r.Messages) > 0) {
			t.Errorf("%+v", r)
		}
		for _, said := range r.Messages {
			refusedKey(said, change{Additions: []set{{Name: "a.example.org.", Type: dns.A}}})
		}
	})
}
