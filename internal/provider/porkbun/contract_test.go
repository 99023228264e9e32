package porkbun

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/hostbench"
	"github.com/homing-dns/homing/internal/provider/porkbun/porkbuntest"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

const theKey, theSecret = "pk1_canary", "sk1_canary"

func name(t testing.TB, s string) dns.Name { t.Helper(); return providertest.Name(t, s) }

func fake(zones ...string) *porkbuntest.Server {
	s := porkbuntest.New(theKey, theSecret, zones...)
	s.Unlimited = true
	return s
}

// reaching is a Provider for an account.
func reaching(t testing.TB, s *porkbuntest.Server, a rest.Account) *Provider {
	t.Helper()
	a.Client = resttest.Client(s)
	p, err := New(secret.New(theKey), secret.New(theSecret), a)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheContract(t *testing.T) {
	t.Parallel() // it waits between repetitions
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		s := fake("example.org")
		return providertest.Subject{
			Provider: reaching(t, s, rest.Account{Timeout: 5 * time.Second}), Zone: name(t, "example.org"), Many: 500,
			Seed:   func(t *testing.T, records ...dns.Record) { s.Seed(t, records...) },
			Stored: func(_ *testing.T, n dns.Name) []dns.Record { return s.Stored(n) },
			Faults: providertest.FaultsBy(s.Fail, resttest.Lose, resttest.Down, resttest.Hang, resttest.Ignore),
		}
	})
}

func TestWhatIsWrongIsSaidInWords(t *testing.T) {
	for _, tt := range []struct {
		what  string
		make  func(*porkbuntest.Server)
		kind  provider.Kind
		error string
		hint  text.Hint
	}{
		{"a wrong key", func(s *porkbuntest.Server) { s.Key = "another" }, provider.Auth,
			"list the domains: Porkbun refused the keys (Porkbun says Invalid API key. (001); HTTP 400)", cureKeys},
		{"a wrong secret", func(s *porkbuntest.Server) { s.Secret = "another" }, provider.Auth,
			"list the domains: Porkbun refused the keys (Porkbun says Invalid API key. (002); HTTP 400)", cureKeys},
		{"no access", func(s *porkbuntest.Server) { s.Closed = true }, provider.Auth,
			"list the records of example.org: API access is not turned on for this domain (Porkbun says Domain is not opted in to API access.; HTTP 400)", cureAPI},
		{"no access, said with a good status", func(s *porkbuntest.Server) { s.Closed, s.Odd = true, true }, provider.Auth,
			"list the records of example.org: API access is not turned on for this domain (Porkbun says Domain is not opted in to API access.; HTTP 200)", cureAPI},
		{"a CNAME in the way", func(s *porkbuntest.Server) {
			s.Put("example.org", resttest.Key{Name: "a.example.org", Type: "CNAME"}, resttest.Set{TTL: 600, Values: []resttest.Value{{Content: "example.net"}}})
		}, provider.Rejected,
			"create A a.example.org: Porkbun does not take the record (Porkbun says Create error: We were unable to create the DNS record: it conflicts with a CNAME record.; HTTP 400)",
			"look at the records of the name; a CNAME or an ALIAS stands alone"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			s := fake("example.org")
			tt.make(s)
			p := reaching(t, s, rest.Account{})
			providertest.Says(t, p, 600, providertest.Said{Kind: tt.kind, Error: tt.error, Hint: tt.hint})
		})
	}
}

// A text without anything odd stands without quotes, as people write it there.
func TestATextStandsAsPeopleWriteIt(t *testing.T) {
	for stored, strs := range map[string][]string{
		"v=spf1 ip4:192.0.2.1 -all": {"v=spf1 ip4:192.0.2.1 -all"},
		`"one" "two"`:               {"one", "two"},
		`"a \"word\""`:              {`a "word"`},
		`" blank"`:                  {" blank"},
	} {
		r := dns.Record{Type: dns.TXT}.WithData(dns.DataOfStrings(strs...))
		if got := contentFor(&r); got != stored {
			t.Errorf("%q: %s, want %s", strs, got, stored)
		}
	}
}

// One call a second, however many names change.
func TestCallsGoOutOneASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fake("example.org")
		s.Unlimited = false
		p := reaching(t, s, rest.Account{Quota: rest.NewQuota(Quota())})
		if took := hostbench.Change(t, p, "example.org", 2000); s.Refused() > 0 || took > 75*time.Minute {
			t.Errorf("%d calls were refused, and it took %s", s.Refused(), took)
		}
	})
}

func TestRoutesAreFew(t *testing.T) {
	for path, want := range map[string]string{"/api/json/v3/domain/listAll": "POST /domain/listAll", "/api/json/v3/dns/edit/example.org/1": "POST /dns/edit"} {
		if got := Route(httptest.NewRequest(http.MethodPost, path, nil)); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// BenchmarkSync is the calls for names in one domain. The API needs one to find it,
// one to read it, and one for each record. homing reads the domain again before every
// 16 of them, and afterwards.
func BenchmarkSync(b *testing.B) {
	floor := hostbench.Floor{First: func(n int) int { return 2 + n }, Change: func(n int) int { return n }}
	hostbench.Run(b, "example.org", floor, func(b *testing.B) hostbench.Counted {
		return reaching(b, fake("example.org"), rest.Account{})
	})
}
