package web_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/web"
)

// lightMost is what the first answer of the page may weigh, compressed.
const lightMost = 100_000 // bytes

func (p *place) weight(path string) (compressed int, plain string) {
	p.t.Helper()
	w := p.get(path, bearer, header("Accept-Encoding", "gzip"))
	compressed = w.Body.Len()
	if w.Header().Get("Content-Encoding") != "gzip" {
		return compressed, w.Body.String()
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		p.t.Fatal(err)
	}
	return compressed, string(b)
}

// flapping is a history in which addresses change all the time for 90 days.
func flapping(now time.Time) (events []status.Event) {
	at, was := now.Add(-90*24*time.Hour), ""
	for i := 0; at.Before(now); i++ {
		for _, f := range addr.Families() {
			is := fmt.Sprintf("84.%d.%d.%d", i%200, i%251, f)
			events = append(events, status.Event{At: at, Kind: status.AddressFound, Of: plan.Here(f), From: was, To: is},
				status.Event{At: at.Add(time.Minute), Kind: status.FamilyPublished, Of: plan.Here(f), To: is, Took: time.Duration(i%3000) * time.Second})
			was = is
		}
		at = at.Add(time.Hour)
	}
	return events
}

// At any number of names and sites, whatever fails and however long the past is,
// the first answer is light. What fails comes first, and the rest by pages.
func TestTheFirstAnswerIsLightAtAnyNumberOfRecords(t *testing.T) {
	long := strings.Repeat("a reason that is as long as one may be ", 8)
	for _, names := range []int{1, 90, 2000, 5000} {
		for _, failing := range []string{"none", "one", "each alike", "each in its own way"} {
			if names == 5000 && failing != "each in its own way" {
				continue // that many are slow
			}
			t.Run(fmt.Sprintf("%d names, failing %s", names, failing), func(t *testing.T) {
				var settings []web.Setting
				for i := range names {
					settings = append(settings, web.Setting{Name: fmt.Sprintf("records[%d].name", i), Value: long, Origin: "/etc/homing/homing.yaml:1", Problem: long})
				}
				past := flapping(time.Now())
				p := newPlace(t, names, func(c *web.Config) {
					c.Settings = func() []web.Setting { return settings }
					c.History = func(time.Time, func(status.Event) bool) ([]status.Event, error) { return past, nil }
				})
				r := p.house.Round()
				records := p.house.Wanted()[0].Spec.Records
				for i, rec := range records {
					if failing == "none" || failing == "one" && i != len(records)-1 {
						continue
					}
					for _, kind := range rec.Types {
						k := dns.Key{Name: rec.Name, Type: kind}
						c := status.Condition{Code: status.ChangeFailed, Subject: k.String(), Key: k, Text: "create " + k.String() + ": " + long, Reason: long, Hint: "do something"}
						if failing == "each in its own way" {
							c.Cause, c.Reason = fmt.Sprintf("cause-%d", i), fmt.Sprintf("%d %s", i, long)
						}
						r.Conditions = append(r.Conditions, c)
					}
				}
				for site := range names / 10 {
					o := plan.Origin{Site: fmt.Sprintf("site-%d", site), Family: addr.IPv4}
					r.Seen[o] = addr.Known(netip.MustParsePrefix("84.1.2.3/32")).With(addr.Vote{Voter: addr.Voter{Source: long, Route: long}, Said: addr.Unknown(errors.New(long))})
				}
				p.board.Done(r, p.house.Held())
				for _, path := range []string{"/", "/?span=90d", "/?failing=1", "/?page=9999", "/events?span=1y"} {
					n, page := p.weight(path)
					t.Logf("%s: %d kB, %d plain", path, n/1000, len(page)/1000)
					if n > lightMost {
						t.Errorf("%s: %d bytes, %d plain", path, n, len(page))
					}
					if path == "/" && failing == "one" && names > 1 {
						last := records[len(records)-1].Name.Describe()
						if at := strings.Index(page, `<th scope="rowgroup"`); at < 0 || !strings.Contains(page[at:min(len(page), at+300)], ">"+last+"<") {
							t.Errorf("%s is not the first of the records", last)
						}
					}
				}
			})
		}
	}
}

// Every name is on one of the pages, and on one only.
func TestEveryNameIsOnOnePage(t *testing.T) {
	p := newPlace(t, 350)
	p.house.Refuse(p.house.Wanted()[0].Spec.Records[349].Name.String(), true)
	p.round()
	seen := make(map[string]int)
	for n := 1; n <= 4; n++ {
		_, page := p.weight(fmt.Sprintf("/?page=%d", n))
		for _, part := range strings.Split(page, `<th scope="rowgroup"`)[1:] {
			_, rest, _ := strings.Cut(part, `">`)
			_, rest, _ = strings.Cut(rest, `">`)
			name, _, _ := strings.Cut(rest, "<")
			seen[name]++
		}
	}
	for _, r := range p.house.Wanted()[0].Spec.Records {
		if n := seen[r.Name.Describe()]; n != 1 {
			t.Errorf("%s stands on %d pages", r.Name, n)
		}
	}
	if len(seen) != 350 {
		t.Errorf("%d names", len(seen))
	}
	has(t, p.get("/?failing=1", bearer), "Only failing (1)", `aria-current`, "nas-")
	if _, page := p.weight("/?failing=1"); strings.Count(page, `<th scope="rowgroup"`) != 1 {
		t.Error("only one of them fails")
	}
}
