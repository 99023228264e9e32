package desec

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/desec/desectest"
	"github.com/homing-dns/homing/internal/provider/hostbench"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

const theToken = "canary-token"

func name(t testing.TB, s string) dns.Name { t.Helper(); return providertest.Name(t, s) }

// reaching is a Provider for an account; counted says that it keeps to the limits.
func reaching(t testing.TB, s *desectest.Server, counted bool) *Provider {
	t.Helper()
	a := rest.Account{Client: resttest.Client(s), Timeout: 5 * time.Second}
	var writes func(string) *rest.Quota
	if counted {
		a.Quota = rest.NewQuota(Quota()...)
		of := &rest.Quotas[string]{}
		writes = func(zone string) *rest.Quota { return of.For(zone, Writes(zone)...) }
	}
	p, err := New(secret.New(theToken), a, writes)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheContract(t *testing.T) {
	t.Parallel() // it waits between repetitions
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		s := desectest.New(theToken, "example.org", "sub.example.org")
		s.Unlimited = true
		s.Least("example.org", 30)
		s.Least("sub.example.org", 30)
		return providertest.Subject{
			Provider: reaching(t, s, false), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 500, Sets: true,
			Seed:   func(t *testing.T, records ...dns.Record) { s.Seed(t, dns.AutoTTL, records...) },
			Stored: func(_ *testing.T, n dns.Name) []dns.Record { return s.Stored(n) },
			Trace:  func(*testing.T) []string { return s.Trace() },
			Faults: providertest.FaultsBy(s.Fail, resttest.Lose, resttest.Down, resttest.Hang, resttest.Ignore),
		}
	})
}

// create is a set that is not there yet.
func create(t *testing.T, n, address string, ttl int) plan.Set {
	t.Helper()
	r := dns.Record{Name: name(t, n), Type: dns.A, TTL: ttl, Addr: netip.MustParseAddr(address)}
	return plan.Set{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}}
}

func TestWhatIsWrongIsSaidInWords(t *testing.T) {
	for _, tt := range []struct {
		what  string
		make  func(*desectest.Server)
		ttl   int
		kind  provider.Kind
		error string
		hint  text.Hint
	}{
		{"a wrong token", func(s *desectest.Server) { s.Token = "another" }, 3600, provider.Auth,
			"list the domains: deSEC refused the token (deSEC says Invalid token.; HTTP 401)", cureToken},
		{"a token without the right", func(s *desectest.Server) { s.Reads = true }, 3600, provider.Auth,
			"create A a.example.org: the token may not do this (deSEC says Insufficient token permissions.; HTTP 403)", cureRight},
		{"a TTL below the least", func(*desectest.Server) {}, 300, provider.Rejected,
			"create A a.example.org: the TTL is below the least of the domain (deSEC says ttl: Ensure this value is greater than or equal to 3600.; HTTP 400)",
			"set {records.ttl} to 1 (automatic) for this name"},
		{"a CNAME in the way", func(s *desectest.Server) {
			s.Put("example.org", resttest.Key{Name: "a.example.org", Type: "CNAME"}, resttest.Set{TTL: 3600, Values: []resttest.Value{{Content: "example.net."}}})
		}, 3600, provider.Rejected,
			"create A a.example.org: another record at this name leaves no room for it (deSEC says RRset with conflicting type present: database (CNAME). (No other RRsets are allowed alongside CNAME.); HTTP 400)",
			"look at the records of the name; a CNAME stands alone"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			s := desectest.New(theToken, "example.org")
			tt.make(s)
			p := reaching(t, s, false)
			providertest.Says(t, p, tt.ttl, providertest.Said{Kind: tt.kind, Error: tt.error, Hint: tt.hint})
		})
	}
}

// The least TTL is a domain's own.
func TestTheTTLsOfADomain(t *testing.T) {
	s := desectest.New(theToken, "example.org", "me.dedyn.io")
	s.Least("me.dedyn.io", 60)
	placed, _, err := reaching(t, s, false).Zones(t.Context(), []dns.Name{name(t, "a.example.org"), name(t, "me.dedyn.io")})
	if err != nil || len(placed) != 2 || placed[0].Zone.Limits.MinTTL != 3600 || placed[0].Zone.Limits.AutoTTL != 3600 ||
		placed[1].Zone.Limits.MinTTL != 60 || placed[1].Zone.Limits.AutoTTL != 300 {
		t.Errorf("%+v, %v", placed, err)
	}
}

// Among 600 sets those that are refused are named, and the rest is stored by the
// second call.
func TestWhatIsRefusedIsLeftOut(t *testing.T) {
	s := desectest.New(theToken, "example.org")
	s.Unlimited = true
	p := reaching(t, s, false)
	placed, _, err := p.Zones(t.Context(), []dns.Name{name(t, "example.org")})
	if err != nil {
		t.Fatal(err)
	}
	var sets []plan.Set
	for i := range 600 {
		n := "n" + string(rune('a'+i%26)) + strings.Repeat("x", i/26) + ".example.org"
		if sets = append(sets, create(t, n, "192.0.2.1", 3600)); i%200 == 7 {
			s.Put("example.org", resttest.Key{Name: n, Type: "CNAME"}, resttest.Set{TTL: 3600, Values: []resttest.Value{{Content: "example.net."}}})
		}
	}
	for i, r := range p.Apply(t.Context(), placed[0].Zone, sets) {
		if (r.Errs[0] != nil) != (i%200 == 7) {
			t.Errorf("%d: %v", i, r.Errs[0])
		}
	}
	if n := s.Patches(); n != 2 {
		t.Errorf("%d bulk requests", n)
	}
}

// 2,000 names are changed by one bulk request.
func TestALargeChangeIsOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := desectest.New(theToken, "example.org")
		p := reaching(t, s, true)
		took := hostbench.Change(t, p, "example.org", 2000)
		if s.Refused() > 0 || s.Patches() > 2 || took > 10*time.Minute {
			t.Errorf("%d bulk requests, %d calls were refused, and it took %s", s.Patches(), s.Refused(), took)
		}
	})
}

// An address that changes all day is written as often as deSEC takes it, and no
// oftener; that few are left is told.
func TestTheWritesOfADayAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := desectest.New(theToken, "example.org")
		p := reaching(t, s, true)
		placed, _, err := p.Zones(t.Context(), []dns.Name{name(t, "example.org")})
		if err != nil {
			t.Fatal(err)
		}
		set, began, told, done := create(t, "a.example.org", "192.0.2.1", 3600), time.Now(), "", 0
		longest, last := time.Duration(0), time.Now()
		for n := 1; time.Since(began) < 48*time.Hour; n++ {
			r := p.Apply(t.Context(), placed[0].Zone, []plan.Set{set})[0]
			switch e := r.Errs[0]; {
			case e == nil:
				done++
				longest, last = max(longest, time.Since(last)), time.Now()
				next := r.Records[0]
				next.Addr = netip.AddrFrom4([4]byte{192, 0, 2, byte(n%250 + 1)})
				if next.Addr == r.Records[0].Addr {
					next.Addr = next.Addr.Next()
				}
				set = plan.Set{Key: next.Key(), Records: r.Records, Changes: []plan.Change{{Action: plan.ToUpdate, Old: r.Records[0], New: next}}}
				time.Sleep(10 * time.Second)
			case e.Kind != provider.Throttled:
				t.Fatal(e)
			default:
				if a := p.Advice(); told == "" && len(a) == 1 {
					told = a[0].Text + "; " + e.Reason()
				}
				time.Sleep(e.RetryAfter)
			}
		}
		if s.Refused() > 0 || done < 550 || longest > time.Hour {
			t.Errorf("%d writes, %d calls were refused, the longest pause was %s", done, s.Refused(), longest)
		}
		if !strings.HasPrefix(told, "60 of 300 changes of example.org are left until ") || !strings.Contains(told, ", so homing spreads them over that time; 60 of 300 changes of example.org are left until ") {
			t.Errorf("told is %q", told)
		}
	})
}

func TestRoutesAreFew(t *testing.T) {
	for path, want := range map[string]string{"/api/v1/domains/": "GET /domains", "/api/v1/domains/example.org/rrsets/": "GET /domains/{name}/rrsets",
		"/api/v1/domains/example.org/rrsets/a/A/": "GET /domains/{name}/rrsets/{subname}/{type}"} {
		if got := Route(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// Whatever comes for a refusal, it is read.
func FuzzExplain(f *testing.F) {
	f.Add(`{"detail": "Not found."}`)
	f.Add(`[{}, {"ttl": ["x"]}, {"non_field_errors": ["y"]}]`)
	f.Fuzz(func(t *testing.T, body string) {
		if r := explainRefusal(400, []byte(body)); len(r.Messages) > maxSaid {
			t.Errorf("%q", r.Messages)
		}
	})
}

// BenchmarkSync is the calls for names in one domain. The API needs one to find it,
// one for each 500 sets to read it, and one bulk request; a change reads what is to
// be changed before.
func BenchmarkSync(b *testing.B) {
	floor := hostbench.Floor{First: func(int) int { return 3 }, Change: func(int) int { return 1 }}
	hostbench.Run(b, "example.org", floor, func(b *testing.B) hostbench.Counted {
		s := desectest.New(theToken, "example.org")
		s.Unlimited = true
		return reaching(b, s, false)
	})
}
