package cloudflare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/sim"
)

// lines returns records as the dashboard would show them, without ids.
func lines(rs []dns.Record) []string {
	var all []string
	for _, r := range rs {
		all = append(all, fmt.Sprintf("%s %s", r.Key(), r.Content()))
	}
	slices.Sort(all)
	return all
}

func TestOnlyWantedNamesAndTypesAreKept(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.AddZone(sim.Zone{Name: "example.org"},
			sim.Address("a.example.org", "192.0.2.1"), sim.Address("a.example.org", "2001:db8::1"),
			sim.Record{Name: "a.example.org", Type: "TXT", Content: "x"},
			sim.Record{Name: "b.example.org", Type: "CNAME", Content: "x.example.net"},
			sim.Record{Name: "c.example.org", Type: "NS", Content: "ns.example.net"},
			sim.Address("d.example.org", "192.0.2.9"),
			sim.Record{Name: "*.example.org", Type: "A", Content: "192.0.2.3", ReadOnly: true, Proxied: true, Comment: "theirs", Tags: []string{"a:b"}})
		z := zoneOf(t, p, "example.org")
		rs, err := p.Records(t.Context(), z, allNames("a.example.org", "b.example.org", "c.example.org", "*.example.org", "x.example.org"))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "records", lines(rs), []string{"A *.example.org 192.0.2.3", "A a.example.org 192.0.2.1",
			"AAAA a.example.org 2001:db8::1", "CNAME b.example.org x.example.net", "NS c.example.org ns.example.net"})
		i := slices.IndexFunc(rs, func(r dns.Record) bool { return r.Name.IsWildcard() })
		want := dns.Record{ID: rs[i].ID, Name: name("*.example.org"), Type: dns.A, Addr: netip.MustParseAddr("192.0.2.3"),
			Proxied: true, TTL: 1, Comment: "theirs", Tags: []string{"a:b"}, ReadOnly: true}
		if !rs[i].Equal(&want) {
			t.Errorf("%+v, want %+v", rs[i], want)
		}
	})
}

func TestOneNameIsAskedForAndManyAreOneWalk(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		z := fill(cf, "example.org", 12000)
		for _, tt := range []struct {
			names []dns.Name
			calls int
		}{
			{nil, 0},
			{hosts(1, "example.org"), 1},
			{hosts(2000, "example.org"), 3}, // 12,000 records, 5,000 a page
		} {
			cf.Reset()
			rs, err := p.Records(t.Context(), z, tt.names)
			if err != nil || len(rs) != len(tt.names) || len(cf.Calls()) != tt.calls {
				t.Errorf("%d names: %d records, %v after %d calls, want %d", len(tt.names), len(rs), err, len(cf.Calls()), tt.calls)
			}
		}
	})
}

// fill makes a zone of n address records, h0000 and so on.
func fill(cf *sim.Cloudflare, zone string, n int) provider.Zone {
	z := cf.AddZone(sim.Zone{Name: zone, Quota: n})
	for _, h := range hosts(n, zone) {
		cf.AddRecord(z.ID, sim.Record{Name: h.String(), Type: "A", Content: "192.0.2.1"})
	}
	return provider.Zone{ID: z.ID, Name: name(zone)}
}

func TestAServerWithSmallerPagesIsFollowed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		cf.SetOptions(sim.Options{RecordPage: 100})
		z := fill(cf, "example.org", 450)
		rs, err := p.Records(t.Context(), z, hosts(450, "example.org"))
		if err != nil || len(rs) != 450 || len(cf.Calls()) != 5 {
			t.Errorf("%d records, %v after %d calls", len(rs), err, len(cf.Calls()))
		}
		cf.Reset()
		rs, err = p.Records(t.Context(), z, allNames("h0001.example.org", "h0449.example.org"))
		if err != nil || len(rs) != 2 || len(cf.Calls()) != 3 {
			t.Errorf("two names in five pages: %d records, %v after %d calls, want a page and one each", len(rs), err, len(cf.Calls()))
		}
	})
}

// pagesOf answers page n with the n-th body, and later ones with the last.
func pagesOf(bodies ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n := 1
		_, _ = fmt.Sscan(r.URL.Query().Get("page"), &n)
		answer(200, bodies[min(n, len(bodies))-1])(w, r)
	}
}

func rowOf(id, name string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"type":"A","content":"192.0.2.1","ttl":300.0,"proxied":false,"comment":null,"tags":[],"meta":{}}`, id, name)
}

func TestAListingThatIsNotWholeIsAnErrorAndNeverFewerRecords(t *testing.T) {
	a, b := rowOf("1", "a.example.org"), rowOf("2", "b.example.org")
	for what, bodies := range map[string][]string{
		"fewer than the total":       {`{"success":true,"result":[` + a + `],"result_info":{"total_count":2}}`, `{"success":true,"result":[],"result_info":{"total_count":2}}`},
		"fewer than the count":       {`{"success":true,"result":[` + a + `],"result_info":{"count":2,"total_count":1}}`},
		"more than the total":        {`{"success":true,"result":[` + a + `,` + b + `],"result_info":{"total_count":1}}`},
		"an empty page, and a total": {`{"success":true,"result":[],"result_info":{"count":0,"total_count":1}}`},
		"an empty page, and pages":   {`{"success":true,"result":[],"result_info":{"total_pages":2}}`},
		"no total, but pages":        {`{"success":true,"result":[],"result_info":{"total_count":-5,"total_pages":3}}`},
		"a total that changes":       {`{"success":true,"result":[` + a + `],"result_info":{"total_count":2}}`, `{"success":true,"result":[` + b + `],"result_info":{"total_count":3}}`},
		"one record twice":           {`{"success":true,"result":[` + a + `],"result_info":{"total_count":2}}`},
		"one page for ever":          {`{"success":true,"result":[` + a + `]}`},
		"no list":                    {`{"success":true,"result":null,"result_info":{"total_count":0}}`},
		"an object":                  {`{"success":true,"result":{"x":1},"result_info":{"total_count":0}}`},
		"no result":                  {`{"success":true,"errors":[]}`},
		"not a success":              {`{"success":false,"result":[],"errors":[],"result_info":{"total_count":0}}`},
		"a success with errors":      {`{"result":[],"errors":[{"code":1}],"result_info":{"total_count":0}}`},
		"a record without an id":     {`{"success":true,"result":[` + rowOf("", "a.example.org") + `],"result_info":{"total_count":1}}`},
		"a record without a name":    {`{"success":true,"result":[` + rowOf("1", "") + `],"result_info":{"total_count":1}}`},
		"an id that is a path":       {`{"success":true,"result":[` + rowOf("../x", "a.example.org") + `],"result_info":{"total_count":1}}`},
		"cut":                        {`{"success":true,"result":[` + a},
		"nothing":                    {``},
		"a string":                   {`"result"`},
	} {
		t.Run(what, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := connect(t, pagesOf(bodies...))
				for _, names := range [][]dns.Name{allNames("a.example.org"), allNames("a.example.org", "b.example.org")} {
					rs, err := p.Records(t.Context(), someZone(), names)
					if err == nil {
						t.Fatalf("%d records are taken for all", len(rs))
					}
					kindOf(t, err)
				}
			})
		})
	}
}

func TestWhatIsOnlyBelievedAboutAListingIsReadLeniently(t *testing.T) {
	a, b := rowOf("1", "A.example.ORG"), strings.Replace(rowOf("2", "日本.example.org"), `"meta":{}`, `"meta":{"read_only":"maybe"},"settings":7`, 1)
	for what, bodies := range map[string][]string{
		"as documented":       {`{"success":true,"result":[` + a + `,` + b + `],"result_info":{"count":2,"page":1,"per_page":100,"total_count":2,"total_pages":1}}`},
		"numbers as floats":   {`{"success":true,"result":[` + a + `,` + b + `],"result_info":{"count":2.0,"total_count":2.0}}`},
		"no totals":           {`{"success":true,"result":[` + a + `,` + b + `]}`, `{"success":true,"result":[]}`},
		"one a page":          {`{"success":true,"result":[` + a + `],"result_info":{"total_count":2}}`, `{"success":true,"result":[` + b + `],"result_info":{"total_count":2}}`},
		"success missing":     {`{"result":[` + a + `,` + b + `],"result_info":{"total_count":2}}`},
		"fields nobody knows": {`{"x":{"result":[]},"success":true,"result":[` + a + `,` + b + `],"result_info":{"total_count":2,"cursors":{}}}`},
	} {
		t.Run(what, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				p := connect(t, pagesOf(bodies...))
				rs, err := p.Records(t.Context(), someZone(), allNames("a.example.org", "xn--wgv71a.example.org"))
				if err != nil {
					t.Fatal(err)
				}
				same(t, "records", lines(rs), []string{"A a.example.org 192.0.2.1", "A 日本.example.org 192.0.2.1"})
				if rs[0].TTL != 300 || rs[0].Comment != "" || rs[0].ReadOnly || rs[1].ReadOnly {
					t.Errorf("%+v", rs)
				}
			})
		})
	}
}

func TestARecordInheritsNothingFromTheOneBefore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		p := connect(t, answer(200, `{"success":true,"result_info":{"total_count":2},"result":[
			{"id":"1","name":"a.example.org","type":"A","content":"192.0.2.1","ttl":300,"proxied":true,"comment":"x","tags":["a:b"],"meta":{"read_only":true}},
			{"id":"2","name":"b.example.org","type":"A","content":"192.0.2.2"}]}`))
		rs, err := p.Records(t.Context(), someZone(), allNames("a.example.org", "b.example.org"))
		if err != nil || len(rs) != 2 || !rs[1].Equal(&dns.Record{ID: "2", Name: name("b.example.org"), Type: dns.A, Addr: netip.MustParseAddr("192.0.2.2")}) {
			t.Errorf("%+v, %v", rs, err)
		}
	})
}

func TestAContentThatIsNoAddressStaysText(t *testing.T) {
	for content, want := range map[string]bool{
		"A 192.0.2.1": true, "AAAA 2001:DB8::1": true,
		"A 2001:db8::1": false, "AAAA 192.0.2.1": false, "A 192.0.2.01": false, "AAAA fe80::1%eth0": false, "A ": false, "CNAME 192.0.2.1": false,
	} {
		kind, address, _ := strings.Cut(content, " ")
		if _, ok := parseAddr(dns.Type(kind), address); ok != want {
			t.Errorf("%s: %t", content, ok)
		}
	}
}

// What differs from an address only in what nobody sees is no address: were it
// taken for one, an update would have nothing to send.
func TestAContentThatOnlyLooksLikeAnAddressIsSentAnew(t *testing.T) {
	for _, content := range []string{"192.0.2.1 ", "\t192.0.2.1", "192.0.2.1\u200b", "192.0.2.001", "192.0.2.1\x00"} {
		bubble(t, func(t *testing.T) {
			cf, p := simulated(t)
			cf.AddZone(sim.Zone{Name: "example.org"}, sim.Record{Name: "a.example.org", Type: "A", Content: content})
			z := zoneOf(t, p, "example.org")
			rs, err := p.Records(t.Context(), z, allNames("a.example.org"))
			if err != nil || len(rs) != 1 || rs[0].Addr.IsValid() || strings.ContainsFunc(rs[0].Content(), unicode.IsControl) {
				t.Fatalf("%q: %+v, %v", content, rs, err)
			}
			wanted := plan.Target{Key: rs[0].Key(), State: plan.Values, Values: []dns.Data{{Addr: netip.MustParseAddr("192.0.2.1")}}}
			changes := plan.Diff(plan.Zone{Name: z.Name}, []plan.Target{wanted}, rs, plan.Spec{}.Owns).Changes()
			if len(changes) != 1 || changes[0].Fields() != plan.Content {
				t.Fatalf("%q: %v", content, changes)
			}
			if r := apply(t.Context(), p, z, changes)[0]; r.Err != nil || cf.Records("example.org")[0].Content != "192.0.2.1" {
				t.Errorf("%q: %v, %+v", content, r.Err, cf.Records("example.org"))
			}
		})
	}
}

func TestAReadThatIsRefusedIsAnError(t *testing.T) {
	for _, access := range []sim.Access{sim.NoAccess, sim.SeeZone} {
		bubble(t, func(t *testing.T) {
			cf, p := simulated(t)
			z := fill(cf, "example.org", 3)
			cf.AddToken(sim.Token{Value: theSecret, Zones: map[string]sim.Access{"example.org": access}})
			rs, err := p.Records(t.Context(), z, hosts(3, "example.org"))
			if err == nil || kindOf(t, err) != provider.Auth || rs != nil {
				t.Errorf("%v, %v", rs, err)
			}
			if e, _ := errors.AsType[*provider.Error](err); !strings.Contains(e.Hint.String(), "Zone · DNS · Edit") {
				t.Errorf("the permission is not named: %s", e.Hint)
			}
		})
	}
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		z := fill(cf, "example.org", 3)
		cf.RemoveZone("example.org")
		if rs, err := p.Records(t.Context(), z, hosts(3, "example.org")); err == nil || kindOf(t, err) != provider.NoZone {
			t.Errorf("%v, %v", rs, err)
		}
	})
}

// bigPage returns a page of n records as the API writes them.
func bigPage(n int) string {
	cf := sim.NewCloudflare()
	z := fill(cf, "example.org", n)
	b, err := json.Marshal(cf.Records(z.ID))
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"result":%s,"success":true,"errors":[],"messages":[],"result_info":{"page":1,"per_page":5000,"count":%d,"total_count":%d,"total_pages":1}}`, b, n, n)
}

func TestReadingAPageCostsMemoryOnlyForWhatIsWanted(t *testing.T) {
	in, wanted := bigPage(2000), newNameIndex(hosts(10, "example.org"))
	allocs := testing.AllocsPerRun(3, func() {
		var p recordPage
		if _, err := readEnvelope(strings.NewReader(in), func(d *json.Decoder) error { return p.decode(d, wantedRecords{wanted: wanted}) }); err != nil || len(p.records) != 10 {
			t.Errorf("%d records, %v", len(p.records), err)
		}
	})
	if allocs > 4*2000 { // what encoding/json needs for a value
		t.Errorf("%.0f allocations for 2,000 records of which 10 are wanted", allocs)
	}
}

func BenchmarkReadAPageOf5000(b *testing.B) {
	in := bigPage(5000)
	for _, n := range []int{2, 2000} {
		wanted := newNameIndex(hosts(n, "example.org"))
		b.Run(fmt.Sprintf("wanted=%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				var p recordPage
				if _, err := readEnvelope(strings.NewReader(in), func(d *json.Decoder) error { return p.decode(d, wantedRecords{wanted: wanted}) }); err != nil || len(p.records) != n {
					b.Fatal(len(p.records), err)
				}
			}
		})
	}
}

// Reading a page never panics. What it keeps has a wanted name, one of the five
// types, an id that can stand in a path, and an address of its type or none.
func FuzzRecordPage(f *testing.F) {
	f.Add([]byte(`[` + rowOf("1", "a.example.org") + `]`))
	f.Add([]byte(`[{"id":"x","name":"A.EXAMPLE.org.","type":"AAAA","content":"::ffff:1.2.3.4","ttl":"1","tags":null,"meta":{"read_only":true}}]`))
	f.Add([]byte(`[{"id":"x","name":"a.example.org","type":"CNAME","content":"\u001b[31m"},{}]`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var p recordPage
		wanted := newNameIndex(allNames("a.example.org", "*.example.org"))
		err := p.decode(json.NewDecoder(strings.NewReader(string(in))), wantedRecords{wanted: wanted, texts: wanted})
		if err == nil && p.rows < len(p.records) {
			t.Errorf("%d records of %d rows", len(p.records), p.rows)
		}
		for _, r := range p.records {
			_, known := parseType([]byte(r.Type))
			if wanted[r.Name.String()] != r.Name || !known || !isValidID(r.ID) {
				t.Errorf("kept: %+v", r)
			}
			if r.Addr.IsValid() && (r.Addr.Is4() != (r.Type == dns.A) || !r.Type.IsAddress() || r.Text != "") {
				t.Errorf("kept: %+v", r)
			}
			if strings.ContainsFunc(r.Text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
				t.Errorf("kept control characters: %q", r.Text)
			}
		}
	})
}

func TestRecordsReturnsWhenItsContextEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		cf, p := simulated(t)
		z := fill(cf, "example.org", 3)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := p.Records(ctx, z, hosts(3, "example.org")); !errors.Is(err, context.Canceled) || p.Calls() != 0 {
			t.Errorf("%v after %d calls", err, p.Calls())
		}
	})
}

func TestAListThatCountsOnlyItsPagesIsReadToTheLast(t *testing.T) {
	bubble(t, func(t *testing.T) {
		asked := 0
		p := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			page := r.URL.Query().Get("page")
			answer(200, fmt.Sprintf(`{"success":true,"errors":[],"result":[{"id":"%032s","name":"h000%s.example.org","type":"A","content":"192.0.2.1"}],
				"result_info":{"page":%s,"total_pages":2}}`, page, page, page))(w, r)
		}))
		got, err := p.Records(t.Context(), someZone(), hosts(3, "example.org"))
		if err != nil || len(got) != 2 || asked != 2 {
			t.Errorf("%d records in %d calls: %v", len(got), asked, err)
		}
	})
}
