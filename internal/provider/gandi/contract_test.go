package gandi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/gandi/ganditest"
	"github.com/homing-dns/homing/internal/provider/hostbench"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

const theToken = "canary-token"

func name(t testing.TB, s string) dns.Name { t.Helper(); return providertest.Name(t, s) }

// reaching is a Provider for the domains of a token.
func reaching(t testing.TB, s *ganditest.Server, a rest.Account) *Provider {
	t.Helper()
	a.Client = resttest.Client(s)
	p, err := New(secret.New(theToken), a)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheContract(t *testing.T) {
	t.Parallel() // it waits between repetitions
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		s := ganditest.New(theToken, "example.org", "sub.example.org")
		s.Unlimited = true
		return providertest.Subject{
			Provider: reaching(t, s, rest.Account{Timeout: 5 * time.Second}), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 500, Sets: true,
			Seed:   func(t *testing.T, records ...dns.Record) { s.Seed(t, dns.AutoTTL, records...) },
			Stored: func(_ *testing.T, n dns.Name) []dns.Record { return s.Stored(n) },
			Trace:  func(*testing.T) []string { return s.Trace() },
			Faults: providertest.FaultsBy(s.Fail, resttest.Lose, resttest.Down, resttest.Hang, resttest.Ignore),
		}
	})
}

func TestWhatIsWrongIsSaidInWords(t *testing.T) {
	for _, tt := range []struct {
		what  string
		make  func(*ganditest.Server)
		ttl   int
		kind  provider.Kind
		error string
		hint  text.Hint
	}{
		{"a wrong token", func(s *ganditest.Server) { s.Token = "another" }, 300, provider.Auth,
			"list the domains: Gandi refused the token (Gandi says The server could not verify that you authorized to access the document you requested.; HTTP 401)", cureToken},
		{"a token that is over", func(s *ganditest.Server) { s.Over = true }, 300, provider.Auth,
			"list the domains: the token is over, or may not do this (Gandi says Access was denied to this resource.; HTTP 403)", cureRight},
		{"a TTL below the least", func(*ganditest.Server) {}, 60, provider.Rejected,
			"create A a.example.org: Gandi refused (Gandi says rrset_ttl: must be between 300 and 2592000; HTTP 400)",
			"homing tries again later by itself; if it stays so, look at the record at the host"},
		{"a CNAME in the way", func(s *ganditest.Server) {
			s.Put("example.org", resttest.Key{Name: "a.example.org", Type: "CNAME"}, resttest.Set{TTL: 300, Values: []resttest.Value{{Content: "example.net."}}})
		}, 300, provider.Rejected,
			"create A a.example.org: another record at this name leaves no room for it (Gandi says A CNAME record can not exist beside another record at this name; HTTP 409)",
			"look at the records of the name; a CNAME stands alone"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			s := ganditest.New(theToken, "example.org")
			tt.make(s)
			p := reaching(t, s, rest.Account{})
			providertest.Says(t, p, tt.ttl, providertest.Said{Kind: tt.kind, Error: tt.error, Hint: tt.hint})
		})
	}
}

// A domain that is not in the list is found by its name, once for all of its names.
func TestADomainThatIsNotListedIsFound(t *testing.T) {
	s := ganditest.New(theToken, "example.org", "example.net")
	s.Unlisted = []string{"example.org"}
	p := reaching(t, s, rest.Account{})
	placed, unplaced, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.org"), name(t, "*.b.example.org"), name(t, "example.net"), name(t, "a.example.com")})
	if err != nil || len(placed) != 3 || len(unplaced) != 1 || unplaced[0].Err.Error() != "this token sees no zone that holds a.example.com" {
		t.Errorf("%v, %v, %v", placed, unplaced, err)
	}
	if seen, err := p.ListZones(t.Context()); err != nil || len(seen) != 2 {
		t.Errorf("seen are %v, %v", seen, err)
	}
	if n := p.Calls() - 1; n != 4 { // the list, example.org, example.com, a.example.com
		t.Errorf("%d calls", n)
	}
}

// 2,000 changes keep to what Gandi takes within a minute.
func TestTheLimitOfAMinuteIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := ganditest.New(theToken, "example.org")
		p := reaching(t, s, rest.Account{Quota: rest.NewQuota(Quota())})
		if took := hostbench.Change(t, p, "example.org", 2000); s.Refused() > 0 || took > 20*time.Minute {
			t.Errorf("%d calls were refused, and it took %s", s.Refused(), took)
		}
	})
}

func TestRoutesAreFew(t *testing.T) {
	for path, want := range map[string]string{"/v5/livedns/domains": "GET /domains", "/v5/livedns/domains/example.org": "GET /domains/{fqdn}",
		"/v5/livedns/domains/example.org/records": "GET /domains/{fqdn}/records", "/v5/livedns/domains/example.org/records/@/A": "GET /domains/{fqdn}/records/{name}/{type}"} {
		if got := Route(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// BenchmarkSync is the calls for names in one domain. The API needs one to find it,
// one a hundred sets to read it, and one for each set that is written; each is read
// before, and all are read again afterwards.
func BenchmarkSync(b *testing.B) {
	floor := hostbench.Floor{First: func(n int) int { return 2 + n }, Change: func(n int) int { return n }}
	hostbench.Run(b, "example.org", floor, func(b *testing.B) hostbench.Counted {
		s := ganditest.New(theToken, "example.org")
		s.Unlimited = true
		return reaching(b, s, rest.Account{})
	})
}

// A list without Total-Count whose pages are all the same is whole with the first.
func TestAServerThatKnowsNoPagesIsAskedTwice(t *testing.T) {
	asked := map[string]int{}
	p, err := New(secret.New(theToken), rest.Account{Timeout: 5 * time.Second, Client: resttest.Client(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path]++
		w.Header().Set("Content-Type", "application/json")
		body := `[{"fqdn":"example.org"}]`
		if strings.HasSuffix(r.URL.Path, "/records") {
			body = `[{"rrset_name":"nas","rrset_type":"A","rrset_ttl":300,"rrset_values":["192.0.2.1"]}]`
		}
		if _, err := w.Write([]byte(body)); err != nil {
			t.Error(err)
		}
	}))})
	if err != nil {
		t.Fatal(err)
	}
	nas := name(t, "nas.example.org")
	placed, unplaced, err := p.Zones(t.Context(), []dns.Name{nas})
	if err != nil || len(placed) != 1 || len(unplaced) != 0 {
		t.Fatalf("%v %v %v", placed, unplaced, err)
	}
	got, err := p.Records(t.Context(), placed[0].Zone, []dns.Name{nas})
	if err != nil || len(got) != 1 {
		t.Errorf("%v %v", got, err)
	}
	for path, n := range asked {
		if n > 2 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
}

// An answer that is none of the API's is told of with what to do.
func TestAnswersOfAnotherSetHaveACure(t *testing.T) {
	p, err := New(secret.New(theToken), rest.Account{Timeout: 5 * time.Second, Client: resttest.Client(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if _, err := w.Write([]byte("null")); err != nil {
			t.Error(err)
		}
	}))})
	if err != nil {
		t.Fatal(err)
	}
	zone := newZone(name(t, "example.org"))
	_, no := p.fetchSet(t.Context(), zone, dns.Key{Name: name(t, "nas.example.org"), Type: dns.A})
	if no == nil || no.Kind != provider.Unavailable || no.Hint != rest.HintUnexpectedAnswer {
		t.Errorf("%v", no)
	}
}
