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
		records = append(records, Record{Name: name(t, s), Options: &Options{Types: []dns.Type{dns.A, dns.AAAA}}})
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
		{Seen{Here(addr.IPv4): {}}, NotKnown, nil},
		{Seen{Here(addr.IPv4): addr.Unknown(errors.New("down"))}, NotKnown, nil},
		{Seen{Here(addr.IPv4): addr.Known()}, NotKnown, nil},
		{Seen{Here(addr.IPv4): addr.None()}, Clear, nil},
		{Seen{Here(addr.IPv4): addr.Known(prefixes...)}, Values, []string{"192.0.2.1", "192.0.2.2"}},
	}
	for _, tt := range tests {
		targets := Targets(spec, tt.seen, Memory{})
		if len(targets) != 2 || targets[0].Key.Type != dns.A {
			t.Fatalf("%+v: %+v", tt.seen, targets)
		}
		var addrs []string
		for _, a := range targets[0].Values {
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

func prefixes(of ...string) []netip.Prefix {
	var ps []netip.Prefix
	for _, p := range of {
		ps = append(ps, netip.MustParsePrefix(p))
	}
	return ps
}

func TestEveryHostStandsBehindEveryPrefix(t *testing.T) {
	spec := Spec{Records: both(t, "a.example.org")}
	spec.Records[0].Hosts = []HostID{hostID(t, "::1"), hostID(t, "mac(00:11:22:33:44:55)"), hostID(t, "preserve"), hostID(t, "::9")}
	targets := Targets(spec, Seen{
		Here(addr.IPv4): addr.Known(prefixes("192.0.2.1/24")...),
		Here(addr.IPv6): addr.Known(prefixes("2001:db8:2::7/64", "2001:db8:1::9/64", "2001:db8:1::1/64")...),
	}, Memory{})
	if got, want := joinData(targets[0].Values), "192.0.2.1"; got != want {
		t.Errorf("host ids are no matter of IPv4: %s, want %s", got, want)
	}
	want := "2001:db8:1::1 and 2001:db8:1::9 and 2001:db8:1:0:211:22ff:fe33:4455 and " +
		"2001:db8:2::1 and 2001:db8:2::7 and 2001:db8:2::9 and 2001:db8:2:0:211:22ff:fe33:4455"
	if got := joinData(targets[1].Values); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAHostThatDoesNotFitHoldsBackItsNameAndNoOther(t *testing.T) {
	spec := Spec{Records: both(t, "a.example.org", "b.example.org")}
	spec.Records[0].Hosts = []HostID{hostID(t, "::1"), hostID(t, "mac(00:11:22:33:44:55)")}
	seen := Seen{Here(addr.IPv4): addr.Known(prefixes("192.0.2.1/32")...), Here(addr.IPv6): addr.Known(prefixes("2001:db8::9/56")...)}
	for i, state := range []State{Values, NotKnown, Values, Values} {
		if got := Targets(spec, seen, Memory{})[i]; got.State != state || (got.Unfit != nil) != (state == NotKnown) || len(got.Values) > 0 != (state == Values) {
			t.Errorf("%s is %s %v, unfit: %v", got.Key, got.State, got.Values, got.Unfit)
		}
	}
	for _, o := range []addr.Observation{{}, addr.None()} {
		seen[Here(addr.IPv6)] = o
		if got := Targets(spec, seen, Memory{})[1]; got.Unfit != nil {
			t.Errorf("without an address nothing is unfit: %v", got.Unfit)
		}
	}
}

// A short prefix may hold blocks that are nobody's home.
func TestAHostIDMakesNoPublicAddressAnotherKindOfAddress(t *testing.T) {
	for _, tt := range []struct {
		id, prefix string
		ok         bool
	}{
		{"::1", "2600::9/16", true},
		{"0:4700::1", "2606::9/16", false}, // Cloudflare's
		{"0:db8::1", "2001:4000::9/16", false},
		{"::", "2001:4000::9/16", false}, // Teredo's
		{"preserve", "2001:4000::9/16", true},
		{"::1", "2001:4000::9/32", true},
		{"0:db8::1", "2001:db8:ffff::9/16", true}, // somebody said so who may
		{"::1", "fd00::9/64", true},
	} {
		spec := Spec{Records: []Record{{Name: name(t, "a.example.org"), Options: &Options{Types: []dns.Type{dns.AAAA}, Hosts: []HostID{hostID(t, tt.id)}}}}}
		target := Targets(spec, Seen{Here(addr.IPv6): addr.Known(prefixes(tt.prefix)...)}, Memory{})[0]
		if (target.Unfit == nil) != tt.ok {
			t.Errorf("%s behind %s: %v, %v", tt.id, tt.prefix, target.Values, target.Unfit)
		}
		if want := "make an address of 0:4700::1 behind 2606::/16: 2606:4700::1 is an address of Cloudflare's own network"; tt.id == "0:4700::1" && target.Unfit.Error() != want {
			t.Errorf("%v, want %s", target.Unfit, want)
		}
	}
}

func TestEmptiedClearsItsFamiliesAndNoOther(t *testing.T) {
	spec := Spec{Records: both(t, "a.example.org")}
	spec.Records[0].Hosts = []HostID{hostID(t, "fe80::1")}
	spec.Records[0].Leftovers = Keep
	for i, want := range []State{OutOfScope, Clear} {
		if got := Targets(spec, NoAddresses(Here(addr.IPv6)), Memory{})[i].State; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if len(NoAddresses()) > 0 {
		t.Error("no family is emptied and yet one is")
	}
}

func TestTheZeroTargetChangesNothing(t *testing.T) {
	n := name(t, "a.example.org")
	there := []dns.Record{{ID: "r1", Name: n, Type: dns.A, Addr: netip.MustParseAddr("192.0.2.1"), TTL: 1}}
	for _, target := range []Target{{}, {State: Values}, {State: Clear, Unfit: errors.New("no room")}} {
		target.Key = dns.Key{Name: n, Type: dns.A}
		p := Diff(Zone{Name: name(t, "example.org")}, []Target{target}, there, Spec{}.Owns)
		if len(p.Sets) > 0 {
			t.Errorf("%s without addresses: %s", target.State, p.Words())
		}
	}
}

func TestTargetsAreOrderedAndUnique(t *testing.T) {
	spec := Spec{Records: both(t, "b.example.org", "a.example.org", "b.example.org")}
	spec.Records[0].Attrs.TTL, spec.Records[2].Attrs.TTL = 300, 600
	targets := Targets(spec, Seen{}, Memory{})
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
	spec := Spec{Records: both(t, "b.example.org", "a.example.org", "b.example.org"), Owned: regexp.MustCompile("^homing"),
		Lists: []List{{Name: "home"}}, OwnedItems: regexp.MustCompile("^homing")}
	spec.Records = append(spec.Records, Record{Name: name(t, "six.example.org"), Options: &Options{Types: []dns.Type{dns.AAAA}}})
	if got, want := spec.Names(), []dns.Name{name(t, "b.example.org"), name(t, "a.example.org"), name(t, "six.example.org")}; !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
	only := spec.Only(func(n dns.Name) bool { return n == name(t, "six.example.org") })
	if len(only.Records) != 1 || only.Owned != spec.Owned || len(only.Lists) > 0 || len(spec.Records) != 4 || len(spec.Lists) != 1 {
		t.Errorf("only %+v of %+v", only, spec)
	}
	if only.Uses(Here(addr.IPv4)) || !only.Uses(Here(addr.IPv6)) || !(Spec{Records: spec.Records}).Uses(Here(addr.IPv4)) {
		t.Error("the families of a spec are wrong")
	}
	if !(Spec{Lists: spec.Lists}).Uses(Here(addr.IPv4)) || (Spec{}).Uses(Here(addr.IPv4)) {
		t.Error("a list holds both families")
	}
	for comment, want := range map[string]bool{"homing": true, "": false, "not homing": false} {
		if spec.Owns(dns.Record{Comment: comment}) != want || spec.OwnsItem(ListItem{Comment: comment}) != want {
			t.Errorf("a record or an item with the comment %q: ours is %v", comment, !want)
		}
	}
	if !(Spec{}).Owns(dns.Record{Comment: "whoever"}) || !(Spec{}).OwnsItem(ListItem{Comment: "whoever"}) {
		t.Error("without a regex not everything is ours")
	}
}

func TestEveryNoteSaysWhetherItIsAFailure(t *testing.T) {
	for code, want := range map[NoteCode]bool{
		BlockedByCNAME: true, BlockedByNS: true, BlockedByFeature: true, Missing: true, CommentRefused: true,
		HostIDUnfit: true, PrefixRefused: true, LeftOver: false,
		Foreign: false, ReadOnly: false, TTLAdapted: false, CommentCut: false, TagsDropped: false, Unserved: false,
	} {
		if (Note{Code: code}).Failure() != want {
			t.Errorf("%s: want %v", code, want)
		}
		if (ListNote{Code: code}).Failure() != want {
			t.Errorf("%s of a list: want %v", code, want)
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
