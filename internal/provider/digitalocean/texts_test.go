package digitalocean

import (
	"errors"
	"fmt"
	"io"
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
	"github.com/homing-dns/homing/internal/provider/digitalocean/digitaloceantest"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/rest/resttest"
	"github.com/homing-dns/homing/internal/secret"
	"github.com/homing-dns/homing/internal/text"
)

func address(t testing.TB, n, a string) dns.Record {
	t.Helper()
	return dns.Record{Name: name(t, n), Type: dns.A, TTL: 300, Addr: netip.MustParseAddr(a)}
}

func creating(all ...dns.Record) (sets []plan.Set) {
	for _, r := range all {
		sets = append(sets, plan.Set{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}})
	}
	return sets
}

func zone(t testing.TB) provider.Zone {
	return provider.Zone{ID: "example.org", Name: name(t, "example.org"), Limits: Limits()}
}

// told is what came of a list, a read and a write.
func told(t *testing.T, p *Provider, in string) *provider.Error {
	t.Helper()
	var err error
	switch in {
	case "list":
		_, _, err = p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
	case "read":
		_, err = p.Records(t.Context(), zone(t), []dns.Name{name(t, "a.example.org")})
	case "write":
		err = p.Apply(t.Context(), zone(t), creating(address(t, "a.example.org", "192.0.2.1")))[0].Errs[0]
	}
	e, _ := errors.AsType[*provider.Error](err)
	return e
}

func TestWhatIsWrongIsSaidInWords(t *testing.T) {
	for _, tt := range []struct {
		what   string
		server func(*digitaloceantest.Server)
		in     string
		kind   provider.Kind
		error  string
		hint   text.Hint
	}{
		{"an unknown token", func(s *digitaloceantest.Server) { s.Token = "another" }, "list", provider.Auth,
			"list the domains: DigitalOcean does not know this token, or it has expired (DigitalOcean says Unable to authenticate you (Unauthorized); HTTP 401)", cureToken},
		{"a token that may only read", func(s *digitaloceantest.Server) { s.OnlyReads() }, "write", provider.Auth,
			"create A a.example.org: the token may not do this (DigitalOcean says You are not authorized to perform this operation (Forbidden); HTTP 403)", cureRights},
		{"a CNAME", func(s *digitaloceantest.Server) {
			s.Put("example.org", digitaloceantest.Record{Type: "CNAME", Name: "a", Data: "@", TTL: 300})
		}, "write", provider.Rejected,
			"create A a.example.org: another record at this name leaves no room for it (DigitalOcean says CNAME records cannot share a name with other records (unprocessable_entity); HTTP 422)", cureCNAME},
		{"too many calls", func(s *digitaloceantest.Server) { s.Minute = 1 }, "write", provider.Throttled,
			"create A a.example.org: too many calls (DigitalOcean says API Rate limit exceeded. (too_many_requests); HTTP 429; wait 1m0s)", cureSlow},
	} {
		t.Run(tt.what, func(t *testing.T) {
			s := digitaloceantest.New(theToken, "example.org")
			tt.server(s)
			e := told(t, reaching(t, s, rest.Account{Timeout: 5 * time.Second}), tt.in)
			if e == nil || e.Kind != tt.kind || e.Error() != tt.error || e.Hint != tt.hint {
				t.Errorf("%v\n→ %s", e, e.Hint)
			}
		})
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, `{"id":"unprocessable_entity","message":"no canary-token"}`)
	}))
	defer s.Close()
	p, err := New(secret.New(theToken), rest.Account{BaseURL: s.URL, Client: resttest.Client(http.HandlerFunc(s.Config.Handler.ServeHTTP))})
	if err != nil {
		t.Fatal(err)
	}
	if e := told(t, p, "read"); e == nil || e.Error() != "list the records of example.org: DigitalOcean refused (DigitalOcean says no •••••• (unprocessable_entity); HTTP 422)" {
		t.Error(e)
	}
}

func TestRoutesAreFew(t *testing.T) {
	for path, want := range map[string]string{"/v2/domains": "GET /domains", "/v2/domains/example.org/records": "GET /domains/{name}/records",
		"/v2/domains/example.org/records/1": "GET /domains/{name}/records/{id}"} {
		if got := Route(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// 250 calls a minute are what DigitalOcean takes of a token, and what goes out: it
// never has to refuse one.
func TestTheRateIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := digitaloceantest.New(theToken, "example.org")
		s.Minute, s.Hour = 250, 5000
		p := reaching(t, s, rest.Account{Quota: rest.NewQuota(Quota()...)})
		var all []dns.Record
		for i := range 600 {
			all = append(all, address(t, fmt.Sprintf("n%04d.example.org", i), "192.0.2.1"))
		}
		began, done := time.Now(), 0
		for try := 0; len(all) > 0 && try < 10; try++ {
			var wait time.Duration
			var rest []dns.Record
			for i, r := range p.Apply(t.Context(), zone(t), creating(all...)) {
				switch err := r.Errs[0]; {
				case err == nil:
					done++
				case err.Kind == provider.Throttled && strings.Contains(err.Error(), "homing stops there so that DigitalOcean does not"):
					wait = max(wait, err.RetryAfter)
					rest = append(rest, all[i])
				case err.Kind == provider.NotTried:
					rest = append(rest, all[i])
				default:
					t.Fatal(err)
				}
			}
			all = rest
			time.Sleep(wait)
		}
		if done != 600 || time.Since(began) > 3*time.Minute {
			t.Errorf("%d of 600 in %s", done, time.Since(began))
		}
		if calls := int64(len(s.Calls())); calls != p.Calls() {
			t.Errorf("%d of %d calls were taken", calls, p.Calls())
		}
	})
}

// What an answer says for the hour is kept to.
func TestTheHourIsKeptTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := digitaloceantest.New(theToken, "example.org")
		s.Hour = 2
		p := reaching(t, s, rest.Account{})
		for range 2 {
			if e := told(t, p, "read"); e != nil {
				t.Fatal(e)
			}
		}
		if e := told(t, p, "read"); e == nil || e.Kind != provider.Throttled || e.RetryAfter < 59*time.Minute || p.Calls() != 2 {
			t.Errorf("%v after %d calls", e, p.Calls())
		}
	})
}

// Many names are read page by page, one or two by themselves; a change of one takes
// a reading and a write.
func TestTheCallsAreFew(t *testing.T) {
	s := digitaloceantest.New(theToken, "example.org")
	var names []dns.Name
	for i := range 500 {
		r := address(t, fmt.Sprintf("n%04d.example.org", i), "192.0.2.1")
		names = append(names, r.Name)
		seed(s, "example.org", r)
	}
	p := reaching(t, s, rest.Account{})
	for n, want := range map[int]int{1: 1, 2: 2, 3: 3, 500: 3} {
		s.Calls()
		read, err := p.Records(t.Context(), zone(t), names[:n])
		if calls := len(s.Calls()); err != nil || len(read) != n || calls != want {
			t.Errorf("%d names: %d records, %d calls, %v", n, len(read), calls, err)
		}
	}
	s.Calls()
	if err := p.Apply(t.Context(), zone(t), creating(address(t, "new.example.org", "192.0.2.1")))[0].Errs[0]; err != nil || len(s.Calls()) != 2 {
		t.Error(err)
	}
	var many []dns.Record
	for i := range 50 {
		many = append(many, address(t, fmt.Sprintf("m%d.example.org", i), "192.0.2.1"))
	}
	p.Apply(t.Context(), zone(t), creating(many...))
	if calls := len(s.Calls()); calls != 3+50 {
		t.Errorf("50 changes took %d calls", calls)
	}
}

// Of two identical records one is deleted, and no third is made.
func TestIdenticalRecordsSideBySide(t *testing.T) {
	s := digitaloceantest.New(theToken, "example.org")
	r := address(t, "a.example.org", "192.0.2.1")
	seed(s, "example.org", r, r)
	p := reaching(t, s, rest.Account{})
	read, err := p.Records(t.Context(), zone(t), []dns.Name{r.Name})
	if err != nil || len(read) != 2 || read[0].ID == read[1].ID {
		t.Fatal(read, err)
	}
	result := p.Apply(t.Context(), zone(t), []plan.Set{{Key: r.Key(), Records: read, Changes: []plan.Change{{Action: plan.ToDelete, Old: read[1]}}}})[0]
	if result.Errs[0] != nil || len(result.Records) != 1 || len(stored(t, s, r.Name)) != 1 {
		t.Errorf("%+v", result)
	}
	if err := p.Apply(t.Context(), zone(t), creating(r))[0].Errs[0]; err == nil || err.Kind != provider.Stale {
		t.Error(err)
	}
}

// An answer without a list is not one with an empty list, or each name would be
// made once more.
func TestAnAnswerWithoutAListIsNoEmptyList(t *testing.T) {
	host := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{}`) })
	p, err := New(secret.New(theToken), rest.Account{Client: resttest.Client(host)})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{"list", "read"} {
		if e := told(t, p, in); e == nil || e.Kind != provider.Unavailable {
			t.Errorf("%s: %v", in, e)
		}
	}
}
