package sim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/homing-dns/homing/internal/sim"
)

// amazon is an account with a zone of n names.
func amazon(n int) (*sim.Cloudflare, string, func(method, path, key, body string) (int, string)) {
	c := sim.NewCloudflare()
	c.AddZone(sim.Zone{Name: "example.org"})
	for i := range n {
		r := sim.Address(fmt.Sprintf("n%03d.example.org", i), "84.1.2.3")
		r.TTL = 300
		c.AddRecord("example.org", r)
	}
	host := sim.NewRoute53(c, "AKIA1")
	ask := func(method, path, key, body string) (int, string) {
		r := httptest.NewRequest(method, "http://127.0.0.1/2013-04-01/"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261130/us-east-1/route53/aws4_request, Signature=0")
		w := httptest.NewRecorder()
		host.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	_, zones := ask(http.MethodGet, "hostedzone", "AKIA1", "")
	_, id, _ := strings.Cut(zones, "<Id>/")
	id, _, _ = strings.Cut(id, "<")
	return c, id, ask
}

func edit(action, name, kind, ttl string, values ...string) string {
	s := "<Change><Action>" + action + "</Action><ResourceRecordSet><Name>" + name + ".</Name><Type>" + kind + "</Type><TTL>" + ttl + "</TTL><ResourceRecords>"
	for _, v := range values {
		s += "<ResourceRecord><Value>" + v + "</Value></ResourceRecord>"
	}
	return s + "</ResourceRecords></ResourceRecordSet></Change>"
}

func batch53(edits ...string) string {
	return "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes>" + strings.Join(edits, "") + "</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
}

func TestRoute53TellsItsSetsInPages(t *testing.T) {
	_, zone, ask := amazon(7)
	seen, query := 0, "?maxitems=3"
	for range 3 {
		status, body := ask(http.MethodGet, zone+"/rrset"+query, "AKIA1", "")
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		seen += strings.Count(body, "<Value>84.1.2.3</Value>")
		_, next, more := strings.Cut(body, "<NextRecordName>")
		if next, _, _ = strings.Cut(next, "<"); !more {
			break
		}
		query = "?maxitems=3&name=" + next + "&type=A"
	}
	if seen != 7 {
		t.Errorf("it tells %d sets", seen)
	}
}

// All of a batch is done or nothing, and what is not as it was read is refused.
func TestRoute53RefusesWhatTheRealOneDoes(t *testing.T) {
	for name, c := range map[string]struct {
		method, path, key, body string
		status                  int
		says                    string
	}{
		"another key":       {"GET", "hostedzone", "AKIA2", "", 403, "InvalidClientTokenId"},
		"an unknown call":   {"GET", "change/C1", "AKIA1", "", 404, "UnknownOperation"},
		"an unknown zone":   {"GET", "hostedzone/Z0/rrset", "AKIA1", "", 404, "NoSuchHostedZone"},
		"another method":    {"PUT", "{zone}/rrset", "AKIA1", "", 404, "UnknownOperation"},
		"half a page":       {"GET", "{zone}/rrset?maxitems=0", "AKIA1", "", 400, "InvalidInput"},
		"a query":           {"GET", "{zone}/rrset?identifier=1", "AKIA1", "", 400, "InvalidInput"},
		"another document":  {"POST", "{zone}/rrset", "AKIA1", "<Nothing/>", 400, "InvalidInput"},
		"another value":     {"POST", "{zone}/rrset", "AKIA1", batch53(edit("DELETE", "n000.example.org", "A", "300", "84.9.9.9")), 400, "do not match"},
		"another TTL":       {"POST", "{zone}/rrset", "AKIA1", batch53(edit("DELETE", "n000.example.org", "A", "60", "84.1.2.3")), 400, "do not match"},
		"what is gone":      {"POST", "{zone}/rrset", "AKIA1", batch53(edit("DELETE", "x.example.org", "A", "300", "84.1.2.3")), 400, "was not found"},
		"what is there":     {"POST", "{zone}/rrset", "AKIA1", batch53(edit("CREATE", "n000.example.org", "A", "300", "84.1.2.4")), 400, "already exists"},
		"beside an address": {"POST", "{zone}/rrset", "AKIA1", batch53(edit("CREATE", "n000.example.org", "CNAME", "300", "x.example.org.")), 400, "conflicts"},
		"an upsert":         {"POST", "{zone}/rrset", "AKIA1", batch53(edit("UPSERT", "n000.example.org", "A", "300", "84.1.2.4")), 400, "Invalid request"},
		"one of two":        {"POST", "{zone}/rrset", "AKIA1", batch53(edit("CREATE", "new.example.org", "A", "300", "84.1.2.4"), edit("DELETE", "n001.example.org", "A", "1", "84.1.2.3")), 400, "n001"},
		"a change":          {"POST", "{zone}/rrset", "AKIA1", batch53(edit("DELETE", "n000.example.org", "A", "300", "84.1.2.3"), edit("CREATE", "n000.example.org", "A", "300", "84.1.2.4", "84.1.2.5")), 200, "INSYNC"},
	} {
		store, zone, ask := amazon(2)
		status, body := ask(c.method, strings.ReplaceAll(c.path, "{zone}", zone), c.key, c.body)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", name, status, body)
		}
		want := "[84.1.2.3]"
		if c.status == http.StatusOK {
			want = "[84.1.2.4 84.1.2.5]"
		}
		if got := fmt.Sprint(store.Contents("example.org", "n000.example.org")); got != want || len(store.Contents("example.org", "new.example.org")) > 0 {
			t.Errorf("%s: it holds %s", name, got)
		}
	}
}
