package sim

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBatchRunsDeletesPatchesPutsPostsWhateverTheOrder(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org"},
		Record{Type: "CNAME", Name: "a.example.org", Content: "example.net"},
		Address("b.example.org", "9.9.9.1"), Address("c.example.org", "9.9.9.1"))
	rs := cf.Records(z.ID)
	// Each step is possible only after the ones the API does before it.
	body := fmt.Sprintf(`{
		"posts":   [{"type":"A","name":"c","content":"9.9.9.1","ttl":60}],
		"puts":    [{"id":%q,"type":"A","name":"c","content":"9.9.9.2"}],
		"patches": [{"id":%q,"name":"a.example.org"}],
		"deletes": [{"id":%q,"name":"ignored"}]}`, rs[2].ID, rs[1].ID, rs[0].ID)
	var result struct{ Deletes, Patches, Puts, Posts []row }
	c.do("POST", "/zones/"+z.ID+"/dns_records/batch", body).into(t, &result)
	if len(result.Deletes) != 1 || result.Deletes[0].Type != "CNAME" || len(result.Patches) != 1 || result.Patches[0].ID != rs[1].ID ||
		len(result.Puts) != 1 || result.Puts[0].Content != "9.9.9.2" || len(result.Posts) != 1 || result.Posts[0].TTL != 60 {
		t.Errorf("result %+v", result)
	}
	want := []string{"A a.example.org 9.9.9.1", "A c.example.org 9.9.9.1", "A c.example.org 9.9.9.2"}
	if diff := cmp.Diff(want, lines(cf, z.ID)); diff != "" {
		t.Error(diff)
	}
}

func lines(cf *Cloudflare, zone string) []string {
	var out []string
	for _, r := range cf.Records(zone) {
		out = append(out, r.Type+" "+r.Name+" "+r.Content)
	}
	return out
}

func TestBatchThatFailsAnywhereChangesNothing(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org"}, Address("a.example.org", "9.9.9.1"), Address("b.example.org", "9.9.9.1"))
	cf.AddRecord(z.ID, Record{Type: "A", Name: "locked.example.org", Content: "9.9.9.1", ReadOnly: true})
	rs := cf.Records(z.ID)
	good := fmt.Sprintf(`"deletes":[{"id":%q}],"patches":[{"id":%q,"content":"9.9.9.2"}]`, rs[0].ID, rs[1].ID)
	for _, tt := range []struct {
		name, bad    string
		status, code int
		pointer      string
	}{
		{"absent", `"puts":[{"id":"` + strings.Repeat("0", 32) + `","type":"A","name":"b","content":"9.9.9.3"}]`, 404, 81044, "/puts/0"},
		{"identical", `"posts":[{"type":"A","name":"c","content":"9.9.9.1"},{"type":"A","name":"b","content":"9.9.9.2"}]`, 400, 81058, "/posts/1"},
		{"only the first error", `"posts":[{"type":"A","name":"c","content":"9.9.9.1","ttl":2},{"type":"A","name":"b","content":"x"}]`, 400, 9021, "/posts/0/ttl"},
		{"read-only", `"puts":[{"id":"` + rs[2].ID + `","type":"A","name":"b","content":"9.9.9.3"}]`, 400, 1043, "/puts/0"},
		{"deleted before", `"puts":[{"id":"` + rs[0].ID + `","type":"A","name":"b","content":"9.9.9.3"}]`, 404, 81044, "/puts/0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := cf.Records(z.ID)
			for _, pointers := range []bool{false, true} {
				cf.SetOptions(Options{Pointers: pointers})
				e := c.do("POST", "/zones/"+z.ID+"/dns_records/batch", "{"+good+","+tt.bad+"}").refused(t, tt.status, tt.code)
				if pointers != (e.Source != nil) || pointers && e.Source.Pointer != tt.pointer {
					t.Errorf("source %+v, want %s: %v", e.Source, tt.pointer, pointers)
				}
			}
			if diff := cmp.Diff(before, cf.Records(z.ID)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBatchSizeDependsOnThePlan(t *testing.T) {
	cf, c := serve(t)
	for plan, most := range map[string]int{"free": 200, "pro": 3500, "business": 3500, "enterprise": 3500} {
		z := cf.AddZone(Zone{Name: plan + ".example", Plan: plan, Quota: 4000})
		posts := func(n int) string {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, `,{"type":"A","name":"n%d","content":"9.9.9.9"}`, i)
			}
			return `{"posts":[` + b.String()[1:] + `]}`
		}
		path := "/zones/" + z.ID + "/dns_records/batch"
		if g := c.do("POST", path, posts(most+1)); g.Status != 400 || len(cf.Records(z.ID)) != 0 {
			t.Errorf("%s: %d entries gave status %d and %d records", plan, most+1, g.Status, len(cf.Records(z.ID)))
		}
		c.do("POST", path, posts(most)).into(t, &struct{}{})
		if n := len(cf.Records(z.ID)); n != most {
			t.Errorf("%s: %d records", plan, n)
		}
	}
}

func TestClientsAtOnceNeverShareAnIDOrBreakARule(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org", Plan: "pro"})
	path := "/zones/" + z.ID + "/dns_records"
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 10 {
				body := fmt.Sprintf(`{"type":"A","name":"n%d","content":"9.9.9.%d"}`, j, i/2) // each by two clients
				if _, err := c.send(t.Context(), "POST", path, body); err != nil {
					t.Error(err)
				}
				if _, err := c.send(t.Context(), "GET", path, ""); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	ids, rows := map[string]bool{}, map[string]bool{}
	for _, r := range cf.Records(z.ID) {
		ids[r.ID], rows[r.Name+r.Content] = true, true
	}
	if n := len(cf.Records(z.ID)); n != 40 || len(ids) != 40 || len(rows) != 40 || len(cf.Calls()) != 160 {
		t.Errorf("%d records with %d ids, %d different, after %d calls", n, len(ids), len(rows), len(cf.Calls()))
	}
}
