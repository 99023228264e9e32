package rest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/provider"
)

// several is limits as deSEC has them.
func several() []Limit {
	return []Limit{{Host: "Tiny", Calls: 2, Window: time.Second}, {Host: "Tiny", Calls: 24, Window: 24 * time.Hour, SpreadBelow: 6, What: "changes of example.org"}}
}

func TestEveryOneOfSeveralLimitsIsKept(t *testing.T) {
	q, start := NewQuota(several()...), time.Date(2026, 11, 29, 14, 5, 0, 0, time.UTC)
	now := start
	for range 18 {
		for n := range 2 {
			if wait, why := q.tryAcquire(now); wait > 0 && n == 0 {
				now = now.Add(wait)
			} else if wait > 0 && (wait > time.Second || why != "2 calls went out within 1s, and homing stops there so that Tiny does not") {
				t.Fatalf("after %s: %s, %s", now.Sub(start), wait, why)
			}
		}
		if q.DescribeIfScarce(now) != "" {
			break
		}
	}
	const few = "6 of 24 changes of example.org are left until 14:05"
	if got := q.DescribeIfScarce(now); got != few || q.Headroom(now.Add(time.Minute)) != 2 {
		t.Errorf("%q, %d", got, q.Headroom(now.Add(time.Minute)))
	}
	now = now.Add(time.Minute)
	wait, why := q.tryAcquire(now)
	if wait <= 3*time.Hour || wait > 4*time.Hour || why != few+", so they are spread over that time" {
		t.Errorf("%s, %s", wait, why)
	}
	for left := 6; left > 0; left-- { // each gets its share of the time, and none has to wait longer than that
		again := time.Duration(0)
		for wait, _ := q.tryAcquire(now); wait > 0; wait, _ = q.tryAcquire(now) {
			now, again = now.Add(wait), again+wait
		}
		if again > 4*time.Hour+time.Second {
			t.Errorf("%d left: %s", left, again)
		}
	}
	if now.Sub(start) > 24*time.Hour+time.Second {
		t.Errorf("it took %s", now.Sub(start))
	}
	if now = start.Add(48 * time.Hour); q.Headroom(now) != 2 || q.DescribeIfScarce(now) != "" {
		t.Errorf("a day later %d, %q", q.Headroom(now), q.DescribeIfScarce(now))
	}
}

// A full day is told with the hour at which it ends.
func TestALimitSaysWhenItIsSpent(t *testing.T) {
	q, now := NewQuota(Limit{Host: "Tiny", Calls: 1, Window: 24 * time.Hour, What: "changes"}), time.Now()
	q.tryAcquire(now)
	if wait, why := q.tryAcquire(now.Add(time.Hour)); wait != 23*time.Hour || why != "1 changes went out within 24h, and homing stops there so that Tiny does not" {
		t.Errorf("%s, %s", wait, why)
	}
	if q.releaseLast(); q.Headroom(now) != 1 {
		t.Error("a call that did not go out counts")
	}
}

func TestZonesOfAListing(t *testing.T) {
	name := func(s string) dns.Name {
		n, err := dns.ParseName(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	l := ZoneFinder{Zones: []provider.Zone{{ID: "1", Name: name("example.org")}, {ID: "2", Name: name("sub.example.org")}}, Viewer: "this token", NoZoneHint: "make it",
		IDs:   map[dns.Name]string{name("id.sub.example.org"): "1", name("named.sub.example.org"): "Example.org", name("no.example.org"): "3", name("out.example.net"): "1"},
		Names: map[dns.Name]dns.Name{name("x.sub.example.org"): name("example.org"), name("y.sub.example.org"): name("example.net")}}
	for n, want := range map[string]string{
		"a.example.org": "1", "*.sub.example.org": "2", "sub.example.org": "2", "id.sub.example.org": "1", "named.sub.example.org": "1", "x.sub.example.org": "1", "y.sub.example.org": "2",
		"no.example.org": "this token sees no zone 3", "out.example.net": "out.example.net is not in the zone example.org", "a.example.net": "this token sees no zone that holds a.example.net",
	} {
		placed, unplaced := l.Find([]dns.Name{name(n)})
		got := ""
		if len(placed) == 1 {
			got = placed[0].Zone.ID
		} else if len(unplaced) == 1 && unplaced[0].Err.Kind == provider.NoZone && unplaced[0].Err.Hint == "make it" {
			got = unplaced[0].Err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", n, got, want)
		}
	}
	for s, want := range map[string]string{"@": "example.org", "a.b": "a.b.example.org", "*": "*.example.org"} {
		n, err := AbsoluteName(s, name("example.org"), "@")
		if err != nil || n.String() != want || RelativeName(n, name("example.org"), "@") != s {
			t.Errorf("%s: %s, %v", s, n, err)
		}
	}
}

// The query of the next page is read whatever a header says, and nothing else of it.
func FuzzNext(f *testing.F) {
	f.Add(`<https://desec.io/api/v1/domains/?cursor=>; rel="first", <https://desec.io/api/v1/domains/?cursor=abc>; rel="next"`)
	f.Fuzz(func(t *testing.T, link string) {
		if got := NextPage(http.Header{"Link": {link}}); got != nil && !strings.Contains(link, "next") {
			t.Errorf("%q: %v", link, got)
		}
	})
}

func TestTheNextPageIsThatOfTheHeader(t *testing.T) {
	for link, want := range map[string]string{
		`<https://desec.io/x/?cursor=>; rel="first", <https://desec.io/x/?cursor=:abc>; rel="next"`: ":abc",
		`<https://elsewhere.example/?cursor=a,b>; rel="next"`:                                       "a,b",
		`<https://desec.io/x/?cursor=:abc>; rel="prev"`:                                             "",
		`<%zz>; rel="next"`: "", "": "",
	} {
		if got := NextPage(http.Header{"Link": {link}}).Get("cursor"); got != want {
			t.Errorf("%s: %q", link, got)
		}
	}
}
