package providertest

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// Name is a name that is one.
func Name(t testing.TB, s string) dns.Name {
	t.Helper()
	n, err := dns.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// FaultsBy are the faults of a fake, by the words it has for them: of losing the
// answers to writes, of being down, of hanging, and of ignoring writes, where it can.
func FaultsBy[F any](fail func(F), lose, down, hang F, ignore ...F) *Faults {
	f := &Faults{
		LoseAnswers: func(*testing.T) { fail(lose) },
		GoDown:      func(*testing.T) { fail(down) },
		Hang:        func(*testing.T) { fail(hang) },
	}
	for _, i := range ignore {
		f.Ignore = func(*testing.T, dns.Record) { fail(i) }
	}
	return f
}

// Said is a failure as people see it.
type Said struct {
	Kind  provider.Kind
	Error string
	Hint  text.Hint
}

// Says looks at the first failure on the way to an A record at a.example.org that is
// not there: finding its zone, reading and writing it.
func Says(t *testing.T, p provider.Provider, ttl int, want Said) {
	t.Helper()
	n := Name(t, "a.example.org")
	placed, unplaced, err := p.Zones(t.Context(), []dns.Name{n})
	for _, u := range unplaced {
		err = u.Err
	}
	if err == nil {
		_, err = p.Records(t.Context(), placed[0].Zone, []dns.Name{n})
	}
	if err == nil {
		r := dns.Record{Name: n, Type: dns.A, TTL: ttl, Addr: netip.MustParseAddr("192.0.2.1")}
		if failed := p.Apply(t.Context(), placed[0].Zone, []plan.Set{{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}}})[0].Errs[0]; failed != nil {
			err = failed
		}
	}
	if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind != want.Kind || e.Error() != want.Error || e.Hint != want.Hint {
		t.Errorf("%v\n→ %v", err, e)
	}
}
