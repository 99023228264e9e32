package cloudflare

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/sim"
)

// stored returns the record of the simulator at a name, as the provider reads it.
func stored(t *testing.T, p *Provider, z provider.Zone, names ...string) []dns.Record {
	t.Helper()
	rs, err := p.Records(t.Context(), z, allNames(names...))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(rs, func(a, b dns.Record) int { return a.Key().Compare(b.Key()) })
	return rs
}

// bodies returns what was written, call by call.
func bodies(cf *sim.Cloudflare) []string {
	var all []string
	for _, c := range cf.Calls(sim.IsWrite) {
		all = append(all, strings.TrimSpace(c.Method+" "+string(c.Body)))
	}
	return all
}

func TestAChangeAloneIsASingleCallOfWhatChanges(t *testing.T) {
	old := address(name("a.example.org"), "192.0.2.1")
	for _, tt := range []struct {
		what string
		from func(*dns.Record)
		to   func(*dns.Record)
		want string
	}{
		{"address", nil, func(r *dns.Record) { r.Addr = address(r.Name, "192.0.2.2").Addr }, `PATCH {"content":"192.0.2.2"}`},
		{"proxied", nil, func(r *dns.Record) { r.Proxied = true }, `PATCH {"proxied":true}`},
		{"no longer proxied", func(r *dns.Record) { r.Proxied = true }, func(r *dns.Record) { r.Proxied, r.TTL = false, 300 }, `PATCH {"proxied":false,"ttl":300}`},
		{"ttl", nil, func(r *dns.Record) { r.TTL = 300 }, `PATCH {"ttl":300}`},
		{"comment", nil, func(r *dns.Record) { r.Comment = "x" }, `PATCH {"comment":"x"}`},
		{"comment cleared", func(r *dns.Record) { r.Comment = "x" }, func(r *dns.Record) { r.Comment = "" }, `PATCH {"comment":""}`},
		{"tags", nil, func(r *dns.Record) { r.Tags = []string{"a:b"} }, `PATCH {"tags":["a:b"]}`},
		{"tags cleared", func(r *dns.Record) { r.Tags = []string{"a:b"} }, func(r *dns.Record) { r.Tags = nil }, `PATCH {"tags":[]}`},
		{"new", nil, nil, `POST {"type":"A","name":"a.example.org","content":"192.0.2.1","ttl":1,"proxied":false}`},
		{"new with everything", func(r *dns.Record) { r.Comment, r.Tags, r.TTL = "x", []string{"a:b"}, 300 }, nil,
			`POST {"type":"A","name":"a.example.org","content":"192.0.2.1","ttl":300,"proxied":false,"comment":"x","tags":["a:b"]}`},
	} {
		bubble(t, func(t *testing.T) {
			cf, p := simulated(t)
			cf.AddZone(sim.Zone{Name: "example.org", Plan: "pro"})
			z := zoneOf(t, p, "example.org")
			from := old
			if tt.from != nil {
				tt.from(&from)
			}
			c := plan.Change{Action: plan.ToCreate, New: from}
			if tt.to != nil {
				cf.AddRecord("example.org", sim.Record{Name: "a.example.org", Type: "A", Content: from.Content(), Proxied: from.Proxied, TTL: from.TTL, Comment: from.Comment, Tags: from.Tags})
				from = stored(t, p, z, "a.example.org")[0]
				c = plan.Change{Action: plan.ToUpdate, Old: from, New: from}
				tt.to(&c.New)
			}
			cf.Reset()
			r := apply(t.Context(), p, z, []plan.Change{c})[0]
			if r.Err != nil {
				t.Fatalf("%s: %v", tt.what, r.Err)
			}
			same(t, tt.what, bodies(cf), []string{tt.want})
			c.New.ID = r.Record.ID
			if !r.Record.Equal(&c.New) || r.Record.ID == "" {
				t.Errorf("%s: %+v, want %+v", tt.what, r.Record, c.New)
			}
		})
	}
}

func TestChangesOfAZoneAreOneBatchInAnyOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org"}, sim.Address("a.example.org", "192.0.2.1"), sim.Address("b.example.org", "192.0.2.1"),
			sim.Address("b.example.org", "192.0.2.2"), sim.Address("z.example.org", "192.0.2.1"))
		z := zoneOf(t, p, "example.org")
		rs := stored(t, p, z, "a.example.org", "b.example.org")
		cf.Reset()
		changes := []plan.Change{update(rs[0], "192.0.2.9"), update(rs[1], "192.0.2.9"), remove(rs[2]), create(name("c.example.org"), "192.0.2.9"), create(name("c.example.org"), "2001:db8::9")}
		results := apply(t.Context(), p, z, changes)
		same(t, "results", kinds(t, results), []string{"done", "done", "done", "done", "done"})
		if calls := cf.Calls(); len(calls) != 1 || calls[0].Route != sim.Batch {
			t.Errorf("%v", calls)
		}
		for i, r := range results {
			if c := changes[i]; c.Action != plan.ToDelete && (r.Record.Key() != c.Key() || r.Record.Content() != c.New.Content() || r.Record.ID == "") {
				t.Errorf("result %d is %+v", i, r.Record)
			}
		}
		same(t, "foreign record", cf.Contents("example.org", "z.example.org"), []string{"192.0.2.1"})
	})
}

func TestLargePlansAreCutBetweenRRsets(t *testing.T) {
	for plan, calls := range map[string]int{"free": 4, "pro": 1} { // 198 a batch, or all 597
		bubble(t, func(t *testing.T) {
			cf, p := simulated(t)
			cf.AddZone(sim.Zone{Name: "example.org", Plan: plan, Quota: 1000})
			z := zoneOf(t, p, "example.org")
			cf.Reset()
			var names []string
			for _, n := range hosts(199, "example.org") {
				names = append(names, n.String(), n.String(), n.String()) // three addresses each: 597 changes, and 200 is no multiple of 3
			}
			changes := changesAt(names...)
			for i := range changes {
				changes[i].New.Addr = address(name("x.example.org"), fmt.Sprintf("192.0.2.%d", 1+i%3)).Addr
			}
			if got := count(kinds(t, apply(t.Context(), p, z, changes))); got["done"] != 597 {
				t.Error(got)
			}
			if got := len(cf.Calls(sim.ToRoute(sim.Batch))); got != calls {
				t.Errorf("%s: %d batches", plan, got)
			}
			for _, c := range cf.Calls() {
				var body batchBody
				if err := json.Unmarshal(c.Body, &body); err != nil || len(body.Posts)%3 != 0 {
					t.Errorf("a batch of %d changes splits an RRset: %v", len(body.Posts), err)
				}
			}
		})
	}
}

// obstructed returns a zone in which some of the names have a CNAME.
func obstructed(t *testing.T, cf *sim.Cloudflare, p *Provider, blocked ...string) provider.Zone {
	t.Helper()
	cf.AddZone(sim.Zone{Name: "example.org", Quota: 2000}, sim.Address("foreign.example.org", "192.0.2.7"))
	for _, n := range blocked {
		cf.AddRecord("example.org", sim.Record{Name: n, Type: "CNAME", Content: "x.example.net"})
	}
	return zoneOf(t, p, "example.org")
}

func TestTheChangeThatIsRefusedIsFoundAndTheRestGetsThrough(t *testing.T) {
	for name, tt := range map[string]struct {
		options sim.Options
		most    int
	}{"by pointer": {sim.Options{Pointers: true}, 3}, "by halving": {sim.Options{}, 17}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				cf, p := simulated(t)
				cf.SetOptions(tt.options)
				z := obstructed(t, cf, p, "h0123.example.org")
				cf.Reset()
				all := hosts(200, "example.org")
				var changes []plan.Change
				for _, n := range all {
					changes = append(changes, create(n, "192.0.2.9"))
				}
				results := apply(t.Context(), p, z, changes)
				if got := count(kinds(t, results)); got["done"] != 199 || got["rejected"] != 1 || results[123].Err == nil {
					t.Fatal(got)
				}
				if e := results[123].Err; !strings.Contains(e.Error(), "create A h0123.example.org: a CNAME record stands at this name") || !strings.Contains(e.Hint.String(), "delete the CNAME") {
					t.Errorf("%v → %s", e, e.Hint)
				}
				if n := len(cf.Calls()); n > tt.most {
					t.Errorf("%d calls", n)
				}
				if n := len(cf.Records("example.org")); n != 199+2 {
					t.Errorf("%d records", n)
				}
			})
		})
	}
}

func TestHoweverManyAreRefusedTheOthersGetThroughInTwoTries(t *testing.T) {
	for _, plan := range []string{"free", "pro"} {
		for _, pointers := range []bool{true, false} {
			for _, bad := range []int{33, 64, 150, 300} {
				t.Run(fmt.Sprintf("%s %d pointers %t", plan, bad, pointers), func(t *testing.T) {
					bubble(t, func(t *testing.T) { refuseMany(t, plan, bad, pointers) })
				})
			}
		}
	}
}

// refuseMany lets every other name be refused, and tries twice: the second time
// without what was refused the first time.
func refuseMany(t *testing.T, tier string, bad int, pointers bool) {
	cf, p := simulated(t)
	cf.SetOptions(sim.Options{Pointers: pointers})
	cf.AddZone(sim.Zone{Name: "example.org", Plan: tier, Quota: 2000})
	var changes []plan.Change
	blocked := map[string]bool{}
	for i, n := range hosts(2*bad, "example.org") {
		if i%2 == 0 {
			blocked[n.String()] = true
			cf.AddRecord("example.org", sim.Record{Name: n.String(), Type: "CNAME", Content: "x.example.net"})
		}
		changes = append(changes, create(n, "192.0.2.9"))
	}
	z := zoneOf(t, p, "example.org")
	cf.Reset()
	done, most := 0, len(changes)+2*maxHalvings+3 // three batches
	for range 2 {
		var left []plan.Change
		for i, r := range apply(t.Context(), p, z, changes) {
			switch {
			case r.Err == nil:
				done++
			case r.Err.Kind == provider.NotTried && strings.Contains(r.Err.Error(), "a CNAME record stands"):
				left = append(left, changes[i])
			case r.Err.Kind != provider.Rejected || !blocked[changes[i].New.Name.String()] || !strings.HasPrefix(r.Err.Error(), describeChange(&changes[i])+": a CNAME"):
				t.Fatalf("%v: %v", changes[i], r.Err)
			}
		}
		changes = left
	}
	if done != bad {
		t.Errorf("%d of %d are done", done, bad)
	}
	if n := len(cf.Calls()); n > most+2*maxHalvings {
		t.Errorf("%d calls", n)
	}
}

func TestSearchingForWhatIsRefusedHasAnEnd(t *testing.T) {
	for changes, most := range map[int]int{1: 65, 200: 264, 1000: 500, 100000: 500} {
		if got := maxSearchCalls(changes, callsPerWindow); got != most {
			t.Errorf("%d changes: %d calls", changes, got)
		}
		if got := maxSearchCalls(changes, 0); got != maxHalvings {
			t.Errorf("%d changes and no room: %d calls", changes, got)
		}
	}
}

func TestEveryPointerOfAnAnswerIsHeeded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		z := obstructed(t, cf, p, "a.example.org", "b.example.org", "c.example.org")
		at := func(i int) string {
			return fmt.Sprintf(`{"code":81054,"message":"CNAME %d","source":{"pointer":"/posts/%d"}}`, i, i)
		}
		cf.Fail(sim.ToRoute(sim.Batch), sim.Answer(400, http.Header{"Content-Type": {"application/json"}},
			`{"success":false,"errors":[`+at(0)+`,`+at(1)+`,`+at(2)+`]}`).Times(1))
		cf.Reset()
		results := apply(t.Context(), p, z, changesAt("a.example.org", "b.example.org", "c.example.org", "d.example.org", "e.example.org"))
		same(t, "results", kinds(t, results), []string{"rejected", "rejected", "rejected", "done", "done"})
		if n := len(cf.Calls()); n != 3 { // the batch, the first of them, and the rest
			t.Errorf("%d calls", n)
		}
		if e := results[2].Err.Error(); !strings.Contains(e, "create A c.example.org") || !strings.Contains(e, "CNAME 2") || strings.Contains(e, "CNAME 1") {
			t.Errorf("it is not about its own change: %s", e)
		}
	})
}

func TestPointersAreReadInEveryForm(t *testing.T) {
	b := &batchBody{changeIndex: map[string][]int{"posts": {10, 11, 12}, "patches": {20}}}
	for in, want := range map[string]int{
		"/posts/2": 12, "posts.1": 11, "/posts/0/ttl": 10, "body.posts[2].name": 12, "#/patches/0": 20, "patches[0]": 20,
		"": -1, "/posts/3": -1, "/posts/-1": -1, "/posts": -1, "/deletes/0": -1, "/posts/x": -1, "/0": -1,
	} {
		if got := b.changeAt(in); got != want {
			t.Errorf("%q: %d, want %d", in, got, want)
		}
	}
}

func TestAPointerThatIsWrongBlamesNobody(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		z := obstructed(t, cf, p, "b.example.org")
		lie := `{"success":false,"errors":[{"code":81054,"message":"a CNAME","source":{"pointer":"/posts/0"}}]}`
		cf.Fail(sim.ToRoute(sim.Batch), sim.Answer(400, http.Header{"Content-Type": {"application/json"}}, lie).Times(1))
		results := apply(t.Context(), p, z, changesAt("a.example.org", "b.example.org", "c.example.org"))
		same(t, "results", kinds(t, results), []string{"done", "rejected", "done"})
	})
}

func TestAFullZoneStillTakesWhatNeedsNoRoom(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org", Quota: 53}, sim.Address("a.example.org", "192.0.2.1"), sim.Address("b.example.org", "192.0.2.1"), sim.Address("b.example.org", "192.0.2.2"))
		for _, n := range hosts(40, "example.org") {
			cf.AddRecord("example.org", sim.Address(n.String(), "192.0.2.1"))
		}
		z := zoneOf(t, p, "example.org")
		rs := stored(t, p, z, "a.example.org", "b.example.org")
		cf.Reset()
		changes := []plan.Change{update(rs[0], "192.0.2.9"), create(rs[0].Name, "192.0.2.10"), update(rs[1], "192.0.2.9"), remove(rs[2])}
		for i := range 30 {
			changes = append(changes, create(name(fmt.Sprintf("new%02d.example.org", i)), "192.0.2.9"))
		}
		results := apply(t.Context(), p, z, changes)
		if got := kinds(t, results[:4]); got[0] != "done" || got[2] != "done" || got[3] != "done" {
			t.Errorf("what needs no room: %v", got)
		}
		for i, r := range results {
			if r.Err != nil && !strings.HasPrefix(r.Err.Error(), describeChange(&changes[i])+": the zone has no room") {
				t.Errorf("the error of another change: %v", r.Err)
			}
		}
		// 43 records, one deleted: room for 11 more.
		if got := count(kinds(t, results)); got["done"] != 3+11 || got["rejected"] != 20 {
			t.Error(got)
		}
		if n := len(cf.Records("example.org")); n != 53 {
			t.Errorf("%d records", n)
		}
		if n := len(cf.Calls()); n > 14 {
			t.Errorf("%d calls", n)
		}
	})
}

func TestInAFullZoneNothingIsDeletedWithoutItsReplacement(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org", Quota: 1}, sim.Address("a.example.org", "192.0.2.1"), sim.Address("z.example.org", "192.0.2.1"))
		z := zoneOf(t, p, "example.org")
		rs := stored(t, p, z, "a.example.org")
		cf.AddRecord("example.org", sim.Address("y.example.org", "192.0.2.1"))
		changes := []plan.Change{create(rs[0].Name, "192.0.2.9"), remove(rs[0]), create(name("b.example.org"), "192.0.2.9")}
		same(t, "results", kinds(t, apply(t.Context(), p, z, changes)), []string{"rejected", "rejected", "rejected"})
		same(t, "the name", cf.Contents("example.org", "a.example.org"), []string{"192.0.2.1"})
	})
}

func TestAViewThatNoLongerHoldsEndsTheWork(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org", Quota: 1000}, sim.Address("a.example.org", "192.0.2.1"))
		z := zoneOf(t, p, "example.org")
		old := stored(t, p, z, "a.example.org")[0]
		cf.RemoveRecord("example.org", old.ID)
		changes := []plan.Change{update(old, "192.0.2.9")}
		for _, n := range hosts(300, "example.org") {
			changes = append(changes, create(n, "192.0.2.9"))
		}
		cf.Reset()
		results := apply(t.Context(), p, z, changes)
		if got := count(kinds(t, results)); got["stale"] != 200 || got["not tried"] != 101 || len(cf.Calls()) != 1 {
			t.Errorf("%v after %d calls", got, len(cf.Calls()))
		}
	})
}

func TestALostAnswerLeavesItsBatchUnconfirmedAndEndsTheWork(t *testing.T) {
	for what, f := range map[string]sim.Fault{
		"lost": sim.LoseAnswer(), "cut": sim.CutAnswer(), "half": sim.HalfJSON(), "page": sim.HTML(200), "502": sim.HTML(502),
		"empty":   sim.Answer(200, nil, ""),
		"success": sim.Answer(200, nil, `{"success":true,"result":null}`), "bare": sim.Answer(200, nil, `{"success":true}`),
	} {
		t.Run(what, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				cf, p := simulated(t)
				cf.AddZone(sim.Zone{Name: "example.org", Quota: 1000})
				z := zoneOf(t, p, "example.org")
				cf.Fail(sim.IsWrite, f)
				cf.Reset()
				var changes []plan.Change
				for _, n := range hosts(300, "example.org") {
					changes = append(changes, create(n, "192.0.2.9"))
				}
				got := count(kinds(t, apply(t.Context(), p, z, changes)))
				if got["unconfirmed"] != 200 || got["not tried"] != 100 || len(cf.Calls()) != 1 {
					t.Errorf("%v after %d calls", got, len(cf.Calls()))
				}
			})
		})
	}
}

func TestAnAnswerThatIsSilentAboutAChangeLeavesItUnconfirmed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		record := func(id, name, kind, content string) string {
			return fmt.Sprintf(`{"id":%q,"name":%q,"type":%q,"content":%q,"ttl":1,"proxied":false}`, id, name, kind, content)
		}
		p := connect(t, answer(200, `{"success":true,"errors":[],"result":{"puts":null,"patches":[`+
			record("1", "a.example.org", "A", "192.0.2.9")+`,`+record("5", "a.example.org", "AAAA", "2001:db8::9")+`],"posts":[`+
			record("4", "c.example.org", "A", "192.0.2.8")+`],"deletes":[{"id":"3"}],"new":{"a":[]}}}`))
		at := func(id, n string) dns.Record {
			r := address(name(n), "192.0.2.1")
			r.ID = id
			return r
		}
		z := someZone()
		z.Limits.Batch = 5
		results := apply(t.Context(), p, z, []plan.Change{
			update(at("1", "a.example.org"), "192.0.2.9"), update(at("2", "b.example.org"), "192.0.2.9"),
			create(name("c.example.org"), "192.0.2.9"), remove(at("3", "d.example.org")), update(at("5", "e.example.org"), "192.0.2.9"),
			create(name("f.example.org"), "192.0.2.9"),
		})
		same(t, "results", kinds(t, results), []string{"done", "unconfirmed", "unconfirmed", "done", "unconfirmed", "not tried"})
	})
}

func TestAnUpdateIsNotBlamedForWhatSomebodyElseChanged(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org"}, sim.Address("a.example.org", "192.0.2.1"), sim.Address("b.example.org", "192.0.2.1"))
		z := zoneOf(t, p, "example.org")
		rs := stored(t, p, z, "a.example.org", "b.example.org")
		for _, r := range cf.Records("example.org") {
			r.Comment = "by hand"
			cf.SetRecord("example.org", r)
		}
		for i, r := range apply(t.Context(), p, z, []plan.Change{update(rs[0], "192.0.2.9"), update(rs[1], "192.0.2.9")}) {
			if r.Err != nil || r.Record.Comment != "by hand" {
				t.Errorf("result %d: %+v, %v", i, r.Record, r.Err)
			}
		}
	})
}

func TestRefusedCredentialsAndThrottlesEndTheWork(t *testing.T) {
	for what, tt := range map[string]struct {
		f     sim.Fault
		want  string
		calls int
	}{
		"auth":            {sim.Refuse(403, 10000, "Authentication error"), "auth", 2}, // a batch, and a single call to see whether it was for that
		"another token":   {sim.Refuse(401, 10000, "Authentication error"), "auth", 1},
		"throttle":        {sim.Throttle(0), "throttled", 1},
		"no zone":         {sim.Refuse(404, 7003, "Could not route"), "no zone", 2},
		"a portal":        {sim.HTML(403), "unavailable", 2},
		"not implemented": {sim.HTML(501), "unavailable", 2},
		"no such call":    {sim.Refuse(405, 10000, "POST method not allowed for the api_token authentication scheme"), "rejected", 2},
	} {
		t.Run(what, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				cf, p := simulated(t)
				cf.AddZone(sim.Zone{Name: "example.org"})
				z := zoneOf(t, p, "example.org")
				z.Limits.Batch = 2
				cf.Fail(sim.IsWrite, tt.f)
				cf.Reset()
				results := apply(t.Context(), p, z, changesAt("a.example.org", "b.example.org", "c.example.org"))
				same(t, "results", kinds(t, results), []string{tt.want, tt.want, "not tried"})
				if len(cf.Calls()) != tt.calls || len(p.Advice()) != 0 {
					t.Errorf("%d calls, %v", len(cf.Calls()), p.Advice())
				}
			})
		})
	}
}

func TestWithoutTheBatchEndpointChangesGoOutOneByOne(t *testing.T) {
	for what, f := range map[string]sim.Fault{
		"no such route":       sim.Refuse(404, 7000, "No route for that URI"),
		"method not allowed":  sim.HTML(405),
		"a proxy without it":  sim.HTML(404),
		"404 without a code":  sim.Answer(404, nil, `{"success":false,"errors":[]}`),
		"403 for batches":     sim.Refuse(403, 10000, "Authentication error"),
		"405 with a new code": sim.Refuse(405, 10405, "Method not allowed"),
		"405 with 10000":      sim.Refuse(405, 10000, "POST method not allowed for the api_token authentication scheme"),
		"404 with 7003":       sim.Refuse(404, 7003, "Could not route to /dns_records/batch"),
		"400 with 7003":       sim.Refuse(400, 7003, "Could not route to /dns_records/batch"),
		"a page for batches":  sim.HTML(403),
		"not implemented":     sim.HTML(501),
		"501 without a code":  sim.Answer(501, nil, `{"success":false,"errors":[]}`),
	} {
		t.Run(what, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				cf, p := simulated(t)
				z := obstructed(t, cf, p, "b.example.org")
				cf.AddRecord("example.org", sim.Address("c.example.org", "192.0.2.1"))
				cf.AddRecord("example.org", sim.Address("c.example.org", "192.0.2.2"))
				rs := stored(t, p, z, "c.example.org")
				cf.Fail(sim.ToRoute(sim.Batch), f)
				cf.Reset()
				changes := append(changesAt("a.example.org", "b.example.org"), update(rs[0], "192.0.2.9"), remove(rs[1]))
				same(t, "results", kinds(t, apply(t.Context(), p, z, changes)), []string{"done", "rejected", "done", "done"})
				if n := len(cf.Calls(sim.ToRoute(sim.Batch))); n != 1 || len(cf.Calls()) != 5 {
					t.Errorf("%d batches, %d calls", n, len(cf.Calls()))
				}
				apply(t.Context(), p, z, changesAt("d.example.org", "e.example.org"))
				if n := len(cf.Calls(sim.ToRoute(sim.Batch))); n != 1 {
					t.Error("the batch endpoint is tried again")
				}
				if got := p.Advice(); len(got) != 1 || !strings.Contains(got[0].Text, "one by one") || got[0].Hint == "" {
					t.Errorf("it is not said: %q", got)
				}
			})
		})
	}
}

func TestOneByOneNothingIsDeletedAfterAFailure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org"}, sim.Address("a.example.org", "192.0.2.1"), sim.Address("a.example.org", "192.0.2.2"), sim.Address("b.example.org", "192.0.2.1"))
		z := zoneOf(t, p, "example.org")
		rs := stored(t, p, z, "a.example.org", "b.example.org")
		cf.Fail(sim.ToRoute(sim.Batch), sim.HTML(404))
		cf.Fail(sim.ToRoute(sim.PatchRecord), sim.Refuse(400, 9021, "ttl").Times(1))
		changes := []plan.Change{update(rs[0], "192.0.2.9"), remove(rs[1]), update(rs[2], "192.0.2.9")}
		same(t, "results", kinds(t, apply(t.Context(), p, z, changes)), []string{"rejected", "not tried", "done"})
		cf.Fail(sim.ToRoute(sim.PatchRecord), sim.LoseAnswer())
		same(t, "results", kinds(t, apply(t.Context(), p, z, changes)), []string{"unconfirmed", "not tried", "not tried"})
		if got := cf.Contents("example.org", "a.example.org"); len(got) != 2 {
			t.Error(got)
		}
	})
}

func TestWhatIsStoredMustBeWhatWasAsked(t *testing.T) {
	for _, tt := range []struct {
		tamper func(*sim.Record)
		want   string
	}{
		{func(r *sim.Record) { r.Proxied = false }, "proxied is false, not true"},
		{func(r *sim.Record) { r.Comment = "" }, `comment is "", not "mine"`},
		{func(r *sim.Record) { r.Comment, r.Proxied = "x\x1b[1m", false }, "proxied is false, not true and comment is"},
		{func(r *sim.Record) { r.TTL = 300 }, ""}, // a proxied record has none of its own
		{func(r *sim.Record) { r.Settings = map[string]any{"ipv4_only": true} }, ""},
	} {
		bubble(t, func(t *testing.T) {
			cf, p := simulated(t)
			cf.AddZone(sim.Zone{Name: "example.org"}, sim.Address("old.example.org", "192.0.2.1"))
			z := zoneOf(t, p, "example.org")
			old := stored(t, p, z, "old.example.org")[0]
			cf.Fail(sim.IsWrite, sim.TamperStored(tt.tamper))
			edit := func(r *dns.Record) { r.Proxied, r.Comment = true, "mine" }
			a, b, u := create(name("a.example.org"), "192.0.2.1"), create(name("b.example.org"), "192.0.2.1"), update(old, "192.0.2.9")
			edit(&a.New)
			edit(&b.New)
			edit(&u.New)
			results := append(apply(t.Context(), p, z, []plan.Change{a}), apply(t.Context(), p, z, []plan.Change{b, u})...)
			for i, r := range results {
				switch {
				case r.Record.ID == "":
					t.Errorf("result %d does not say what is stored", i)
				case tt.want == "" && r.Err != nil:
					t.Errorf("result %d: %v", i, r.Err)
				case tt.want != "" && (r.Err == nil || r.Err.Kind != provider.Rejected || !strings.Contains(r.Err.Error(), tt.want) || strings.Contains(r.Err.Error(), "\x1b")):
					t.Errorf("result %d: %v, want %s", i, r.Err, tt.want)
				}
			}
		})
	}
}

func TestASingleAnswerAboutAnotherRecordIsUnconfirmed(t *testing.T) {
	old := address(name("a.example.org"), "192.0.2.1")
	old.ID = "1"
	for _, body := range []string{
		`{"id":"2","name":"a.example.org","type":"A","content":"192.0.2.9","ttl":1}`,
		`{"id":"1","name":"b.example.org","type":"A","content":"192.0.2.9","ttl":1}`,
		`{"id":"1","name":"a.example.org","type":"AAAA","content":"2001:db8::9","ttl":1}`,
		`{"id":"1"}`, `{}`, `null`, `[]`, `7`,
	} {
		bubble(t, func(t *testing.T) {
			p := connect(t, answer(200, `{"success":true,"errors":[],"result":`+body+`}`))
			same(t, body, kinds(t, apply(t.Context(), p, someZone(), []plan.Change{update(old, "192.0.2.9")})), []string{"unconfirmed"})
		})
	}
}

func TestAChangeWithoutAnIDIsNeverSent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := connect(t, answer(200, `{"success":true,"result":{}}`))
		for _, id := range []string{"", "..", "a/b"} {
			old := address(name("a.example.org"), "192.0.2.1")
			old.ID = id
			for _, c := range []plan.Change{remove(old), update(old, "192.0.2.9")} {
				same(t, id, kinds(t, apply(t.Context(), p, someZone(), []plan.Change{c})), []string{"stale"})
			}
		}
		if p.Calls() != 0 {
			t.Errorf("%d calls", p.Calls())
		}
	})
}

// What is told by cause needs one reason for all that suffer from the same.
func TestWhatFindsNoRoomHasOneReason(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org", Quota: 1}, sim.Address("a.example.org", "192.0.2.1"))
		z := zoneOf(t, p, "example.org")
		var names []string
		for _, n := range hosts(1000, "example.org") {
			names = append(names, n.String())
		}
		reasons := make(map[string]int)
		for _, r := range apply(t.Context(), p, z, changesAt(names...)) {
			reasons[r.Err.Kind.String()+" "+r.Err.Hint.String()+" "+r.Err.Reason()]++
		}
		if len(reasons) != 1 {
			t.Errorf("%d reasons: %.2000v", len(reasons), reasons)
		}
	})
}
