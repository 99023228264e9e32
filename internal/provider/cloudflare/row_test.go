package cloudflare

import (
	"fmt"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/sim"
)

// listing returns an answer with these rows.
func listing(rows ...string) string {
	return fmt.Sprintf(`{"success":true,"errors":[],"result":[%s],"result_info":{"page":1,"per_page":5000,"count":%d,"total_count":%d,"total_pages":1}}`,
		strings.Join(rows, ","), len(rows), len(rows))
}

const (
	rowHome = `{"id":"1","name":"home.example.org","type":"A","content":"192.0.2.1","proxied":false,"ttl":1,"comment":null,"tags":[]}`
	rowWWW  = `{"id":"2","name":"www.example.org","type":"A","content":"192.0.2.1"}`
)

func TestWhatStandsInRecordsOfOthersMayBeAnything(t *testing.T) {
	for _, odd := range []string{
		`{"id":"3","name":"other.example.org","type":"A","content":"192.0.2.1","comment":5}`,
		`{"id":"3","name":"other.example.org","type":"A","tags":{"owner":"me"},"proxied":"no","ttl":"auto","meta":[1],"content":7}`,
		`{"id":null,"name":"other.example.org","type":"A"}`,
		`{"name":"other.example.org","type":"A"}`,
		`{"id":"3","name":"other.example.org","type":null}`,
		`{"id":"3","name":null,"type":"A","content":"192.0.2.1"}`,
		`{"id":"3","name":7,"type":"A","content":"192.0.2.1"}`,
		`{"id":"3","name":null,"type":"TXT","content":{}}`,
		`{"id":"3","name":"home.example.org","type":"TXT","comment":5}`,
		`{}`, `null`, `7`, `"x"`, `[]`,
	} {
		bubble(t, func(t *testing.T) {
			p := connect(t, answer(200, listing(rowHome, odd, rowWWW)))
			rs, err := p.Records(t.Context(), someZone(), allNames("home.example.org", "www.example.org"))
			if err != nil || len(rs) != 2 {
				t.Errorf("%s: %v, %v", odd, rs, err)
			}
		})
	}
}

// Nobody can say whose such a record is, so it is left alone; the others of the
// zone go on.
func TestAnAttributeThatCannotBeReadHoldsUpItsNameAlone(t *testing.T) {
	for field, odd := range map[string]string{"comment": "5", "proxied": `"no"`, "ttl": `"auto"`, "tags": `{"a":"b"}`} {
		bubble(t, func(t *testing.T) {
			row := `{"id":"3","name":"home.example.org","type":"A","content":"192.0.2.1","` + field + `":` + odd + `}`
			p := connect(t, answer(200, listing(row, rowWWW)))
			rs, err := p.Records(t.Context(), someZone(), allNames("home.example.org", "www.example.org"))
			if err != nil || len(rs) != 2 || !rs[0].ReadOnly || !strings.Contains(rs[0].Feature, "its "+field) || rs[1].ReadOnly {
				t.Errorf("%s: %+v, %v", row, rs, err)
			}
		})
	}
}

func TestARowThatCouldBeAtAManagedNameMustBeReadable(t *testing.T) {
	for _, odd := range []string{
		`{"id":"3","name":"home.example.org","type":"CNAME","content":7}`,
		`{"id":null,"name":"home.example.org","type":"A","content":"192.0.2.1"}`,
		`{"id":"3","name":"home.example.org","type":null,"content":"192.0.2.1"}`,
	} {
		bubble(t, func(t *testing.T) {
			p := connect(t, answer(200, listing(odd, rowWWW)))
			rs, err := p.Records(t.Context(), someZone(), allNames("home.example.org", "www.example.org"))
			if err == nil || kindOf(t, err) != provider.Unavailable {
				t.Errorf("%s: %v, %v", odd, rs, err)
			}
		})
	}
	nameless := `{"id":"3","name":null,"type":"A","content":"192.0.2.1"}`
	bubble(t, func(t *testing.T) {
		p := connect(t, answer(200, listing(nameless)))
		for _, names := range [][]dns.Name{allNames("home.example.org"), allNames("home.example.org", "www.example.org")} {
			if rs, err := p.Records(t.Context(), someZone(), names); err == nil || kindOf(t, err) != provider.Unavailable {
				t.Errorf("%v, where no row has a name and %v are asked for: %v", rs, names, err)
			}
		}
	})
}

func TestTheFeatureThatKeepsARecordIsNamed(t *testing.T) {
	for row, want := range map[string]string{
		`{"id":"1","name":"a.example.org","type":"AAAA","content":"100::","meta":{"read_only":true,"origin_worker_id":"abc"}}`:         "true a Worker",
		`{"id":"1","name":"a.example.org","type":"A","content":"192.0.2.1","meta":{"read_only":true,"r2_bucket":"b"}}`:                 "true an R2 bucket",
		`{"id":"1","name":"a.example.org","type":"A","content":"192.0.2.1","meta":{"read_only":true,"managed_by_argo_tunnel":true}}`:   "true a tunnel",
		`{"id":"1","name":"a.example.org","type":"A","content":"192.0.2.1","meta":{"read_only":true,"managed_by_argo_tunnel":false}}`:  "true ",
		`{"id":"1","name":"a.example.org","type":"A","content":"192.0.2.1","meta":{"managed_by_argo_tunnel":true}}`:                    "false ",
		`{"id":"1","name":"a.example.org","type":"A","content":"192.0.2.1","meta":{"read_only":"yes"}}`:                                "false ",
		`{"id":"1","name":"a.example.org","type":"CNAME","content":"6ff42ae2-765d-4adf-8112-31c55c1551ef.cfargotunnel.com","meta":{}}`: "false a tunnel",
		`{"id":"1","name":"a.example.org","type":"CNAME","content":"my-site.Pages.dev."}`:                                              "false a Pages project",
		`{"id":"1","name":"a.example.org","type":"CNAME","content":"public.r2.dev","meta":{"read_only":true,"r2_bucket":"b"}}`:         "true an R2 bucket",
		`{"id":"1","name":"a.example.org","type":"CNAME","content":"host.example.net"}`:                                                "false ",
		`{"id":"1","name":"a.example.org","type":"CNAME","content":"notpages.dev"}`:                                                    "false ",
	} {
		bubble(t, func(t *testing.T) {
			p := connect(t, answer(200, listing(row)))
			rs, err := p.Records(t.Context(), someZone(), allNames("a.example.org"))
			if err != nil || len(rs) != 1 {
				t.Fatalf("%s: %v, %v", row, rs, err)
			}
			if got := fmt.Sprintf("%t %s", rs[0].ReadOnly, rs[0].Feature); got != want {
				t.Errorf("%s: %q, want %q", row, got, want)
			}
		})
	}
}

func TestDelegationsAboveTheNamesAreRead(t *testing.T) {
	zone := func(cf *sim.Cloudflare) {
		cf.AddZone(sim.Zone{Name: "example.org"}, sim.Address("nas.x.sub.example.org", "192.0.2.1"), sim.Address("www.example.org", "192.0.2.1"),
			sim.Record{Name: "sub.example.org", Type: "NS", Content: "ns1.example.net"}, sim.Address("sub.example.org", "192.0.2.9"),
			sim.Record{Name: "example.org", Type: "NS", Content: "ada.ns.cloudflare.com"}, sim.Record{Name: "other.example.org", Type: "NS", Content: "ns1.example.net"})
	}
	for _, tt := range []struct {
		names []string
		page  int // of the simulator; 1 makes names to be asked for singly
		want  []string
		calls int
	}{
		{[]string{"www.example.org"}, 0, []string{"A www.example.org 192.0.2.1"}, 1},
		{[]string{"nas.x.sub.example.org"}, 0, []string{"A nas.x.sub.example.org 192.0.2.1", "NS sub.example.org ns1.example.net"}, 2},
		{[]string{"nas.x.sub.example.org", "www.example.org"}, 0, []string{"A nas.x.sub.example.org 192.0.2.1", "A www.example.org 192.0.2.1", "NS sub.example.org ns1.example.net"}, 1},
		{[]string{"nas.x.sub.example.org", "www.example.org"}, 1, []string{"A nas.x.sub.example.org 192.0.2.1", "A www.example.org 192.0.2.1", "NS sub.example.org ns1.example.net"}, 1 + 2 + 3},
		{[]string{"*.sub.example.org"}, 0, []string{"NS sub.example.org ns1.example.net"}, 2},
	} {
		bubble(t, func(t *testing.T) {
			cf, p := simulated(t)
			cf.SetOptions(sim.Options{RecordPage: tt.page})
			zone(cf)
			z := zoneOf(t, p, "example.org")
			cf.Reset()
			rs, err := p.Records(t.Context(), z, allNames(tt.names...))
			if err != nil {
				t.Fatal(err)
			}
			same(t, fmt.Sprint(tt.names), lines(rs), tt.want)
			if n := len(cf.Calls()); n != tt.calls {
				t.Errorf("%v took %d calls, want %d", tt.names, n, tt.calls)
			}
		})
	}
}
