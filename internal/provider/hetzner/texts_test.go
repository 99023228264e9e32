package hetzner

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/hetzner/hetznertest"
	"github.com/homing-dns/homing/internal/provider/hostbench"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

func a(t *testing.T, n, address string, ttl int) dns.Record {
	t.Helper()
	return dns.Record{Name: name(t, n), Type: dns.A, TTL: ttl, Addr: netip.MustParseAddr(address)}
}

// to changes what stands at the name of a record to it, or makes it.
func to(t *testing.T, p *Provider, r dns.Record) provider.SetResult {
	t.Helper()
	placed, _, err := p.Zones(t.Context(), []dns.Name{r.Name})
	if err != nil || len(placed) != 1 {
		t.Fatal(placed, err)
	}
	here, err := p.Records(t.Context(), placed[0].Zone, []dns.Name{r.Name})
	if err != nil {
		t.Fatal(err)
	}
	set := plan.Set{Key: r.Key(), Records: here, Changes: []plan.Change{{Action: plan.ToCreate, New: r}}}
	if len(here) > 0 {
		set.Changes[0].Action, set.Changes[0].Old = plan.ToUpdate, here[0]
	}
	return p.Apply(t.Context(), placed[0].Zone, []plan.Set{set})[0]
}

func TestWhatIsWrongIsSaidInWords(t *testing.T) {
	for _, tt := range []struct {
		what  string
		make  func(*hetznertest.Server)
		kind  provider.Kind
		error string
		hint  text.Hint
	}{
		{"a wrong token", func(s *hetznertest.Server) { s.Token = "another" }, provider.Auth,
			"list the zones: Hetzner does not know the token (Hetzner says unable to authenticate (unauthorized); HTTP 401)", cureToken},
		{"a token that may only read", func(s *hetznertest.Server) { s.Reads = true }, provider.Auth,
			"create A a.example.org: the token may only read (Hetzner says insufficient permissions for this request (forbidden); HTTP 403)", cureWrite},
		{"a secondary zone", func(s *hetznertest.Server) { s.Be("example.org", "secondary") }, provider.Rejected,
			"list the records of example.org: the zone is a secondary, whose records come from another server (Hetzner says operation not supported for this zone mode (incorrect_zone_mode); HTTP 422)",
			"change its mode in the Hetzner Console, or give the account of its primary"},
		{"an action that fails", func(s *hetznertest.Server) { s.Break = true }, provider.Rejected,
			"change A a.example.org: Hetzner took the change and then failed to make it: Action failed (action_failed)",
			"homing tries again later by itself; if it stays so, look at the zone in the Hetzner Console"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			s := hetznertest.New(theToken, "example.org")
			tt.make(s)
			p := reaching(t, s, rest.Account{})
			providertest.Says(t, p, 600, providertest.Said{Kind: tt.kind, Error: tt.error, Hint: tt.hint})
		})
	}
}

// Codes that the fake has no reason for.
func TestEveryCodeHasAMeaning(t *testing.T) {
	for code, want := range map[string]provider.Kind{"conflict": provider.Stale, "uniqueness_error": provider.Stale, "locked": provider.Throttled, "protected": provider.Rejected,
		"rate_limit_exceeded": provider.Throttled, "resource_limit_exceeded": provider.Rejected, "maintenance": provider.Unavailable, "deprecated_api_endpoint": provider.Rejected, "token_readonly": provider.Auth} {
		r := explainRefusal(422, []byte(`{"error": {"code": "`+code+`", "message": "m"}}`))
		if r.Meaning.Kind != want || r.Meaning.Cause == "" || !r.Understood || r.Busy != (code == "locked") {
			t.Errorf("%s: %+v", code, r)
		}
	}
	if r := explainRefusal(404, []byte("<html>")); r.Understood {
		t.Errorf("%+v", r)
	}
}

// A set without a TTL has that of its zone, and gets none by another change.
func TestAnAutomaticTTLIsThatOfTheZone(t *testing.T) {
	s := hetznertest.New(theToken, "example.org")
	p, k := reaching(t, s, rest.Account{}), resttest.Key{Name: "a.example.org", Type: "A"}
	for _, tt := range []struct{ ttl, stored int }{{dns.AutoTTL, 0}, {300, 300}, {dns.AutoTTL, 0}} {
		for _, address := range []string{"192.0.2.1", "192.0.2.2"} {
			if r := to(t, p, a(t, "a.example.org", address, tt.ttl)); r.Errs[0] != nil {
				t.Fatal(r.Errs[0])
			}
			if set, _ := s.Set("example.org", k); set.TTL != tt.stored || set.Values[0].Content != address {
				t.Errorf("stored is %+v, want a TTL of %d", set, tt.stored)
			}
		}
	}
}

// What is protected is somebody else's business.
func TestAProtectedSetIsReadOnly(t *testing.T) {
	s := hetznertest.New(theToken, "example.org")
	s.Put("example.org", resttest.Key{Name: "a.example.org", Type: "A"}, resttest.Set{Protected: true, Values: []resttest.Value{{Content: "192.0.2.1"}}})
	p := reaching(t, s, rest.Account{})
	placed, _, _ := p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
	got, err := p.Records(t.Context(), placed[0].Zone, []dns.Name{name(t, "a.example.org")})
	if err != nil || len(got) != 1 || !got[0].ReadOnly || got[0].Feature == "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// An action runs on after the answer, and the zone is locked meanwhile: what comes
// next waits, and nothing counts as done before it is.
func TestActionsAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := hetznertest.New(theToken, "example.org")
		s.Delay = 3 * time.Second
		p := reaching(t, s, rest.Account{})
		placed, _, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
		if err != nil {
			t.Fatal(err)
		}
		var sets []plan.Set
		for _, n := range []string{"a.example.org", "b.example.org"} {
			r := a(t, n, "192.0.2.1", 300)
			sets = append(sets, plan.Set{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}})
		}
		for _, r := range p.Apply(t.Context(), placed[0].Zone, sets) {
			if r.Errs[0] != nil || len(r.Records) != 1 {
				t.Errorf("%+v, %v", r.Records, r.Errs[0])
			}
		}
		s.Delay = time.Hour
		r := to(t, p, a(t, "a.example.org", "192.0.2.2", 300))
		if e := r.Errs[0]; e == nil || e.Kind != provider.Unconfirmed || e.Error() != "change A a.example.org: Hetzner took the change, and has not made it yet" {
			t.Errorf("%v", r.Errs)
		}
	})
}

// 2,000 changes keep to what a project may ask within an hour, over as many hours
// as it takes.
func TestTheLimitOfAnHourIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := hetznertest.New(theToken, "example.org")
		p := reaching(t, s, rest.Account{Quota: rest.NewQuota(Quota())})
		hours := hostbench.Change(t, p, "example.org", 2000)
		if s.Refused() > 0 || hours > 3*time.Hour {
			t.Errorf("%d calls were refused, and it took %s", s.Refused(), hours)
		}
	})
}

func TestRoutesAreFew(t *testing.T) {
	for path, want := range map[string]string{"/v1/zones": "GET /zones", "/v1/zones/42/rrsets": "GET /zones/{zone}/rrsets", "/v1/actions": "GET /actions",
		"/v1/zones/42/rrsets/www/A/actions/set_records": "GET /zones/{zone}/rrsets/{name}/{type}/actions/set_records"} {
		if got := Route(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	if _, err := New(secret.New("x"), rest.Account{BaseURL: "ftp://x"}); err == nil {
		t.Error("any address is taken")
	}
}

// BenchmarkSync is the calls for names in one zone. The API needs one to find the
// zone, one a hundred sets to read it, and one for each set that is written; a set
// that is changed is read before, and all are read again afterwards.
func BenchmarkSync(b *testing.B) {
	floor := hostbench.Floor{First: func(n int) int { return 2 + n }, Change: func(n int) int { return n }}
	hostbench.Run(b, "example.org", floor, func(b *testing.B) hostbench.Counted {
		s := hetznertest.New(theToken, "example.org")
		s.Unlimited = true
		return reaching(b, s, rest.Account{})
	})
}
