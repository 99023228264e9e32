package providertest

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
)

// txt is a TXT record of these strings, with the defaults of a host.
func (s *session) txt(labels string, strs ...string) dns.Record {
	s.Helper()
	r := dns.Record{Name: s.Zone, Type: dns.TXT, TTL: dns.AutoTTL}
	if labels != "" {
		r.Name = s.name(labels)
	}
	return s.fit(r.WithData(dns.DataOfStrings(strs...)))
}

// readWith is what the provider lists at names, and of TXT at texts.
func (s *session) readWith(names, texts []dns.Name) []dns.Record {
	s.Helper()
	p, ok := s.Provider.(provider.Texts)
	if !ok {
		s.Fatal("the host keeps no TXT records")
	}
	records, err := p.RecordsAndTexts(s.Context(), s.zone, names, texts)
	if err != nil {
		s.Fatal(err)
	}
	return records
}

// readFor is what has to be read for a spec.
func (s *session) readFor(spec plan.Spec) []dns.Record {
	s.Helper()
	if texts := spec.Texts(s.Zone); len(texts) > 0 {
		return s.readWith(spec.Names(), texts)
	}
	return s.read(spec.Names()...)
}

// odd are strings that a host may trip over.
func (s *session) odd() [][]string {
	all := [][]string{
		{"v=spf1 ip4:192.0.2.1 -all"},
		{`in "quotes", with a \ and a ;`},
		{strings.Repeat("x", 255)},
		{strings.Repeat("y", 255), strings.Repeat("z", 45)},
		{"192.0.2.1"},
		{"key=  value  "},
	}
	if !s.Uncut {
		all = append(all, []string{"in two ", "strings"})
	}
	return all
}

func textTests() []test {
	return []test{
		{"TXT records are listed where they are wanted and nowhere else", func(s *session) {
			here, there := s.txt("a", "here"), s.txt("b", "there")
			address := s.record("a", "192.0.2.1")
			s.seed(here, there, address, s.record("c", "192.0.2.2"), s.txt("c", "only this"))
			for _, tt := range []struct {
				names, texts []string
				want         []dns.Record
			}{
				{[]string{"a", "b"}, nil, []dns.Record{address}},
				{[]string{"a", "b"}, []string{"a"}, []dns.Record{address, here}},
				{[]string{"a"}, []string{"b"}, []dns.Record{address, there}},
				{[]string{"a"}, []string{"a", "c"}, []dns.Record{address, here, s.txt("c", "only this")}},
				{nil, []string{"c"}, []dns.Record{s.txt("c", "only this")}},
				{[]string{"unused"}, []string{"unused"}, nil},
			} {
				got := s.readWith(s.names(tt.names), s.names(tt.texts))
				if !slices.Equal(lines(got), lines(tt.want)) {
					s.Errorf("at %q, and of TXT at %q, listed are\n%q\nwant\n%q", tt.names, tt.texts, lines(got), lines(tt.want))
				}
			}
		}, nil},
		{"a TXT record is stored and read as it was asked, whatever it says", func(s *session) {
			for _, strs := range s.odd() {
				r := s.succeed(create(s.txt("a", strs...)))[0]
				s.holds(r.Name, s.txt("a", strs...))
				if got := s.readWith(nil, []dns.Name{r.Name}); !slices.Equal(lines(got), lines([]dns.Record{s.txt("a", strs...)})) {
					s.Errorf("listed is %q", lines(got))
				}
				s.succeed(remove(r))
				s.holds(r.Name)
			}
		}, nil},
		{"the TXT records of others at a name stay as they are", func(s *session) {
			var theirs []dns.Record
			for _, strs := range s.odd() {
				theirs = append(theirs, s.txt("a", strs...))
			}
			s.seed(theirs...)
			ours := s.succeed(create(s.txt("a", "home 192.0.2.1")))[0]
			s.holds(ours.Name, append(slices.Clone(theirs), s.txt("a", "home 192.0.2.1"))...)
			ours = s.succeed(update(ours, func(r *dns.Record) { r.Text = s.txt("a", "home 192.0.2.9").Text }))[0]
			s.holds(ours.Name, append(slices.Clone(theirs), s.txt("a", "home 192.0.2.9"))...)
			s.succeed(remove(ours))
			s.holds(ours.Name, theirs...)
		}, nil},
		{"creating a TXT record that is already there is stale", func(s *session) {
			r := s.txt("a", "home 192.0.2.1")
			s.seed(r)
			s.refused(provider.Stale, create(r))
			s.holds(r.Name, r)
		}, nil},
		{"a TXT record and an address of one name are each other's neighbours", func(s *session) {
			r, a := s.txt("a", "home 192.0.2.1"), s.record("a", "192.0.2.1")
			stored := s.succeed(create(a), create(r))
			s.holds(r.Name, a, r)
			s.succeed(remove(stored[0]))
			s.holds(r.Name, r)
		}, nil},
		{"a template that was applied and is read again needs no change", func(s *session) {
			template, err := plan.ParseTemplate("v=spf1 ip4:{ipv4} ip6:{ipv6} -all")
			if err != nil {
				s.Fatal(err)
			}
			verification := s.txt("", "site-verification=abc")
			s.seed(verification)
			spec := plan.Spec{Records: []plan.Record{{Name: s.Zone, Options: &plan.Options{Types: []dns.Type{dns.TXT}, Content: template}}}}
			for _, addrs := range [][]string{{"203.0.113.7", "2001:db8::7"}, {"203.0.113.9", "2001:db8::7"}} {
				seen := plan.Seen{plan.Here(addr.IPv4): at(addrs[0])[plan.Here(addr.IPv4)],
					plan.Here(addr.IPv6): addr.Known(netip.PrefixFrom(netip.MustParseAddr(addrs[1]), 64))}
				if _, changes := s.round(spec, seen, plan.Memory{}); changes != 1 {
					s.Errorf("%d changes", changes)
				}
				if _, changes := s.round(spec, seen, plan.Memory{}); changes > 0 {
					s.Errorf("%d changes once more", changes)
				}
				s.texts(s.Zone, verification, s.txt("", "v=spf1 ip4:"+addrs[0]+" ip6:"+addrs[1]+" -all"))
			}
			s.round(spec, plan.NoAddresses(plan.Here(addr.IPv4), plan.Here(addr.IPv6)), plan.Memory{})
			s.texts(s.Zone, verification)
		}, nil},
	}
}

func (s *session) names(labels []string) (names []dns.Name) {
	for _, l := range labels {
		names = append(names, s.name(l))
	}
	return names
}

// texts fails unless these are the TXT records at n.
func (s *session) texts(n dns.Name, want ...dns.Record) {
	s.Helper()
	if got := lines(s.stored(dns.Key{Name: n, Type: dns.TXT})); !slices.Equal(got, lines(want)) {
		s.Errorf("at %s stands\n\t%s\nwant\n\t%s", n, strings.Join(got, "\n\t"), strings.Join(lines(want), "\n\t"))
	}
}
