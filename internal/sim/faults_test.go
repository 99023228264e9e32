package sim

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

const post = `{"type":"A","name":"@","content":"9.9.9.9","proxied":true}`

func TestEachFaultFailsInItsOwnWay(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fault  Fault
		status int  // that the client sees; 0: no whole answer
		stored bool // the write happened all the same
		reads  bool // the answer is whole, and JSON
	}{
		{"HTML", HTML(502), 502, false, false},
		{"refusal", Refuse(403, 10000, "no \"quotes\""), 403, false, true},
		{"429", Throttle(90 * time.Second), 429, false, true},
		{"429 without Retry-After", Throttle(0), 429, false, true},
		{"redirect", RedirectTo("http://elsewhere.test/"), 307, false, false},
		{"empty list", EmptyList(), 200, false, true},
		{"disconnect", Disconnect(), 0, false, false},
		{"lost answer", LoseAnswer(), 0, true, false},
		{"cut answer", CutAnswer(), 200, true, false},
		{"half JSON", HalfJSON(), 200, true, false},
		{"misstored", TamperStored(func(r *Record) { r.Proxied = false }), 200, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cf, c := serve(t)
			c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			z := cf.AddZone(Zone{Name: "example.org"})
			cf.Fail(ToRoute(CreateRecord), tt.fault.Times(1))
			c.get("/zones/"+z.ID+"/dns_records").into(t, &[]row{}) // does not match

			g, err := c.send(t.Context(), "POST", "/zones/"+z.ID+"/dns_records", post)
			if (err == nil) != tt.reads {
				t.Errorf("error %v, want a whole answer: %v", err, tt.reads)
			}
			if g.Status != tt.status {
				t.Errorf("status %d, want %d", g.Status, tt.status)
			}
			if got := len(cf.Records(z.ID)) == 1; got != tt.stored {
				t.Errorf("stored: %v, want %v", got, tt.stored)
			}
			for _, r := range cf.Records(z.ID) {
				cf.RemoveRecord(z.ID, r.ID)
			}
			c.do("POST", "/zones/"+z.ID+"/dns_records", post).into(t, &row{}) // the fault is used up
		})
	}
}

func TestStallsLastUntilTheClientGivesUp(t *testing.T) {
	for name, tt := range map[string]struct {
		fault  Fault
		stored int
	}{"before the write": {Stall(), 0}, "after the write": {StallAnswer(), 1}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, cf *Cloudflare, c client) {
				z := cf.AddZone(Zone{Name: "example.org"})
				cf.Fail(IsWrite, tt.fault)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				start := time.Now()
				_, err := c.send(ctx, "POST", "/zones/"+z.ID+"/dns_records", post)
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Hour {
					t.Errorf("error %v after %v", err, time.Since(start))
				}
				synctest.Wait()
				if n := len(cf.Records(z.ID)); n != tt.stored {
					t.Errorf("%d records, want %d", n, tt.stored)
				}
			})
		})
	}
}

func TestThrottleSaysHowLongToWaitOnlyIfItIsToldTo(t *testing.T) {
	cf, c := serve(t)
	cf.Fail(IsRead, Throttle(90*time.Second).Times(1))
	cf.Fail(IsRead, Throttle(0).Times(1))
	if g := c.get("/zones"); g.Header.Get("Retry-After") != "90" {
		t.Errorf("Retry-After %q", g.Header.Get("Retry-After"))
	}
	if g := c.get("/zones"); g.Status != 429 || g.Header.Get("Retry-After") != "" {
		t.Errorf("status %d, Retry-After %q", g.Status, g.Header.Get("Retry-After"))
	}
}

func TestMisstoredWriteIsAnsweredAsStored(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org"})
	cf.Fail(InZone("example.org"), TamperStored(func(r *Record) { r.Proxied = false }))
	var r row
	c.do("POST", "/zones/"+z.ID+"/dns_records", post).into(t, &r)
	if r.Proxied || cf.Records(z.ID)[0].Proxied {
		t.Errorf("answered %+v", r)
	}
	cf.Heal()
	c.do("PATCH", "/zones/"+z.ID+"/dns_records/"+r.ID, `{"proxied":true}`).into(t, &r)
	if !r.Proxied {
		t.Error("the fault is still there after Heal")
	}
}

func TestCallsTellWhatWasAskedAndAnswered(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org"})
	c.get("/zones?name=example.org")
	c.do("POST", "/zones/"+z.ID+"/dns_records", post)
	c.do("POST", "/zones/"+z.ID+"/dns_records", post)
	cf.Fail(IsWrite, LoseAnswer())
	if _, err := c.send(t.Context(), "DELETE", "/zones/"+z.ID+"/dns_records/x", ""); err == nil {
		t.Error("the answer was not lost")
	}
	all := cf.Calls()
	if len(all) != 4 || all[0].Route != ListZones || all[0].Query.Get("name") != "example.org" || all[0].Write || all[0].Zone != "" || all[0].Credential != token {
		t.Fatalf("calls %+v", all)
	}
	if w := all[1]; w.Route != CreateRecord || w.Zone != "example.org" || !w.Write || w.Status != 200 || string(w.Body) != post || w.Method != "POST" {
		t.Errorf("the write is %+v", w)
	}
	if all[2].Status != 400 || all[3].Status != 0 || all[3].Route != DeleteRecord {
		t.Errorf("statuses %d and %d, want 400 and 0", all[2].Status, all[3].Status)
	}
	if n := len(cf.Calls(IsWrite, InZone("example.org"), ToRoute(CreateRecord))); n != 2 {
		t.Errorf("%d creations", n)
	}
	cf.Reset()
	if n := len(cf.Calls()); n != 0 {
		t.Errorf("%d calls after Reset", n)
	}
}

func TestOutsiderChangesRecordsPastTheRules(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org"}, Address("a.example.org", "9.9.9.9"))
	twin := cf.AddRecord("example.org", Address("A.example.org", "9.9.9.9"))
	twin.Content = "2600::1" // of the wrong type, which the rules would refuse
	cf.SetRecord(z.ID, twin)
	var rows []row
	c.get("/zones/"+z.ID+"/dns_records?content=2600::1").into(t, &rows)
	if len(rows) != 1 || rows[0].ID != twin.ID || rows[0].Name != "a.example.org" {
		t.Errorf("rows %+v", rows)
	}
	cf.RemoveRecord(z.Name, twin.ID)
	if got := cf.Contents(z.Name, "a.example.org"); len(got) != 1 {
		t.Errorf("left are %v", got)
	}
}
