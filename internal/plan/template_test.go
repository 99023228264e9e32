package plan

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
)

const spf = "v=spf1 ip4:{ipv4} ip6:{ipv6} -all"

func content(t testing.TB, s string) Template {
	t.Helper()
	c, err := ParseTemplate(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestATemplateSaysEachAddressInAWordOfItsOwn(t *testing.T) {
	tests := []struct {
		content, addrs string
		want           []string
	}{
		{spf, "192.0.2.1 2001:db8::1", []string{"v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all"}},
		{spf, "192.0.2.1 192.0.2.2 2001:db8::1", []string{"v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 ip6:2001:db8::1 -all"}},
		{spf, "192.0.2.1", []string{"v=spf1 ip4:192.0.2.1 -all"}},
		{spf, "2001:db8::1", []string{"v=spf1 ip6:2001:db8::1 -all"}},
		{"{ipv4}", "192.0.2.1", []string{"192.0.2.1"}},
		{"{ipv4}", "192.0.2.2 192.0.2.1", []string{"192.0.2.1", "192.0.2.2"}},
		{"{ipv4} {ipv6}", "192.0.2.1 192.0.2.2 2001:db8::1", []string{"192.0.2.1 192.0.2.2 2001:db8::1"}},
		{"home={ipv4};", "192.0.2.1 192.0.2.2", []string{"home=192.0.2.1; home=192.0.2.2;"}},
		{"a  b {ipv4}", "192.0.2.1", []string{"a  b 192.0.2.1"}},
		{`say "{ipv4}"`, "192.0.2.1", []string{`say "192.0.2.1"`}},
	}
	for _, tt := range tests {
		var addrs []netip.Addr
		for s := range strings.FieldsSeq(tt.addrs) {
			addrs = append(addrs, netip.MustParseAddr(s))
		}
		c := content(t, tt.content)
		var got []string
		for _, d := range c.values(addrs) {
			got = append(got, d.JoinedText())
			if r := (dns.Record{Type: dns.TXT}).WithData(d); !c.owns(r) {
				t.Errorf("%q disowns what it says: %s", tt.content, d)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q with %s: %q, want %q", tt.content, tt.addrs, got, tt.want)
		}
	}
}

func TestATemplateOwnsWhatItSaysWithAddressesAndNothingElse(t *testing.T) {
	tests := []struct {
		content, text string
		owned         bool
	}{
		{spf, "v=spf1 ip4:198.51.100.1 ip6:2001:db8::1 -all", true},
		{spf, "v=spf1 ip4:198.51.100.1 ip4:198.51.100.2 -all", true},
		{spf, "v=spf1 ip6:2001:db8::1 -all", true},
		{spf, "v=spf1 -all", false}, // no address: a policy of somebody's
		{spf, "v=spf1 ip4:198.51.100.1 ~all", false},
		{spf, "v=spf1 ip4:198.51.100.1 include:example.net -all", false},
		{spf, "v=spf1 ip6:2001:db8::1 ip4:198.51.100.1 -all", false},
		{spf, "v=spf1 ip4:2001:db8::1 -all", false},
		{spf, "v=spf1 ip4:198.51.100.0/24 -all", false},
		{spf, "v=spf1  ip4:198.51.100.1 -all", false},
		{spf, "V=SPF1 ip4:198.51.100.1 -all", false},
		{spf, "v=spf1 ip4:198.51.100.1 -all ", false},
		{spf, "v=spf1 ip6:::ffff:192.0.2.1 -all", false},
		{spf, "v=spf1 ip6:fe80::1%eth0 -all", false},
		{"{ipv4}", "198.51.100.1", true},
		{"{ipv4}", "198.51.100.1 198.51.100.2", false},
		{"{ipv4}", "2001:db8::1", false},
		{"{ipv4}", "", false},
		{"{ipv4}", "google-site-verification=abc", false},
		{"{ipv4}", " 198.51.100.1", false},
		{"ip4:{ipv4} ip4:192.0.2.9", "ip4:192.0.2.1 ip4:192.0.2.9", true}, // the last word is no address of ours
		{"ip4:{ipv4} ip4:192.0.2.9", "ip4:192.0.2.9", false},
		{"{ipv4} {ipv4}", "192.0.2.1 192.0.2.1", true},
	}
	for _, tt := range tests {
		r := (dns.Record{Type: dns.TXT}).WithData(dns.DataOfStrings(tt.text))
		if got := content(t, tt.content).owns(r); got != tt.owned {
			t.Errorf("%q owns %q: %t", tt.content, tt.text, got)
		}
	}
	cut := dns.Record{Type: dns.TXT, Text: `"v=spf1 ip4:198.51" ".100.1 -all"`}
	if !content(t, spf).owns(cut) {
		t.Error("where a text is cut has no meaning")
	}
}

func TestATemplateIsRefusedAndSaysWhy(t *testing.T) {
	for _, tt := range []struct{ content, why string }{
		{"", "neither {ipv4} nor {ipv6}"},
		{"v=spf1 a -all", "neither {ipv4} nor {ipv6}"},
		{"{IPv4}", "has braces"},
		{"{ipv4} {name}", "has braces"},
		{"{ipv4}/{ipv6}", "has braces"},
		{"{ipv4}{ipv4}", "has braces"},
		{"{{ipv4}}", "has braces"},
		{"ä {ipv4}", "printable ASCII"},
		{"a\n{ipv4}", "printable ASCII"},
		{strings.Repeat("x", 1000) + "{ipv4}", "longer than 1000"},
	} {
		if c, err := ParseTemplate(tt.content); err == nil || !strings.Contains(err.Error(), tt.why) || c != (Template{}) {
			t.Errorf("%q is %q, %v; want an error with %q", tt.content, c, err, tt.why)
		}
	}
}

// What stands in a zone may be anything.
func FuzzTemplate(f *testing.F) {
	f.Add(spf, "v=spf1 ip4:198.51.100.1 ip6:2001:db8::1 -all")
	f.Add("{ipv4} {ipv4}", strings.Repeat("192.0.2.1 ", 100))
	f.Add("a {ipv4} {ipv6} a a", "a a a")
	f.Fuzz(func(t *testing.T, template, text string) {
		c, err := ParseTemplate(template)
		if err != nil {
			return
		}
		addrs := c.addresses(text)
		if words := strings.Count(text, " ") + 1; len(addrs) > words*(strings.Count(template, " ")+1) {
			t.Fatalf("%q has %d addresses in %d words", text, len(addrs), words)
		}
		if len(addrs) == 0 {
			return
		}
		for _, a := range addrs {
			if !strings.Contains(text, ":") && !strings.Contains(text, a.String()) {
				t.Fatalf("%q has no %s", text, a)
			}
		}
		for _, d := range c.values(addrs) {
			if !c.owns(dns.Record{Type: dns.TXT, Text: d.Text}) {
				t.Fatalf("%q disowns %s", template, d)
			}
		}
	})
}

// Twice as long a text takes no more than twice as much to look at.
func TestLookingAtATextIsInProportion(t *testing.T) {
	c := content(t, "{ipv4} {ipv4} {ipv4} {ipv4} x")
	allocs := func(n int) float64 {
		text := strings.Repeat("192.0.2.1 ", n) + "y"
		return testing.AllocsPerRun(3, func() { c.addresses(text) })
	}
	if small, large := allocs(1000), allocs(2000); large > 2.5*small {
		t.Errorf("%v allocations for a text, %v for one of twice its length", small, large)
	}
}
