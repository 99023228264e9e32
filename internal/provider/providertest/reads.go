package providertest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

func zoneTests() []test {
	return []test{
		{"many names of a zone find it once", func(s *session) {
			placed, unplaced, err := s.Provider.Zones(s.Context(), []dns.Name{s.Zone, s.name("a"), s.name("*.b"), s.name("日本")})
			zones := ZonesOf(placed)
			if err != nil || len(unplaced) > 0 || len(zones) != 1 || zones[0].Name != s.Zone || zones[0].ID == "" {
				s.Errorf("zones %v, unplaced %v, error %v", zones, unplaced, err)
			}
		}, nil},
		{"a name in no zone is unplaced and the others are found", func(s *session) {
			nowhere, err := dns.ParseName("host.nowhere.invalid")
			if err != nil {
				s.Fatal(err)
			}
			placed, unplaced, err := s.Provider.Zones(s.Context(), []dns.Name{nowhere, s.name("a")})
			zones := ZonesOf(placed)
			if err != nil || len(zones) != 1 || zones[0].Name != s.Zone {
				s.Errorf("zones %v, error %v", zones, err)
			}
			if len(unplaced) != 1 || unplaced[0].Name != nowhere || unplaced[0].Err == nil || unplaced[0].Err.Kind != provider.NoZone {
				s.Errorf("unplaced %v", unplaced)
			}
		}, nil},
		{"no name finds no zone and is no error", func(s *session) {
			placed, unplaced, err := s.Provider.Zones(s.Context(), nil)
			zones := ZonesOf(placed)
			if err != nil || len(zones) > 0 || len(unplaced) > 0 {
				s.Errorf("zones %v, unplaced %v, error %v", zones, unplaced, err)
			}
		}, nil},
	}
}

func subZoneTests() []test {
	return []test{
		{"the longest zone wins", func(s *session) {
			deep, err := dns.ParseName("a." + s.SubZone.String())
			if err != nil {
				s.Fatal(err)
			}
			for _, n := range []dns.Name{deep, s.SubZone} {
				placed, unplaced, err := s.Provider.Zones(s.Context(), []dns.Name{n})
				zones := ZonesOf(placed)
				if err != nil || len(unplaced) > 0 || len(zones) != 1 || zones[0].Name != s.SubZone {
					s.Errorf("%s: zones %v, unplaced %v, error %v", n, zones, unplaced, err)
				}
			}
			placed, _, err := s.Provider.Zones(s.Context(), []dns.Name{deep, s.name("a")})
			zones := ZonesOf(placed)
			if err != nil || len(zones) != 2 {
				s.Errorf("both: zones %v, error %v", zones, err)
			}
		}, nil},
		{"zones may be worked on side by side", func(s *session) {
			placed, _, err := s.Provider.Zones(s.Context(), []dns.Name{s.SubZone, s.Zone})
			zones := ZonesOf(placed)
			if err != nil || len(zones) != 2 {
				s.Fatalf("zones %v, error %v", zones, err)
			}
			var wg sync.WaitGroup
			for _, z := range zones {
				wg.Go(func() {
					n, err := dns.ParseName("beside." + z.Name.String())
					if err != nil {
						s.Error(err)
						return
					}
					r := s.record("beside", "192.0.2.1")
					r.Name = n
					if result := Apply(s.Context(), s.Provider, z, nil, changes(r)...); len(result) != 1 || result[0].Err != nil {
						s.Errorf("create in %s: %v", z.Name, result)
					}
					if records, err := s.Provider.Records(s.Context(), z, []dns.Name{n}); err != nil || len(records) != 1 {
						s.Errorf("read in %s: %v, %v", z.Name, records, err)
					}
				})
			}
			wg.Wait()
		}, nil},
	}
}

func readTests() []test {
	return []test{
		{"records are listed whole, at the wanted names only, whoever made them", func(s *session) {
			proxied := s.record("b", "192.0.2.3")
			proxied.Proxied = true
			theirs := s.record("a", "2001:db8::1")
			theirs.TTL, theirs.Comment = 300, "made by somebody else"
			proxied, theirs = s.fit(proxied), s.fit(theirs)
			wanted := s.seed(
				s.record("a", "192.0.2.1"), s.record("a", "192.0.2.2"), theirs, proxied,
				dns.Record{Name: s.name("alias"), Type: dns.CNAME, Text: s.name("a").String(), TTL: dns.AutoTTL},
				dns.Record{Name: s.name("cut"), Type: dns.NS, Text: "ns.example.net", TTL: dns.AutoTTL},
				s.record("*.wild", "192.0.2.4"), s.record("日本", "192.0.2.5"))
			s.seed(dns.Record{Name: s.name("a"), Type: "TXT", Text: `"no address"`, TTL: dns.AutoTTL},
				s.record("other", "192.0.2.9"), s.record("a.a", "192.0.2.9"), s.record("*.a", "192.0.2.9"), s.record("wild", "192.0.2.9"))

			got := s.read(s.name("a"), s.name("b"), s.name("alias"), s.name("cut"), s.name("*.wild"), s.name("日本"), s.name("unused"))
			if !slices.Equal(lines(got), lines(wanted)) {
				s.Errorf("listed are\n%q\nwant\n%q", lines(got), lines(wanted))
			}
			for _, r := range wanted {
				if !slices.ContainsFunc(got, func(g dns.Record) bool { return g.ID == r.ID }) {
					s.Errorf("the record %s (%s) is not among them", r.ID, line(r))
				}
			}
		}, nil},
		{"delegations above the names are listed, and nothing else is there", func(s *session) {
			cut := s.seed(dns.Record{Name: s.name("cut"), Type: dns.NS, Text: "ns.example.net", TTL: dns.AutoTTL},
				dns.Record{Name: s.name("x.cut"), Type: dns.NS, Text: "ns.example.com", TTL: dns.AutoTTL})
			s.seed(s.record("glue.cut", "192.0.2.9"), dns.Record{Name: s.name("other"), Type: dns.NS, Text: "ns.example.net", TTL: dns.AutoTTL})
			for _, names := range [][]dns.Name{{s.name("a.x.cut")}, {s.name("a.x.cut"), s.name("b")}, {s.name("*.x.cut"), s.name("x.cut"), s.name("b.c.x.cut")}} {
				got, one := s.read(names...), func(r dns.Record) bool { return line(r) == line(cut[0]) || line(r) == line(cut[1]) }
				if s.Served && len(got) == 1 && one(got[0]) {
					continue
				}
				if !slices.Equal(lines(got), lines(cut)) {
					s.Errorf("for %v listed are\n%q\nwant\n%q", names, lines(got), lines(cut))
				}
			}
		}, nil},
		{"a name without records has none and is no error", func(s *session) {
			if got := s.read(s.name("unused")); len(got) != 0 {
				s.Errorf("listed are %q", lines(got))
			}
		}, nil},
		{"records of a zone that is not there are an error, not none", func(s *session) {
			gone := s.zone
			gone.ID = absent
			records, err := s.Provider.Records(s.Context(), gone, []dns.Name{s.name("a")})
			if err == nil {
				s.Fatalf("listed are %q", lines(records))
			}
			s.kind(err)
		}, nil},
		{"a read whose context is done fails soon", func(s *session) {
			ctx, cancel := context.WithCancel(s.Context())
			cancel()
			start := time.Now()
			_, _, err := s.Provider.Zones(ctx, []dns.Name{s.name("a")})
			s.kind(err)
			_, err = s.Provider.Records(ctx, s.zone, []dns.Name{s.name("a")})
			s.kind(err)
			if took := time.Since(start); took > promptly {
				s.Errorf("it took %s", took)
			}
		}, nil},
	}
}
