package cloudflare

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/providertest"
	"github.com/homing-dns/homing/internal/sim"
)

// placed returns the zones that were found, by name.
func placed(t *testing.T, p *Provider, names ...dns.Name) (found []string, unplaced []provider.Unplaced) {
	t.Helper()
	where, unplaced, err := p.Zones(t.Context(), names)
	zones := providertest.ZonesOf(where)
	if err != nil {
		t.Fatalf("%s: %v", kindOf(t, err), err)
	}
	for _, z := range zones {
		found = append(found, z.Name.String())
	}
	for _, u := range unplaced {
		kindOf(t, u.Err)
	}
	return found, unplaced
}

// asked returns the names that were asked for, in order; "" for the listing.
func asked(cf *sim.Cloudflare) []string {
	var all []string
	for _, c := range cf.Calls(sim.ToRoute(sim.ListZones)) {
		all = append(all, c.Query.Get("name"))
	}
	return all
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestOneListingFindsTheLongestZoneOfEachName(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		for _, z := range []string{"example.org", "sub.example.org", "xn--wgv71a.jp", "example.co.uk"} {
			cf.AddZone(sim.Zone{Name: z})
		}
		found, unplaced := placed(t, p, allNames("example.org", "*.example.org", "a.b.sub.example.org", "sub.example.org", "host.日本.jp", "x.example.co.uk", "notexample.org.example.org")...)
		same(t, "found", found, []string{"example.co.uk", "example.org", "sub.example.org", "xn--wgv71a.jp"})
		same(t, "asked", asked(cf), []string{""})
		if len(unplaced) != 0 {
			t.Error(unplaced)
		}
	})
}

func TestTwoThousandNamesInTenZonesAreOneCall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		var names []dns.Name
		for i := range 10 {
			zone := fmt.Sprintf("z%d.example", i)
			cf.AddZone(sim.Zone{Name: zone})
			names = append(names, hosts(200, zone)...)
		}
		if found, _ := placed(t, p, names...); len(found) != 10 || p.Calls() != 1 {
			t.Errorf("%d zones after %d calls", len(found), p.Calls())
		}
	})
}

func TestATokenThatMayNotListAsksByNameLongestFirst(t *testing.T) {
	for _, listing := range []sim.Listing{sim.ListByName, sim.ListNothing} {
		bubble(t, func(t *testing.T) {
			cf, p := simulated(t)
			cf.AddToken(sim.Token{Value: theSecret, Listing: listing})
			cf.AddZone(sim.Zone{Name: "example.org"})
			cf.AddZone(sim.Zone{Name: "sub.example.org"})
			found, unplaced := placed(t, p, allNames("a.sub.example.org", "b.sub.example.org", "*.example.org")...)
			same(t, "found", found, []string{"example.org", "sub.example.org"})
			same(t, "asked", asked(cf), []string{"", "a.sub.example.org", "b.sub.example.org", "sub.example.org", "example.org"})
			if len(unplaced) != 0 {
				t.Error(unplaced)
			}
		})
	}
}

func TestANameInNoListedZoneIsAskedForAndSaidCarefully(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		for i := range 12 {
			cf.AddZone(sim.Zone{Name: fmt.Sprintf("z%02d.example", i)})
		}
		found, unplaced := placed(t, p, allNames("h.elsewhere.net", "h.z03.example")...)
		same(t, "found", found, []string{"z03.example"})
		same(t, "asked", asked(cf), []string{"", "h.elsewhere.net", "elsewhere.net"}) // never "net"
		if len(unplaced) != 1 || unplaced[0].Err.Kind != provider.NoZone {
			t.Fatalf("%v", unplaced)
		}
		want := "find the zone of h.elsewhere.net: it is not there, or this API token may not see it; visible are " +
			"z00.example, z01.example, z02.example, z03.example, z04.example, z05.example, z06.example, z07.example, z08.example, z09.example and 2 more"
		if got := unplaced[0].Err.Error(); got != want {
			t.Errorf("said is\n%s, want\n%s", got, want)
		}
	})
}

func TestWithMoreZonesThanAPageTheCheaperWayIsTaken(t *testing.T) {
	setup := func(t *testing.T, zones int) (*sim.Cloudflare, *Provider) {
		cf, p := simulated(t)
		for i := range zones {
			cf.AddZone(sim.Zone{Name: fmt.Sprintf("z%03d.example", i)})
		}
		cf.AddZone(sim.Zone{Name: "sub.z000.example"}) // on the last page
		return cf, p
	}
	t.Run("few names are asked for", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			cf, p := setup(t, 499)
			found, _ := placed(t, p, allNames("sub.z000.example", "h.sub.z000.example")...)
			same(t, "found", found, []string{"sub.z000.example"})
			same(t, "asked", asked(cf), []string{"", "h.sub.z000.example", "sub.z000.example"})
		})
	})
	t.Run("many names are found in the other pages", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			cf, p := setup(t, 149)
			found, _ := placed(t, p, append(hosts(50, "z120.example"), name("a.sub.z000.example"))...)
			same(t, "found", found, []string{"sub.z000.example", "z120.example"})
			same(t, "asked", asked(cf), []string{"", "", ""})
		})
	})
}

func TestCallsDoNotGrowWithTheNamesEvenWithoutAListing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddToken(sim.Token{Value: theSecret, Listing: sim.ListByName})
		var names []dns.Name
		for i := range 10 {
			zone := fmt.Sprintf("z%d.co.example", i)
			cf.AddZone(sim.Zone{Name: zone})
			names = append(names, hosts(200, zone)...)
		}
		if found, _ := placed(t, p, names...); len(found) != 10 || p.Calls() != 12 {
			t.Errorf("%d zones after %d calls, want 10 after the listing, co.example and ten more", len(found), p.Calls())
		}
		_, unplaced := placed(t, p, hosts(500, "nowhere.example")...)
		if len(unplaced) != 500 || p.Calls() > 12+1+maxLookups {
			t.Errorf("%d unplaced after %d calls", len(unplaced), p.Calls())
		}
		if s := unplaced[0].Err.Error(); !strings.Contains(s, "not all of so many names were asked for") {
			t.Error(s)
		}
	})
}

func TestAConfiguredZoneIDNeedsNoSearch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ids := map[dns.Name]string{}
		cf, p := simulated(t, func(c *Config) { c.ZoneIDs = ids })
		z := cf.AddZone(sim.Zone{Name: "example.org", Plan: "pro"})
		other := cf.AddZone(sim.Zone{Name: "other.org"})
		for _, listing := range []sim.Listing{sim.ListScope, sim.ListNever} {
			cf.AddToken(sim.Token{Value: theSecret, Listing: listing})
			cf.Reset()
			ids[name("a.example.org")], ids[name("b.c.example.org")] = z.ID, z.ID
			where, unplaced, err := p.Zones(t.Context(), allNames("a.example.org", "b.c.example.org"))
			zones := providertest.ZonesOf(where)
			if err != nil || len(unplaced) != 0 || len(zones) != 1 || zones[0].ID != z.ID || zones[0].Name != name("example.org") || len(cf.Calls()) != 1 {
				t.Fatalf("listing %d: %v, %v, %v after %d calls", listing, zones, unplaced, err, len(cf.Calls()))
			}
			if known := zones[0].Limits.Comment == 500; known == (zones[0].Warning != "") {
				t.Errorf("listing %d: %+v", listing, zones[0])
			}
			if _, err := p.Records(t.Context(), zones[0], allNames("a.example.org", "b.c.example.org")); err != nil {
				t.Error(err)
			}
		}
		cf.AddToken(sim.Token{Value: theSecret})
		ids[name("a.example.org")] = other.ID
		ids[name("b.c.example.org")] = "../../user"
		ids[name("x.example.org")] = strings.Repeat("0", 32)
		found, unplaced := placed(t, p, allNames("a.example.org", "b.c.example.org", "x.example.org", "y.example.org")...)
		same(t, "found", found, []string{"example.org"})
		var why []string
		for _, u := range unplaced {
			why = append(why, u.Name.String()+" "+u.Err.Kind.String())
		}
		slices.Sort(why)
		same(t, "unplaced", why, []string{"a.example.org no zone", "b.c.example.org no zone", "x.example.org no zone"})
	})
}

func TestAnAnswerAboutAnotherZoneIsNotTaken(t *testing.T) {
	bubble(t, func(t *testing.T) {
		id := strings.Repeat("1", 32)
		p := connect(t, answer(200, `{"success":true,"result":{"id":"2","name":"example.org"}}`), func(c *Config) {
			c.ZoneIDs = map[dns.Name]string{name("a.example.org"): id}
		})
		if zones, _, err := p.Zones(t.Context(), allNames("a.example.org")); err == nil || kindOf(t, err) != provider.Unavailable {
			t.Errorf("%v, %v", zones, err)
		}
	})
}

func TestARefusedCredentialIsAnErrorAndNotAMissingZone(t *testing.T) {
	for _, setup := range []func(*sim.Cloudflare){
		func(cf *sim.Cloudflare) { cf.RevokeToken(theSecret) },
		func(cf *sim.Cloudflare) { cf.AddToken(sim.Token{Value: theSecret, Listing: sim.ListNever}) },
		func(cf *sim.Cloudflare) {
			cf.Fail(sim.All(), sim.Refuse(403, 9109, "Cannot use the access token from location: 192.0.2.1"))
		},
	} {
		bubble(t, func(t *testing.T) {
			cf, p := simulated(t)
			cf.AddZone(sim.Zone{Name: "example.org"})
			setup(cf)
			where, _, err := p.Zones(t.Context(), allNames("a.example.org", "b.example.org"))
			zones := providertest.ZonesOf(where)
			if err == nil || kindOf(t, err) != provider.Auth || len(cf.Calls()) > 2 {
				t.Errorf("%v, %v after %d calls", zones, err, len(cf.Calls()))
			}
		})
	}
}

func TestWhatCouldNotBeAskedIsNotSaidToBeMissing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org"})
		cf.Fail(func(c sim.Call) bool { return c.Query.Has("name") }, sim.HTML(502))
		found, unplaced := placed(t, p, allNames("b.example.net", "a.example.org", "c.example.net")...)
		same(t, "found", found, []string{"example.org"})
		if len(unplaced) != 2 || unplaced[0].Err.Kind != provider.Unavailable || unplaced[1].Err.Kind != provider.Unavailable {
			t.Errorf("unplaced %v", unplaced)
		}
		_, _, err := p.Zones(t.Context(), allNames("b.example.net"))
		if err == nil || kindOf(t, err) != provider.Unavailable {
			t.Errorf("nothing could be learnt: %v", err)
		}
	})
}

func TestTwoZonesOfOneNameAreLeftAlone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org"})
		cf.AddZone(sim.Zone{Name: "example.org", Account: strings.Repeat("a", 32)})
		_, unplaced := placed(t, p, name("h.example.org"))
		if len(unplaced) != 1 || !strings.Contains(unplaced[0].Err.Error(), "2 zones named example.org") {
			t.Errorf("%v", unplaced)
		}
	})
}

func TestAZoneThatIsNotQuiteThereIsSaidAndADeletedOneSkipped(t *testing.T) {
	for status, want := range map[string]string{
		"active": "", "pending": "pending", "moved": "moved", "initializing": "set up", "deactivated": "deactivated", "new": `"new"`, "deleted": "-",
	} {
		bubble(t, func(t *testing.T) {
			cf, p := simulated(t)
			cf.AddZone(sim.Zone{Name: "example.org", Status: status})
			where, unplaced, err := p.Zones(t.Context(), allNames("h.example.org"))
			zones := providertest.ZonesOf(where)
			switch {
			case err != nil:
				t.Error(err)
			case want == "-":
				if len(zones) != 0 || len(unplaced) != 1 {
					t.Errorf("%s: %v", status, zones)
				}
			case len(zones) != 1 || !strings.Contains(zones[0].Warning, want) || (want == "") != (zones[0].Warning == ""):
				t.Errorf("%s: %v", status, zones)
			}
		})
	}
	if w := (&apiZone{Status: "active", Paused: true}).warningText(); !strings.Contains(w, "paused") {
		t.Errorf("paused: %q", w)
	}
	if w := (&apiZone{Status: "pending", Paused: true}).warningText(); !strings.Contains(w, "paused") || !strings.Contains(w, "pending") {
		t.Errorf("pending and paused: %q", w)
	}
	if w := (&apiZone{Status: "active", Type: "secondary"}).warningText(); !strings.Contains(w, "secondary") {
		t.Errorf("secondary: %q", w)
	}
}

func TestThePlanOfAZoneSetsItsLimits(t *testing.T) {
	for legacy, want := range map[string]plan.Limits{
		"free":       {MinTTL: 60, MaxTTL: 86400, Comment: 100, Tags: -1, Batch: 200},
		"pro":        {MinTTL: 60, MaxTTL: 86400, Comment: 500, Tags: 20, Batch: 1000},
		"business":   {MinTTL: 60, MaxTTL: 86400, Comment: 500, Tags: 20, Batch: 1000},
		"enterprise": {MinTTL: 30, MaxTTL: 86400, Comment: 500, Tags: 20, Batch: 1000},
		"":           {Batch: 200},
		"new":        {Batch: 200},
	} {
		var z apiZone
		z.Plan.LegacyID = legacy
		if got := z.planLimits(); got != want {
			t.Errorf("%s: %+v, want %+v", legacy, got, want)
		}
	}
}

func TestZonesNobodyCanUseAreIgnored(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := connect(t, answer(200, `{"success":true,"errors":null,"result_info":{"total_count":5.0},"result":[
			{"id":"1","name":"com"},{"id":"2","name":"bad..name"},{"id":"../3","name":"example.net"},
			{"id":"4","name":"MÜNCHEN.example","plan":null,"status":"active"},{"id":"5","name":"example.org","meta":{"step":4}}]}`))
		where, _, err := p.Zones(t.Context(), allNames("a.xn--mnchen-3ya.example", "a.example.org", "a.example.net"))
		zones := providertest.ZonesOf(where)
		if err != nil || len(zones) != 2 || zones[0].ID != "5" || zones[1].ID != "4" {
			t.Errorf("%v, %v", zones, err)
		}
	})
}

func TestEveryZoneQuestionFitsTheAPI(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		placed(t, p, name("日本.example.org"))
		for _, c := range cf.Calls() {
			if c.Query.Get("per_page") != "50" || strings.ContainsFunc(c.Query.Encode(), func(r rune) bool { return r > 0x7f }) {
				t.Errorf("asked with %s", c.Query.Encode())
			}
		}
		if got := cf.Calls()[1].Query; got.Get("name") != "xn--wgv71a.example.org" || !got.Has("per_page") {
			t.Error(url.Values(got).Encode())
		}
	})
}
