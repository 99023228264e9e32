package plan

import (
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

func both(t *testing.T, names ...string) []Record {
	var records []Record
	for _, s := range names {
		records = append(records, Record{Name: name(t, s), Types: []dns.Type{dns.A, dns.AAAA}})
	}
	return records
}

func TestTargetsTellFourStatesApart(t *testing.T) {
	spec := Spec{Records: both(t, "a.example.org")}
	prefixes := []netip.Prefix{netip.MustParsePrefix("192.0.2.2/24"), netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("192.0.2.1/32")}
	tests := []struct {
		seen  Seen
		state State
		addrs []string
	}{
		{Seen{}, OutOfScope, nil},
		{Seen{addr.IPv4: {}}, NotKnown, nil},
		{Seen{addr.IPv4: addr.Unknown(errors.New("down"))}, NotKnown, nil},
		{Seen{addr.IPv4: addr.Known()}, NotKnown, nil},
		{Seen{addr.IPv4: addr.None()}, Clear, nil},
		{Seen{addr.IPv4: addr.Known(prefixes...)}, Addresses, []string{"192.0.2.1", "192.0.2.2"}},
	}
	for _, tt := range tests {
		targets := Targets(spec, tt.seen)
		if len(targets) != 2 || targets[0].Key.Type != dns.A {
			t.Fatalf("%+v: %+v", tt.seen, targets)
		}
		var addrs []string
		for _, a := range targets[0].Addrs {
			addrs = append(addrs, a.String())
		}
		if targets[0].State != tt.state || !slices.Equal(addrs, tt.addrs) {
			t.Errorf("%+v: %s %v, want %s %v", tt.seen, targets[0].State, addrs, tt.state, tt.addrs)
		}
		if targets[1].State != OutOfScope {
			t.Errorf("%+v: the other family is %s", tt.seen, targets[1].State)
		}
	}
}

func TestTheZeroTargetChangesNothing(t *testing.T) {
	n := name(t, "a.example.org")
	there := []dns.Record{{ID: "r1", Name: n, Type: dns.A, Addr: netip.MustParseAddr("192.0.2.1"), TTL: 1}}
	for _, target := range []Target{{}, {State: Addresses}} {
		target.Key = dns.Key{Name: n, Type: dns.A}
		p := Diff(Zone{Name: name(t, "example.org")}, []Target{target}, there, Spec{}.Owns)
		if len(p.Changes) > 0 {
			t.Errorf("%s without addresses: %s", target.State, p.Words())
		}
	}
}

func TestTargetsAreOrderedAndUnique(t *testing.T) {
	spec := Spec{Records: both(t, "b.example.org", "a.example.org", "b.example.org")}
	spec.Records[0].Attrs.TTL, spec.Records[2].Attrs.TTL = 300, 600
	targets := Targets(spec, Seen{})
	var keys []string
	for _, x := range targets {
		keys = append(keys, x.Key.String())
	}
	if want := []string{"A a.example.org", "AAAA a.example.org", "A b.example.org", "AAAA b.example.org"}; !slices.Equal(keys, want) {
		t.Errorf("%q, want %q", keys, want)
	}
	if targets[2].Attrs.TTL != 300 {
		t.Error("the first setting of a name does not count")
	}
}

func TestSpec(t *testing.T) {
	spec := Spec{Records: both(t, "b.example.org", "a.example.org", "b.example.org"), Owned: regexp.MustCompile("^homing")}
	spec.Records = append(spec.Records, Record{Name: name(t, "six.example.org"), Types: []dns.Type{dns.AAAA}})
	if got, want := spec.Names(), []dns.Name{name(t, "b.example.org"), name(t, "a.example.org"), name(t, "six.example.org")}; !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
	only := spec.Only(func(n dns.Name) bool { return n == name(t, "six.example.org") })
	if len(only.Records) != 1 || only.Owned != spec.Owned || len(spec.Records) != 4 {
		t.Errorf("only %+v of %+v", only, spec)
	}
	if only.Uses(addr.IPv4) || !only.Uses(addr.IPv6) || !spec.Uses(addr.IPv4) {
		t.Error("the families of a spec are wrong")
	}
	for comment, want := range map[string]bool{"homing": true, "": false, "not homing": false} {
		if spec.Owns(dns.Record{Comment: comment}) != want {
			t.Errorf("a record with the comment %q: ours is %v", comment, !want)
		}
	}
	if !(Spec{}).Owns(dns.Record{Comment: "whoever"}) {
		t.Error("without a regex not everything is ours")
	}
}

func TestEveryNoteSaysWhetherItIsAFailure(t *testing.T) {
	for code, want := range map[NoteCode]bool{
		BlockedByCNAME: true, BlockedByNS: true, Missing: true, CommentRefused: true,
		Foreign: false, ReadOnly: false, TTLAdapted: false, CommentCut: false, TagsDropped: false,
	} {
		if (Note{Code: code}).Failure() != want {
			t.Errorf("%s: want %v", code, want)
		}
	}
}

func TestFamiliesAndTypesBelongTogether(t *testing.T) {
	for _, f := range addr.Families() {
		if FamilyOf(TypeOf(f)) != f {
			t.Errorf("%s becomes %s", f, FamilyOf(TypeOf(f)))
		}
	}
	if FamilyOf(dns.CNAME) != 0 {
		t.Error("a CNAME has a family")
	}
}
