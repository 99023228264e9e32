package plan

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
)

// FuzzKeptHosts states what is promised of names that keep their hosts: the hosts
// that stand there are the only ones that are made, nothing is made of nothing,
// and a second round changes nothing.
func FuzzKeptHosts(f *testing.F) {
	f.Add([]byte{})
	for seed := range uint64(8) {
		f.Add(throw(seed))
	}
	f.Fuzz(checkKeptHosts)
}

func TestKeptHostsKeepTheirPromises(t *testing.T) {
	for seed := range uint64(2000) {
		checkKeptHosts(t, throw(seed))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func checkKeptHosts(t *testing.T, data []byte) {
	d := &dice{data}
	s := newScene(t, d)
	prefixes := []netip.Prefix{netip.MustParsePrefix("2600:0:0:7::/64"), netip.MustParsePrefix("2001:db8::/64"), netip.MustParsePrefix("2600:0:0:800::/56")}
	s.targets = slices.DeleteFunc(s.targets, func(t Target) bool { return t.Key.Type != dns.AAAA })
	for i := range s.targets {
		at := &s.targets[i]
		at.State, at.Values, at.Unfit = Values, nil, nil
		at.Behind = slices.Clone(prefixes[d.n(3):][:1])
		if d.yes() {
			at.Behind = prefixes[:1+d.n(2)]
		}
	}
	p := Diff(s.zone, s.targets, s.current, s.owns)
	h := &host{zone: s.zone, records: slices.Clone(s.current)}
	for _, set := range p.Sets {
		if s.zone.Limits.OneTTL || s.zone.Limits.OneMark {
			h.put(t, set)
			continue
		}
		for _, c := range set.Changes {
			if err := h.carryOut(c); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range p.Changes() {
		if c.Action == ToDelete || c.Key().Type != dns.AAAA || !c.New.Addr.IsValid() {
			continue
		}
		target := s.target(c.Key())
		kept := slices.ContainsFunc(at(s.current, c.Key()), func(r dns.Record) bool {
			return r.Addr.IsValid() && slices.ContainsFunc(target.Behind, func(p netip.Prefix) bool { return withPrefix(r.Addr, p) == c.New.Addr })
		})
		if !kept {
			t.Errorf("%s is no host that stood there", c.New.Addr)
		}
	}
	if again := Diff(s.zone, s.targets, h.records, s.owns); len(again.Sets) > 0 {
		t.Errorf("a second round still changes:\n%s\nafter\n%s", again.Words(), p.Words())
	}
}
