package route53

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/rest"
	"github.com/homing-dns/homing/internal/provider/route53/route53test"
)

func counted(calls []string, right string) (n int) {
	for _, c := range calls {
		if c == right {
			n++
		}
	}
	return n
}

// A batch holds 1,000 values, those to delete counted too, and 32,000 characters.
func TestBatchesAreAsLargeAsTheyMayBe(t *testing.T) {
	f, p := newFake(t)
	zone := zoneOf(t, p)
	var all []dns.Record
	for i := range 2000 {
		all = append(all, address(t, fmt.Sprintf("n%04d.example.org", i), fmt.Sprintf("198.51.%d.%d", 100+i/250, 1+i%250)))
	}
	done := func(sets []plan.Set, batches int) {
		t.Helper()
		f.Calls()
		for i, r := range p.Apply(t.Context(), zone, sets) {
			if r.Errs[0] != nil {
				t.Fatalf("set %d: %v", i, r.Errs[0])
			}
		}
		if n := counted(f.Calls(), "ChangeResourceRecordSets"); n != batches {
			t.Errorf("%d batches, want %d", n, batches)
		}
	}
	done(creating(all...), 2)
	var sets []plan.Set
	for i, r := range all {
		to := r
		to.Addr = address(t, "x.example.org", fmt.Sprintf("203.0.%d.%d", 100+i/250, 1+i%250)).Addr
		sets = append(sets, plan.Set{Key: r.Key(), Records: []dns.Record{r}, Changes: []plan.Change{{Action: plan.ToUpdate, Old: r, New: to}}})
	}
	done(sets, 4)
	long := dns.DataOfStrings(strings.Repeat("x", 250))
	var texts []dns.Record
	for i := range 200 { // of 252 characters each
		texts = append(texts, dns.Record{Name: name(t, fmt.Sprintf("t%d.example.org", i)), Type: dns.TXT, TTL: 300}.WithData(long))
	}
	done(creating(texts...), 2)
}

// A value that somebody wrote otherwise than homing would is deleted as it stands.
func TestWhatIsWrittenOtherwiseIsDeletedAsItStands(t *testing.T) {
	f, p := newFake(t)
	zone := zoneOf(t, p)
	f.Put(theZone, route53test.Set{Name: "a.example.org.", Type: "AAAA", TTL: 60, Values: []string{"2001:DB8:0::0001", "2001:db8::2"}})
	f.Put(theZone, route53test.Set{Name: "a.example.org.", Type: "TXT", TTL: 60, Values: []string{`"gr\303\274n"   "two"`}})
	read, err := p.RecordsAndTexts(t.Context(), zone, []dns.Name{name(t, "a.example.org")}, []dns.Name{name(t, "a.example.org")})
	if err != nil || len(read) != 3 {
		t.Fatal(read, err)
	}
	text := read[slices.IndexFunc(read, func(r dns.Record) bool { return r.Type == dns.TXT })]
	if got := text.Data().Strings(); !slices.Equal(got, []string{"grün", "two"}) {
		t.Errorf("the text is %q", got)
	}
	read = slices.DeleteFunc(read, func(r dns.Record) bool { return r.Type == dns.TXT })
	to := read[1]
	to.Addr = address(t, "a.example.org", "2001:db8::9").Addr
	more := dns.Record{Name: text.Name, Type: dns.TXT, TTL: 60}.WithData(dns.DataOfStrings("größer"))
	results := p.Apply(t.Context(), zone, []plan.Set{
		{Key: to.Key(), Records: read, Changes: []plan.Change{{Action: plan.ToUpdate, Old: read[1], New: to}}},
		{Key: text.Key(), Records: []dns.Record{text}, Changes: []plan.Change{{Action: plan.ToCreate, New: more}}}})
	for _, r := range results {
		if r.Errs[0] != nil {
			t.Fatal(r.Errs[0])
		}
	}
	var held []string
	for _, s := range f.Sets(theZone, "a.example.org.") {
		held = append(held, s.Values...)
	}
	slices.Sort(held)
	if want := []string{`"gr\303\266\303\237er"`, `"gr\303\274n"   "two"`, "2001:DB8:0::0001", "2001:db8::9"}; !slices.Equal(held, want) {
		t.Errorf("held is %q", held)
	}
}

// What is more than an RRset is read and left alone.
func TestAliasesAndRoutingPoliciesAreReadOnly(t *testing.T) {
	f, p := newFake(t)
	zone := zoneOf(t, p)
	one := []string{"192.0.2.1"}
	for _, s := range []route53test.Set{
		{Name: "alias.example.org.", Type: "A", Alias: "d123.cloudfront.net."},
		{Name: "weighted.example.org.", Type: "A", TTL: 60, Values: one, ID: "one", Weight: 10},
		{Name: "weighted.example.org.", Type: "A", TTL: 60, Values: []string{"192.0.2.2"}, ID: "two", Weight: 20},
		{Name: "latency.example.org.", Type: "A", TTL: 60, Values: one, ID: "one", Region: "eu-west-1"},
		{Name: "geo.example.org.", Type: "A", TTL: 60, Values: one, ID: "one", Country: "DE"},
		{Name: "failover.example.org.", Type: "A", TTL: 60, Values: one, ID: "one", Failover: "PRIMARY", HealthCheck: "1-2-3"},
		{Name: "multi.example.org.", Type: "A", TTL: 60, Values: one, ID: "one", MultiValue: true},
		{Name: "checked.example.org.", Type: "A", TTL: 60, Values: one, HealthCheck: "1-2-3"},
	} {
		f.Put(theZone, s)
	}
	features := map[string]string{"alias": "an alias to d123.cloudfront.net", "weighted": "a routing policy", "latency": "a routing policy", "geo": "a routing policy",
		"failover": "a routing policy", "multi": "a routing policy", "checked": "a health check"}
	for label, want := range features {
		n := name(t, label+".example.org")
		read, err := p.Records(t.Context(), zone, []dns.Name{n})
		if err != nil || len(read) == 0 || label == "weighted" && len(read) != 2 {
			t.Errorf("%s: %v %v", label, read, err)
			continue
		}
		for _, r := range read {
			if !r.ReadOnly || r.Feature != want {
				t.Errorf("%s: %+v", label, r)
			}
		}
		f.Calls()
		err = p.Apply(t.Context(), zone, []plan.Set{{Key: read[0].Key(), Records: read, Changes: []plan.Change{{Action: plan.ToDelete, Old: read[0]}}}})[0].Errs[0]
		if err.(*provider.Error).Kind != provider.Rejected || len(f.Calls()) > 0 {
			t.Errorf("%s: %v", label, err)
		}
	}
}

// A batch that comes too early, or too fast, has done nothing, and is sent again.
func TestABusyZoneIsWaitedFor(t *testing.T) {
	bubble(t, func(t *testing.T, f *route53test.Server, p *Provider) {
		zone := zoneOf(t, p)
		f.Busy(3)
		began := time.Now()
		if err := p.Apply(t.Context(), zone, creating(address(t, "a.example.org", "192.0.2.1")))[0].Errs[0]; err != nil || time.Since(began) != 3*busyPause {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		f.Busy(100)
		err := p.Apply(t.Context(), zone, creating(address(t, "b.example.org", "192.0.2.1"), address(t, "c.example.org", "192.0.2.1")))[0].Errs[0]
		if err == nil || err.Kind != provider.Throttled || err.RetryAfter != busyPause || !strings.Contains(err.Error(), "still busy with an earlier change of this zone") {
			t.Errorf("%v", err)
		}
	})
}

// Five calls a second are what AWS takes, and what goes out.
func TestTheRateIsKept(t *testing.T) {
	bubble(t, func(t *testing.T, f *route53test.Server, p *Provider) {
		p.api.Quota = rest.NewQuota(Limit())
		f.Rate = 5
		zone := zoneOf(t, p)
		for i := range 30 {
			if err := p.Apply(t.Context(), zone, creating(address(t, fmt.Sprintf("n%d.example.org", i), "192.0.2.1")))[0].Errs[0]; err != nil {
				t.Fatal(err)
			}
		}
		if calls := len(f.Calls()); int64(calls) != p.Calls() {
			t.Errorf("%d of %d calls were taken", calls, p.Calls())
		}
	})
}

// Others call too: what is refused for that is made again.
func TestThrottlingIsWaitedFor(t *testing.T) {
	bubble(t, func(t *testing.T, f *route53test.Server, p *Provider) {
		f.Rate = 1
		zone := zoneOf(t, p)
		if err := p.Apply(t.Context(), zone, creating(address(t, "a.example.org", "192.0.2.1")))[0].Errs[0]; err != nil {
			t.Error(err)
		}
		if _, err := p.Records(t.Context(), zone, []dns.Name{name(t, "a.example.org")}); err != nil {
			t.Error(err)
		}
	})
}

// A change is pending until all name servers have it.
func TestAChangeIsFollowed(t *testing.T) {
	f, p := newFake(t)
	zone := zoneOf(t, p)
	r := p.Apply(t.Context(), zone, creating(address(t, "a.example.org", "192.0.2.1"), address(t, "b.example.org", "192.0.2.1")))
	if r[0].Receipt == "" || r[0].Receipt != r[1].Receipt {
		t.Fatalf("the receipts are %q and %q", r[0].Receipt, r[1].Receipt)
	}
	if done, err := p.Propagated(t.Context(), zone, r[0].Receipt); done || err != nil {
		t.Error(done, err)
	}
	f.Sync()
	if done, err := p.Propagated(t.Context(), zone, r[0].Receipt); !done || err != nil {
		t.Error(done, err)
	}
	if _, err := p.Propagated(t.Context(), zone, "CNONE"); err.(*provider.Error).Kind != provider.Stale {
		t.Error(err)
	}
}

// Many names are read page by page, few by themselves.
func TestReadingTakesTheFewestCalls(t *testing.T) {
	f, p := newFake(t)
	var names []dns.Name
	for i := range 1000 {
		r := address(t, fmt.Sprintf("n%04d.example.org", i), "192.0.2.1")
		names = append(names, r.Name)
		seed(t, f, theZone, r)
	}
	zone := zoneOf(t, p)
	for n, want := range map[int]int{1: 1, 3: 3, 4: 4, 5: 4, 1000: 4} {
		f.Calls()
		read, err := p.Records(t.Context(), zone, names[:n])
		if calls := len(f.Calls()); err != nil || len(read) != n || calls != want {
			t.Errorf("%d names: %d records, %d calls, %v", n, len(read), calls, err)
		}
	}
}

// A wildcard, and what stands between a name and its zone.
func TestNamesAreThoseOfTheAPI(t *testing.T) {
	f, p := newFake(t)
	zone := zoneOf(t, p)
	r := address(t, "*.home.example.org", "192.0.2.1")
	if err := p.Apply(t.Context(), zone, creating(r))[0].Errs[0]; err != nil {
		t.Fatal(err)
	}
	if got := f.Sets(theZone, "*.home.example.org."); len(got) != 1 {
		t.Errorf("held is %v", got)
	}
	f.Put(theZone, route53test.Set{Name: "home.example.org.", Type: "NS", TTL: 60, Values: []string{"ns.example.net."}})
	read, err := p.Records(t.Context(), zone, []dns.Name{r.Name})
	if err != nil || len(read) != 2 || read[0].Type != dns.A && read[1].Type != dns.A || read[0].Type != dns.NS && read[1].Type != dns.NS {
		t.Errorf("%v %v", read, err)
	}
	for in, want := range map[string]string{`\052.example.org.`: "*.example.org", `a\137b.example.org.`: "a_b.example.org", `\052`: "", `a\05`: "", `\777.example.org`: ""} {
		if n, _ := parseEscapedName(in); n.String() != want {
			t.Errorf("%q is %q", in, n)
		}
	}
}

func TestZonesAreChosen(t *testing.T) {
	f, p := newFake(t, func(c *Config) {
		c.ZoneIDs = map[dns.Name]string{name(t, "x.twice.org"): "ZTWO", name(t, "a.other.org"): "ZTWO", name(t, "b.private.org"): "ZHIDDEN"}
		c.ZoneNames = map[dns.Name]dns.Name{name(t, "c.sub.example.org"): name(t, "example.org")}
	})
	f.Add("ZONE", "twice.org.", false)
	f.Add("ZTWO", "twice.org.", false)
	f.Add("ZHIDDEN", "private.org.", true)
	for i := range 250 {
		f.Add(fmt.Sprintf("ZMANY%d", i), fmt.Sprintf("zone%d.net.", i), false)
	}
	for n, want := range map[string]string{
		"a.example.org": theZone, "a.sub.example.org": subZone, "c.sub.example.org": theZone, "x.twice.org": "ZTWO", "a.zone249.net": "ZMANY249",
		"y.twice.org":    "there are 2 hosted zones twice.org in this AWS account: ZONE and ZTWO",
		"a.private.org":  "the only hosted zone for a.private.org is private.org, which is private: the world is not answered from it",
		"b.private.org":  "look at the hosted zone ZHIDDEN: the zone private.org is private: the world is not answered from it",
		"a.other.org":    "a.other.org is not in the zone twice.org",
		"a.nowhere.test": "no hosted zone of this AWS account holds a.nowhere.test",
	} {
		placed, unplaced, err := p.Zones(t.Context(), []dns.Name{name(t, n)})
		switch {
		case err != nil:
			t.Error(n, err)
		case len(placed) == 1 && placed[0].Zone.ID == want:
		case len(unplaced) == 1 && unplaced[0].Err.Kind == provider.NoZone && unplaced[0].Err.Error() == want:
		default:
			t.Errorf("%s: %v %v", n, placed, unplaced)
		}
	}
	if all, err := p.ListZones(t.Context()); err != nil || len(all) != 254 {
		t.Errorf("%d zones are seen: %v", len(all), err)
	}
	if n, err := p.ZoneName(t.Context(), theZone); err != nil || n != name(t, "example.org") {
		t.Error(n, err)
	}
}

// Who may not list zones keeps the names whose zone is set.
func TestWithoutTheRightToListZonesThoseThatAreSetWork(t *testing.T) {
	a, b := name(t, "a.example.org"), name(t, "b.example.org")
	f, p := newFake(t, func(c *Config) { c.ZoneIDs = map[dns.Name]string{a: theZone} })
	f.Deny("route53:ListHostedZones")
	placed, unplaced, err := p.Zones(t.Context(), []dns.Name{a, b})
	if err != nil || len(placed) != 1 || len(unplaced) != 1 || placed[0].Zone.ID != theZone || unplaced[0].Err.Kind != provider.Auth {
		t.Errorf("%v %v %v", placed, unplaced, err)
	}
	f.Calls()
	if _, _, err := p.Zones(t.Context(), []dns.Name{a}); err != nil || !slices.Equal(f.Calls(), []string{"GetHostedZone"}) {
		t.Error(err)
	}
}

// bubble is a test in which time passes by itself.
func bubble(t *testing.T, test func(*testing.T, *route53test.Server, *Provider)) {
	synctest.Test(t, func(t *testing.T) {
		f, p := piped(t)
		test(t, f, p)
	})
}
