package sim

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// zoneWith serves one zone of this plan with a record of each kind that
// something can collide with, and returns the path of its records.
func zoneWith(t *testing.T, plan string) (cf *Cloudflare, c client, records string) {
	cf, c = serve(t)
	z := cf.AddZone(Zone{Name: "example.org", Plan: plan},
		Address("home.example.org", "9.9.9.9"),
		Record{Type: "CNAME", Name: "alias.example.org", Content: "home.example.org"},
		Record{Type: "NS", Name: "sub.example.org", Content: "ns.example.net"},
		Record{Type: "TXT", Name: "text.example.org", Content: "v=1"})
	return cf, c, "/zones/" + z.ID + "/dns_records"
}

func TestEachRuleRefusesWithItsOwnCode(t *testing.T) {
	long := strings.Repeat("é", 101)
	for _, tt := range []struct {
		name, plan, body string
		code             int // 0: accepted
	}{
		{"an identical record", "free", `"type":"A","name":"HOME.example.org","content":"9.9.9.9","ttl":300`, 81058},
		{"another address beside", "free", `"type":"A","name":"home","content":"9.9.9.10"`, 0},
		{"an address at a CNAME", "free", `"type":"AAAA","name":"alias","content":"2600::1"`, 81054},
		{"a CNAME at an address", "free", `"type":"CNAME","name":"home","content":"example.net"`, 81053},
		{"a second CNAME", "free", `"type":"CNAME","name":"alias","content":"example.net"`, 81053},
		{"a CNAME beside text", "free", `"type":"CNAME","name":"text","content":"example.net"`, 0},
		{"an address at an NS set", "free", `"type":"A","name":"sub","content":"9.9.9.9"`, 81056},
		{"NS at an address", "free", `"type":"NS","name":"home","content":"ns.example.net"`, 81056},
		{"a second NS", "free", `"type":"NS","name":"sub","content":"ns2.example.net"`, 0},

		{"IPv6 in an A record", "free", `"type":"A","name":"a","content":"2600::1"`, 9005},
		{"HTML in an A record", "free", `"type":"A","name":"a","content":"<html>"`, 9005},
		{"a short IPv4 form", "free", `"type":"A","name":"a","content":"127.1"`, 9005},
		{"IPv4 in an AAAA record", "free", `"type":"AAAA","name":"a","content":"9.9.9.9"`, 9006},
		{"a zoned address", "free", `"type":"AAAA","name":"a","content":"fe80::1%eth0"`, 9006},
		{"a bad name", "free", `"type":"A","name":"a b","content":"9.9.9.9"`, 9000},

		{"TTL 59", "free", `"type":"A","name":"a","content":"9.9.9.9","ttl":59`, 9021},
		{"TTL 60", "free", `"type":"A","name":"a","content":"9.9.9.9","ttl":60`, 0},
		{"TTL 60.0", "free", `"type":"A","name":"a","content":"9.9.9.9","ttl":60.0`, 0},
		{"TTL 86401", "free", `"type":"A","name":"a","content":"9.9.9.9","ttl":86401`, 9021},
		{"TTL 0", "free", `"type":"A","name":"a","content":"9.9.9.9","ttl":0`, 9021},
		{"TTL 30 on business", "business", `"type":"A","name":"a","content":"9.9.9.9","ttl":30`, 9021},
		{"TTL 30 on enterprise", "enterprise", `"type":"A","name":"a","content":"9.9.9.9","ttl":30`, 0},

		{"a private address", "free", `"type":"A","name":"a","content":"192.168.1.2"`, 0},
		{"a proxied private address", "free", `"type":"A","name":"a","content":"192.168.1.2","proxied":true`, 9003},
		{"a proxied carrier's address", "free", `"type":"A","name":"a","content":"100.64.0.1","proxied":true`, 9003},
		{"a proxied local IPv6 address", "free", `"type":"AAAA","name":"a","content":"fd00::1","proxied":true`, 9003},
		{"proxied 1.1.1.1", "free", `"type":"A","name":"a","content":"1.1.1.1","proxied":true`, 9003},
		{"proxied text", "free", `"type":"TXT","name":"a","content":"x","proxied":true`, 9004},
		{"a proxied CNAME", "free", `"type":"CNAME","name":"a","content":"example.net","proxied":true`, 0},

		{"a comment of 100", "free", `"type":"A","name":"a","content":"9.9.9.9","comment":"` + long[2:] + `"`, 0},
		{"a comment of 101", "free", `"type":"A","name":"a","content":"9.9.9.9","comment":"` + long + `"`, 9313},
		{"a comment of 101 on pro", "pro", `"type":"A","name":"a","content":"9.9.9.9","comment":"` + long + `"`, 0},
		{"a comment of two lines", "pro", `"type":"A","name":"a","content":"9.9.9.9","comment":"a\nb"`, 9313},
		{"a tag", "free", `"type":"A","name":"a","content":"9.9.9.9","tags":["by:homing"]`, 9300},
		{"no tags", "free", `"type":"A","name":"a","content":"9.9.9.9","tags":[]`, 0},
		{"a tag on pro", "pro", `"type":"A","name":"a","content":"9.9.9.9","tags":["by:homing"]`, 0},
		{"21 tags on pro", "pro", `"type":"A","name":"a","content":"9.9.9.9","tags":["a"` + strings.Repeat(`,"a"`, 20) + `]`, 9300},

		{"no content", "free", `"type":"A","name":"a"`, 9207},
		{"no type", "free", `"name":"a","content":"9.9.9.9"`, 9207},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cf, c, records := zoneWith(t, tt.plan)
			before := len(cf.Records("example.org"))
			g := c.do("POST", records, "{"+tt.body+"}")
			if tt.code == 0 {
				g.into(t, &row{})
				before++
			} else {
				g.refused(t, 400, tt.code)
			}
			if n := len(cf.Records("example.org")); n != before {
				t.Errorf("%d records, want %d", n, before)
			}
		})
	}
}

func TestNamesAndAddressesComeBackInCanonicalForm(t *testing.T) {
	for sent, want := range map[string]string{
		"@": "example.org", "Example.ORG.": "example.org", "www": "www.example.org", "*.www": "*.www.example.org",
		"bücher": "xn--bcher-kva.example.org", "home.example.net": "home.example.net.example.org", "_x.Y.example.org": "_x.y.example.org",
	} {
		_, c, records := zoneWith(t, "free")
		var r row
		c.do("POST", records, fmt.Sprintf(`{"type":"AAAA","name":%q,"content":"2600:0:0:0:0:0:0:AB"}`, sent)).into(t, &r)
		if r.Name != want || r.Content != "2600::ab" {
			t.Errorf("name %q came back as %q with content %q", sent, r.Name, r.Content)
		}
	}
}

func TestProxiedRecordHasTTLOfOne(t *testing.T) {
	_, c, records := zoneWith(t, "free")
	var r row
	c.do("POST", records, `{"type":"A","name":"a","content":"9.9.9.9","ttl":300,"proxied":true}`).into(t, &r)
	if !r.Proxied || r.TTL != 1 || !r.Proxiable {
		t.Errorf("stored %+v", r)
	}
}

func TestQuotaIsRefusedOnlyForNewRecords(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org", Quota: 1}, Address("a.example.org", "9.9.9.9"))
	path := "/zones/" + z.ID + "/dns_records"
	id := cf.Records(z.ID)[0].ID
	c.do("POST", path, `{"type":"A","name":"b","content":"9.9.9.9"}`).refused(t, 400, 81045)
	c.do("PATCH", path+"/"+id, `{"content":"9.9.9.8"}`).into(t, &row{})
	c.do("POST", path+"/batch", `{"deletes":[{"id":"`+id+`"}],"posts":[{"type":"A","name":"b","content":"9.9.9.9"}]}`).into(t, &struct{}{})
}

func TestOlderErrorStyleHidesTheCodeInAChain(t *testing.T) {
	cf, c, records := zoneWith(t, "free")
	cf.SetOptions(Options{Chains: true})
	e := c.do("POST", records, `{"type":"A","name":"a","content":"9.9.9.9","ttl":5}`).refused(t, 400, 1004)
	if len(e.Chain) != 1 || e.Chain[0].Code != 9021 {
		t.Errorf("chain %v, want 9021", e.Chain)
	}
	c.do("POST", records, `{"type":"A","name":"home","content":"9.9.9.9"}`).refused(t, 400, 81058)
}

func TestBodyThatIsNotJSONIsRefused(t *testing.T) {
	cf, c, records := zoneWith(t, "free")
	good := `{"type":"A","name":"a","content":"9.9.9.9"}`
	c.with("Content-Type", "application/x-www-form-urlencoded").do("POST", records, good).refused(t, http.StatusBadRequest, 9207)
	for _, body := range []string{"", "{", `{"type":5}`, `[]`} {
		c.do("POST", records, body).refused(t, http.StatusBadRequest, 9207)
	}
	if n := len(cf.Records("example.org")); n != 4 {
		t.Errorf("%d records after refused writes", n)
	}
}
