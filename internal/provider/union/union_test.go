package union

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/memory"
	"github.com/homing-dns/homing/internal/provider/providertest"
)

func name(t *testing.T, s string) dns.Name {
	t.Helper()
	n, err := dns.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// at is a host with these zones.
func at(t *testing.T, zones ...string) *memory.Host {
	h := memory.New()
	for _, z := range zones {
		h.AddZone(memory.Zone(name(t, z)))
	}
	return h
}

// found is where each name was placed, or why it was not.
func found(t *testing.T, u *Union, names ...string) map[string]string {
	t.Helper()
	var ns []dns.Name
	for _, n := range names {
		ns = append(ns, name(t, n))
	}
	placed, lost, err := u.Zones(t.Context(), ns)
	if err != nil || len(placed)+len(lost) != len(names) {
		t.Errorf("%d and %d of %d, %v", len(placed), len(lost), len(names), err)
	}
	said := make(map[string]string)
	for _, p := range placed {
		said[p.Name.String()] = p.Zone.ID
	}
	for _, l := range lost {
		said[l.Name.String()] = fmt.Sprintf("%s: %s", l.Err.Kind, l.Err.Reason())
		if l.Err.Hint != "" {
			said[l.Name.String()] += " → " + l.Err.Hint.String()
		}
	}
	return said
}

func TestANameGoesToTheOneAccountThatSeesItsZone(t *testing.T) {
	u := New(Member{Name: "cf", Provider: at(t, "example.org", "shared.net")}, Member{Name: "lan", Provider: at(t, "home.example.org", "shared.net", "example.com")})
	said := found(t, u, "a.example.org", "nas.home.example.org", "x.example.com", "a.shared.net", "nowhere.test")
	for n, want := range map[string]string{
		"a.example.org":        "cf/zone-example.org",
		"nas.home.example.org": "lan/zone-home.example.org", // the closest
		"x.example.com":        "lan/zone-example.com",
		"a.shared.net":         "no zone: the accounts cf and lan see its zone shared.net, and nothing says which of them it belongs to → say which of them it belongs to: records.account: cf",
		"nowhere.test":         "no zone: none of the accounts cf and lan sees a zone of it → make the zone at one of these hosts, give the credential of its account that zone, or correct the name",
	} {
		if said[n] != want {
			t.Errorf("%s: %q", n, said[n])
		}
	}
}

// The account called default has what it sees, also where others see it as well, and
// nothing that only another one sees, or sees closer.
func TestTheDefaultAccountHasWhatItSees(t *testing.T) {
	for _, first := range []bool{true, false} {
		def, cf, lan := at(t, "example.org", "shared.net"), at(t, "shared.net", "both.net"), at(t, "home.example.org", "shared.net", "example.com", "both.net")
		members := []Member{{Name: "default", Provider: def, Default: true}, {Name: "cf", Provider: cf}, {Name: "lan", Provider: lan}}
		if !first {
			slices.Reverse(members)
		}
		u := New(members...)
		said := found(t, u, "a.example.org", "nas.home.example.org", "x.example.com", "a.shared.net", "a.both.net", "nowhere.test")
		for n, want := range map[string]string{
			"a.example.org":        "default/zone-example.org",
			"nas.home.example.org": "lan/zone-home.example.org",
			"x.example.com":        "lan/zone-example.com",
			"a.shared.net":         "default/zone-shared.net",
		} {
			if said[n] != want {
				t.Errorf("%s: %q", n, said[n])
			}
		}
		if !strings.HasPrefix(said["a.both.net"], "no zone: the accounts ") {
			t.Errorf("%q", said["a.both.net"])
		}
		if got := said["nowhere.test"]; !strings.HasPrefix(got, "no zone: default: ") || !strings.HasSuffix(got, ", and no other account sees a zone of it") && !strings.Contains(got, ", and no other account sees a zone of it → ") {
			t.Errorf("%q", got)
		}
		def.SetHook(func(memory.Call) *provider.Error {
			return &provider.Error{Kind: provider.Unavailable, Err: errors.New("down")}
		})
		said = found(t, u, "a.example.org", "x.example.com", "a.shared.net")
		if said["x.example.com"] != "lan/zone-example.com" || said["a.example.org"] != "unavailable: default: down" || said["a.shared.net"] != "unavailable: default: down" {
			t.Error(said)
		}
		if a := u.Advice(); len(a) != 0 {
			t.Errorf("%v", a)
		}
	}
}

// The failure of one account is nobody else's.
func TestAnAccountThatFailsKeepsItsOwnNamesAndNoOthers(t *testing.T) {
	cf, lan := at(t, "example.org", "shared.net"), at(t, "example.net", "shared.net")
	u := New(Member{Name: "cf", Provider: cf}, Member{Name: "lan", Provider: lan})
	failing := func(memory.Call) *provider.Error {
		return &provider.Error{Kind: provider.Unavailable, Err: errors.New("no usable answer came"), Hint: "check {accounts.server}"}
	}
	lan.SetHook(failing)
	said := found(t, u, "a.example.org", "a.example.net", "a.shared.net")
	if said["a.example.org"] != "cf/zone-example.org" || said["a.shared.net"] != "cf/zone-shared.net" ||
		said["a.example.net"] != "unavailable: lan: no usable answer came → check accounts.lan.server" {
		t.Error(said)
	}
	lan.SetHook(nil)
	said = found(t, u, "a.example.net", "a.shared.net")
	if said["a.example.net"] != "lan/zone-example.net" || !strings.Contains(said["a.shared.net"], "cf and lan see its zone") {
		t.Error(said)
	}
	if a := u.Advice(); len(a) != 1 || a[0].Text != "a.shared.net stays at cf for now: the accounts cf and lan see its zone" {
		t.Errorf("%v", a)
	}
	cf.SetHook(failing) // the name does not move while its account cannot be asked
	if said = found(t, u, "a.shared.net"); !strings.HasPrefix(said["a.shared.net"], "unavailable: cf: ") {
		t.Error(said)
	}
	u.Forget()
	if len(u.Advice()) != 0 {
		t.Error(u.Advice())
	}
}

// Where none can be asked nothing was learnt, and what each said is told.
func TestWhereNoAccountCanBeAskedNothingIsLearnt(t *testing.T) {
	cf, lan := at(t, "example.org"), at(t)
	for h, kind := range map[*memory.Host]provider.Kind{cf: provider.Auth, lan: provider.NoZone} {
		h.SetHook(func(memory.Call) *provider.Error { return &provider.Error{Kind: kind, Err: errors.New("no")} })
	}
	_, _, err := New(Member{Name: "cf", Provider: cf}, Member{Name: "lan", Provider: lan}).Zones(t.Context(), []dns.Name{name(t, "a.example.org")})
	if e, ok := errors.AsType[*provider.Error](err); !ok || e.Kind != provider.Auth || e.Error() != "cf: no; lan: no" {
		t.Error(err)
	}
}

// One that hangs leaves the others some time.
func TestAnAccountThatHangsDoesNotUseAllTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := at(t, "example.net")
		slow.SetLatency(time.Hour, 0)
		u := New(Member{Name: "slow", Provider: slow}, Member{Name: "cf", Provider: at(t, "example.org")})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		began := time.Now()
		placed, _, err := u.Zones(ctx, []dns.Name{name(t, "a.example.org")})
		if err != nil || len(placed) != 1 || time.Since(began) > 15*time.Second {
			t.Errorf("%v after %s, %v", placed, time.Since(began), err)
		}
	})
}

func TestCallsAndErrorsAreThoseOfTheAccount(t *testing.T) {
	cf, lan := at(t, "example.org"), at(t, "example.net")
	u := New(Member{Name: "cf", Provider: cf}, Member{Name: "lan", Provider: lan})
	n := name(t, "a.example.net")
	placed, _, _ := u.Zones(t.Context(), []dns.Name{n})
	r := dns.Record{Name: n, Type: dns.A, Addr: netip.MustParseAddr("192.0.2.1"), TTL: 300}
	sets := []plan.Set{{Key: r.Key(), Changes: []plan.Change{{Action: plan.ToCreate, New: r}}}}
	if got := u.Apply(t.Context(), placed[0].Zone, sets); got[0].Errs[0] != nil {
		t.Error(got[0].Errs[0])
	}
	records, err := u.Records(t.Context(), placed[0].Zone, []dns.Name{n})
	if err != nil || len(records) != 1 || len(lan.At(n)) != 1 || len(cf.All()) != 0 || u.Calls() != cf.Calls()+lan.Calls() {
		t.Errorf("%v %v", records, err)
	}
	lan.SetHook(func(memory.Call) *provider.Error {
		return &provider.Error{Kind: provider.Auth, What: "do it", Err: errors.New("no"), Hint: "see {accounts.token}"}
	})
	_, err = u.Records(t.Context(), placed[0].Zone, []dns.Name{n})
	e, _ := errors.AsType[*provider.Error](err)
	failed := u.Apply(t.Context(), placed[0].Zone, sets)[0].Errs[0]
	for _, e := range []*provider.Error{e, failed} {
		if e == nil || e.Error() != "do it: lan: no" || e.Hint.String() != "see accounts.lan.token" || e.Kind != provider.Auth {
			t.Errorf("%v", e)
		}
	}
	if got := u.Learnt(placed[0].Zone); got != placed[0].Zone.Limits {
		t.Errorf("%+v", got)
	}
}

func TestContract(t *testing.T) {
	providertest.Run(t, func(t *testing.T) providertest.Subject {
		h := at(t, "example.org", "sub.example.org")
		return providertest.Subject{Provider: New(Member{Name: "empty", Provider: at(t, "example.com")}, Member{Name: "full", Provider: h}), Zone: name(t, "example.org"), SubZone: name(t, "sub.example.org"), Many: 500,
			Seed: func(_ *testing.T, records ...dns.Record) {
				for _, r := range records {
					h.Put(r)
				}
			},
			Stored: func(_ *testing.T, n dns.Name) []dns.Record { return slices.Clone(h.At(n)) },
		}
	})
}

// wordless is a host without TXT records.
type wordless struct{ provider.Provider }

func TestTXTRecordsAreReadAtTheAccountsThatKeepThem(t *testing.T) {
	with, without := at(t, "example.org"), at(t, "example.net")
	for n, h := range map[string]*memory.Host{"example.org": with, "example.net": without} {
		h.Put(dns.Record{Name: name(t, n), Type: dns.TXT, Text: dns.DataOfStrings("here").Text, TTL: 300})
	}
	u := New(Member{Name: "with", Provider: with}, Member{Name: "without", Provider: wordless{without}})
	placed, _, err := u.Zones(t.Context(), []dns.Name{name(t, "example.org"), name(t, "example.net")})
	if err != nil || len(placed) != 2 {
		t.Fatal(placed, err)
	}
	for _, p := range placed {
		rs, err := u.RecordsAndTexts(t.Context(), p.Zone, nil, []dns.Name{p.Name})
		if keeps := p.Name == name(t, "example.org"); err != nil || (len(rs) == 1) != keeps || p.Zone.Limits.NoTXT == keeps {
			t.Errorf("%s: %v, %v; no TXT: %t", p.Name, rs, err, p.Zone.Limits.NoTXT)
		}
	}
}
