package sim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestPatchKeepsAndPutResetsWhatIsNotMentioned(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org", Plan: "pro"}, Record{
		Type: "A", Name: "home.example.org", Content: "9.9.9.9", Proxied: false, TTL: 300,
		Comment: "mine", Tags: []string{"by:me"}, Settings: map[string]any{"ipv4_only": true},
	})
	before := cf.Records(z.ID)[0]
	path := "/zones/" + z.ID + "/dns_records/" + before.ID

	var r row
	c.do("PATCH", path, `{"content":"9.9.9.8"}`).into(t, &r)
	if r.ID != before.ID || r.Content != "9.9.9.8" || r.TTL != 300 || r.Comment == nil || *r.Comment != "mine" || len(r.Tags) != 1 || r.Settings["ipv4_only"] != true {
		t.Errorf("after PATCH: %+v", r)
	}
	c.do("PATCH", path, `{"comment":"","tags":[]}`).into(t, &r)
	if r.Comment != nil || len(r.Tags) != 0 {
		t.Errorf("clearing left comment %v and tags %v", r.Comment, r.Tags)
	}
	c.do("PATCH", path, `{"comment":"again","proxied":true}`).into(t, &r)
	r = row{}
	c.do("PUT", path, `{"type":"A","name":"home","content":"9.9.9.7"}`).into(t, &r)
	if r.ID != before.ID || r.Proxied || r.TTL != 1 || r.Comment != nil || len(r.Settings) != 0 {
		t.Errorf("after PUT: %+v", r)
	}
	c.do("PUT", path, `{"content":"9.9.9.7"}`).refused(t, 400, 9207)
	c.do("PATCH", path, `{"type":"AAAA","content":"2600::1"}`).into(t, &r)
	if r.Type != "AAAA" {
		t.Errorf("the type stayed %s", r.Type)
	}
}

func TestRecordCarriesWhatTheAPIAdds(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org"}, Address("a.example.org", "10.0.0.1"),
		Record{Type: "A", Name: "b.example.org", Content: "9.9.9.9", ReadOnly: true, Comment: "kept"})
	g := c.get("/zones/" + z.ID + "/dns_records?name=a.example.org")
	var plain []map[string]any
	g.into(t, &plain)
	if len(plain) != 1 || len(plain[0]["id"].(string)) != 32 || plain[0]["proxiable"] != false || plain[0]["created_on"] == "" {
		t.Fatalf("got %s", g.Result)
	}
	if v, ok := plain[0]["comment"]; !ok || v != nil {
		t.Errorf("no comment must be null, it is %v", v)
	}
	if _, ok := plain[0]["comment_modified_on"]; ok {
		t.Error("comment_modified_on without a comment")
	}
	c.get("/zones/"+z.ID+"/dns_records?name.exact=B.example.org&type=A").into(t, &plain)
	if len(plain) != 1 || plain[0]["meta"].(map[string]any)["read_only"] != true || plain[0]["comment"] != "kept" {
		t.Errorf("got %v", plain)
	}
}

func TestRecordThatIsNotThereOrNotToBeWrittenIsRefused(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org"}, Record{Type: "A", Name: "a.example.org", Content: "9.9.9.9", ReadOnly: true})
	path := "/zones/" + z.ID + "/dns_records/"
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
		body := `{"type":"A","name":"a","content":"9.9.9.8"}`
		c.do(method, path+strings.Repeat("0", 32), body).refused(t, 404, 81044)
		c.do(method, path+"example", body).refused(t, 404, 7003)
		c.do(method, path, body).refused(t, 404, 7003)
		if method != "GET" {
			if g := c.do(method, path+cf.Records(z.ID)[0].ID, body); g.Status != 400 || g.Success {
				t.Errorf("%s of a read-only record: status %d", method, g.Status)
			}
		}
	}
	c.get("/zones/example.org/dns_records").refused(t, 404, 7003)
	c.get("/zones/"+strings.Repeat("0", 32)+"/dns_records").refused(t, 404, 7003)
	c.get("/nothing").refused(t, 404, 7000)
	if got := cf.Contents(z.ID, "a.example.org"); len(got) != 1 || got[0] != "9.9.9.9" {
		t.Errorf("the record says %v now", got)
	}
}

func TestDeleteAnswersWithTheIDAlone(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org"}, Address("a.example.org", "9.9.9.9"))
	id := cf.Records(z.ID)[0].ID
	g := c.do("DELETE", "/zones/"+z.ID+"/dns_records/"+id, "")
	if want := `{"result":{"id":"` + id + `"}}`; g.Status != 200 || string(g.Body) != want {
		t.Errorf("status %d, body %s", g.Status, g.Body)
	}
	c.do("DELETE", "/zones/"+z.ID+"/dns_records/"+id, "").refused(t, 404, 81044)
}

func TestPagesTogetherHoldEveryRecordOnce(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org"})
	for i := range 230 {
		cf.AddRecord(z.ID, Address(fmt.Sprintf("n%d.example.org", i), "9.9.9.9"))
	}
	for _, tt := range []struct {
		query       string
		size, pages int
	}{{"", 100, 3}, {"per_page=50", 50, 5}, {"per_page=90000", 5000, 1}} {
		seen := map[string]bool{}
		for page := 1; page <= tt.pages; page++ {
			g := c.get(fmt.Sprintf("/zones/%s/dns_records?page=%d&%s", z.ID, page, tt.query))
			var rows []row
			g.into(t, &rows)
			if want := (resultInfo{page, tt.size, len(rows), 230, tt.pages}); g.Info != want {
				t.Errorf("%s: result_info %+v, want %+v", tt.query, g.Info, want)
			}
			for _, r := range rows {
				seen[r.ID] = true
			}
		}
		if len(seen) != 230 {
			t.Errorf("%s: %d records seen", tt.query, len(seen))
		}
	}
	var rows []row
	g := c.get("/zones/" + z.ID + "/dns_records?page=9")
	g.into(t, &rows)
	if len(rows) != 0 || string(g.Result) != "[]" {
		t.Errorf("behind the last page: %s", g.Result)
	}
}

func TestZonesComeInPagesOfAtMostFifty(t *testing.T) {
	cf, c := serve(t)
	for i := range 60 {
		cf.AddZone(Zone{Name: fmt.Sprintf("z%d.example", i)})
	}
	for query, want := range map[string]resultInfo{
		"":                    {1, 20, 20, 60, 3},
		"?per_page=50&page=2": {2, 50, 10, 60, 2},
		"?per_page=1000":      {1, 50, 50, 60, 2},
		"?name=Z7.example":    {1, 20, 1, 1, 1},
		"?name=none.example":  {1, 20, 0, 0, 0},
		"?status=pending":     {1, 20, 0, 0, 0},
	} {
		if g := c.get("/zones" + query); g.Info != want {
			t.Errorf("%s: result_info %+v, want %+v", query, g.Info, want)
		}
	}
	cf.SetOptions(Options{ZonePage: 7})
	if g := c.get("/zones?per_page=50"); g.Info.PerPage != 7 || g.Info.TotalPages != 9 {
		t.Errorf("smaller pages: %+v", g.Info)
	}
}

func TestZoneCarriesItsFields(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "bücher.example", Plan: "enterprise", Paused: true, Status: "pending"})
	g := c.get("/zones/" + z.ID)
	var got struct {
		ID, Name, Status, Type string
		Paused                 bool
		Account                struct{ ID, Name string }
		Plan                   struct {
			Legacy string `json:"legacy_id"`
		}
	}
	g.into(t, &got)
	if got.ID != z.ID || len(got.ID) != 32 || got.Name != "xn--bcher-kva.example" || got.Status != "pending" || got.Type != "full" ||
		!got.Paused || got.Plan.Legacy != "enterprise" || got.Account.ID == "" || !json.Valid(g.Body) {
		t.Errorf("got %s", g.Body)
	}
	z.Status = "active"
	cf.SetZone(z)
	c.get("/zones?status=active").into(t, &[]any{})
	cf.RemoveZone(z.Name)
	c.get("/zones/"+z.ID).refused(t, 404, 7003)
}
