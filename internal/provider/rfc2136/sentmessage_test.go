package rfc2136

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// Each message is told with its answer, and without a secret.
func TestEachMessageIsTold(t *testing.T) {
	s := serve(t, flavours()[0], "example.org")
	p := s.provider()
	var mu sync.Mutex
	var told []string
	p.onMessage = func(m SentMessage) {
		mu.Lock()
		defer mu.Unlock()
		if m.Server == "" || m.Took < 0 {
			t.Errorf("%+v", m)
		}
		told = append(told, m.Kind()+" "+m.About()+" "+m.Answer)
	}
	r := record(t, "a.example.org", "192.0.2.1")
	placed, _, err := p.Zones(t.Context(), []dns.Name{r.Name})
	if err != nil || len(placed) != 1 {
		t.Fatal(err)
	}
	got := p.Apply(t.Context(), placed[0].Zone, []plan.Set{{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}}})
	if got[0].Errs[0] != nil {
		t.Fatal(got[0].Errs[0])
	}
	all := strings.Join(told, "\n")
	if int64(len(told)) != p.Calls() || !slices.ContainsFunc(told, func(m string) bool { return m == "QUERY SOA a.example.org. NXDOMAIN" }) ||
		!slices.ContainsFunc(told, func(m string) bool {
			return strings.HasPrefix(m, "UPDATE example.org. (") && strings.HasSuffix(m, " changes) NOERROR")
		}) {
		t.Errorf("%d messages, told are\n%s", p.Calls(), all)
	}
}

// A message whose answer is lost is told too.
func TestAMessageWithoutAnAnswerIsTold(t *testing.T) {
	s := serve(t, flavours()[0], "example.org")
	p := s.provider()
	var told []string
	p.onMessage = func(m SentMessage) { told = append(told, m.Kind()+" "+m.Answer) }
	s.set(func(s *server) { s.lose = true })
	r := record(t, "a.example.org", "192.0.2.1")
	p.Apply(t.Context(), zoneNamed(name(t, "example.org")), []plan.Set{{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}}})
	if !slices.Contains(told, "UPDATE ") {
		t.Errorf("%q", told)
	}
}

// By a right signature the clocks of both can be compared.
func TestTheSkewOfTheClocksIsKnownByTheSignature(t *testing.T) {
	s := serve(t, flavours()[0], "example.org")
	s.clock = func() time.Time { return time.Now().Add(100 * time.Second) }
	p := s.provider()
	if _, known := p.ClockSkew(); known {
		t.Error("it is known before anything was asked")
	}
	if _, _, err := p.Zones(t.Context(), []dns.Name{name(t, "a.example.org")}); err != nil {
		t.Fatal(err)
	}
	if skew, known := p.ClockSkew(); !known || (skew-100*time.Second).Abs() > 2*time.Second || p.Credential() != "TSIG key homing" {
		t.Errorf("%s, %v", skew, known)
	}
}
