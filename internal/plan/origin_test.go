package plan

import (
	"slices"
	"testing"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
)

// A record of several sites says the addresses of all of them, once each of those
// that are in scope is known; what is not known changes nothing.
func TestATargetNeedsTheSitesOfItsRecord(t *testing.T) {
	cable, dsl := Origin{"cable", addr.IPv4}, Origin{"dsl", addr.IPv4}
	v4 := func(a string) addr.Observation { return addr.Known(prefixes(a + "/32")...) }
	for _, tt := range []struct {
		what  string
		sites []string
		seen  Seen
		state State
		want  string
	}{
		{"this machine", nil, Seen{Here(addr.IPv4): v4("192.0.2.1"), cable: v4("192.0.2.2")}, Values, "192.0.2.1"},
		{"this machine by its empty name", []string{""}, Seen{Here(addr.IPv4): v4("192.0.2.1"), cable: v4("192.0.2.2")}, Values, "192.0.2.1"},
		{"one site", []string{"cable"}, Seen{Here(addr.IPv4): v4("192.0.2.1"), cable: v4("192.0.2.2")}, Values, "192.0.2.2"},
		{"two sites", []string{"dsl", "cable"}, Seen{dsl: v4("192.0.2.3"), cable: v4("192.0.2.2")}, Values, "192.0.2.2 and 192.0.2.3"},
		{"two sites with one address", []string{"dsl", "cable"}, Seen{dsl: v4("192.0.2.2"), cable: v4("192.0.2.2")}, Values, "192.0.2.2"},
		{"one of two not known", []string{"dsl", "cable"}, Seen{dsl: v4("192.0.2.3"), cable: {}}, Values, "192.0.2.3"},
		{"one of two out of scope", []string{"dsl", "cable"}, Seen{cable: v4("192.0.2.2")}, Values, "192.0.2.2"},
		{"one of two without an address", []string{"dsl", "cable"}, Seen{dsl: addr.None(), cable: v4("192.0.2.2")}, Values, "192.0.2.2"},
		{"both without an address", []string{"dsl", "cable"}, Seen{dsl: addr.None(), cable: addr.None()}, Clear, ""},
		{"a site nobody looks at", []string{"attic"}, Seen{cable: v4("192.0.2.2")}, OutOfScope, ""},
	} {
		r := Record{Name: name(t, "a.example.org"), Options: &Options{Types: []dns.Type{dns.A}, Sites: tt.sites}}
		got := Targets(Spec{Records: []Record{r}}, tt.seen, Memory{})[0]
		if got.State != tt.state || joinData(got.Values) != tt.want || !slices.Equal(got.Needs, r.Needs(dns.A)) {
			t.Errorf("%s: %s %q of %v", tt.what, got.State, joinData(got.Values), got.Needs)
		}
	}
}

// What a name said before is what any of its sites had.
func TestATargetRemembersItsSites(t *testing.T) {
	stay := func(a string) []addr.Stay { return []addr.Stay{{Seen: addr.Known(prefixes(a + "/32")...)}} }
	m := Memory{Last: map[Origin][]addr.Stay{Here(addr.IPv4): stay("192.0.2.1"), {"cable", addr.IPv4}: stay("192.0.2.2"), {"dsl", addr.IPv4}: stay("192.0.2.3")}}
	r := Record{Name: name(t, "a.example.org"), Options: &Options{Types: []dns.Type{dns.A}, Sites: []string{"dsl", "cable"}}}
	if got := Targets(Spec{Records: []Record{r}}, Seen{}, m)[0].Last; joinData(got) != "192.0.2.3 and 192.0.2.2" {
		t.Errorf("it remembers %s", joinData(got))
	}
}

func TestOriginsAreInOrderAndSayWhatTheyAre(t *testing.T) {
	seen := Seen{{"dsl", addr.IPv4}: {}, {"cable", addr.IPv6}: {}, Here(addr.IPv6): {}, {"cable", addr.IPv4}: {}, Here(addr.IPv4): {}}
	var got []string
	for _, o := range seen.Origins() {
		got = append(got, o.String())
	}
	if want := []string{"IPv4", "IPv6", "IPv4 of cable", "IPv6 of cable", "IPv4 of dsl"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
