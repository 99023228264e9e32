package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/homing-dns/homing/internal/addr"
)

const lists = "/accounts/" + Account + "/rules/lists"

// operationOf is the id of the operation that an accepted change began.
func operationOf(t *testing.T, g got) string {
	t.Helper()
	var o struct {
		ID string `json:"operation_id"`
	}
	if g.into(t, &o); !isID(o.ID) {
		t.Fatalf("no operation: %s", g.Body)
	}
	return o.ID
}

func decoded(t *testing.T, g got, v any) got {
	t.Helper()
	g.into(t, v)
	return g
}

func (c client) state(id string) string {
	c.t.Helper()
	var o struct{ Status, Error string }
	c.get(lists+"/bulk_operations/"+id).into(c.t, &o)
	return strings.TrimSpace(o.Status + " " + o.Error)
}

// itemsOf is what the API says a list holds, page by page.
func (c client) itemsOf(list string, perPage int) (pages int, all []string) {
	c.t.Helper()
	for cursor := ""; ; pages++ {
		var rows []Item
		g := c.get(fmt.Sprintf("%s/%s/items?per_page=%d&cursor=%s", lists, list, perPage, cursor))
		g.into(c.t, &rows)
		for _, r := range rows {
			all = append(all, strings.TrimSpace(r.IP+" "+r.Comment))
		}
		var info struct {
			Info struct{ Cursors cursorInfo } `json:"result_info"`
		}
		if err := json.Unmarshal(g.Body, &info); err != nil {
			c.t.Fatal(err)
		}
		if cursor = info.Info.Cursors.After; cursor == "" {
			return pages + 1, all
		}
	}
}

func TestItemsChangeOnlyWhenTheirOperationIsComplete(t *testing.T) {
	inBubble(t, func(t *testing.T, cf *Cloudflare, c client) {
		cf.AddZone(Zone{Name: "example.org"})
		cf.SetOptions(Options{ListDelay: 10 * time.Second})
		var made List
		c.do("POST", lists, `{"name":"home","kind":"ip","description":"of home"}`).into(t, &made)
		items := lists + "/" + made.ID + "/items"

		op := operationOf(t, c.do("POST", items, `[{"ip":"192.0.2.1","comment":"a"},{"ip":"2001:DB8::/64"}]`))
		time.Sleep(9 * time.Second)
		if _, all := c.itemsOf(made.ID, 100); len(all) != 0 || c.state(op) != "pending" {
			t.Errorf("after nine seconds: %q, %s", all, c.state(op))
		}
		c.do("POST", items, `[{"ip":"192.0.2.2"}]`).refused(t, 429, 10049)
		time.Sleep(time.Second)
		if c.state(op) != "completed" {
			t.Errorf("after ten seconds: %s", c.state(op))
		}
		operationOf(t, c.do("POST", items, `[{"ip":"192.0.2.1/32","comment":"b"},{"ip":"198.51.100.0/24"}]`))
		time.Sleep(10 * time.Second)
		_, all := c.itemsOf(made.ID, 100)
		if want := []string{"2001:db8::/64", "192.0.2.1 b", "198.51.100.0/24"}; !slices.Equal(all, want) {
			t.Errorf("an equal item is replaced: %q, want %q", all, want)
		}
		gone := cf.Items(Account, "home")[0].ID
		op = operationOf(t, c.do("DELETE", items, `{"items":[{"id":"`+gone+`"}]}`))
		time.Sleep(10 * time.Second)
		if _, all := c.itemsOf(made.ID, 100); len(all) != 2 || c.state(op) != "completed" {
			t.Errorf("after the removal: %q, %s", all, c.state(op))
		}
		if l := cf.Lists(Account)[0]; l.Size != 2 || l.Description != "of home" {
			t.Errorf("%+v", l)
		}

		cf.SetOptions(Options{ListFailure: "no luck"})
		op = operationOf(t, c.do("POST", items, `[{"ip":"192.0.2.3"}]`))
		if got := c.state(op); got != "failed no luck" || len(cf.Items(Account, "home")) != 2 {
			t.Errorf("%s, %v", got, cf.Items(Account, "home"))
		}
	})
}

func TestOneOperationIsPendingInAnAccount(t *testing.T) {
	cf, c := serve(t)
	other := strings.Repeat("f", 32)
	cf.AddList(Account, List{Name: "home"})
	office := cf.AddList(Account, List{Name: "office"})
	theirs := cf.AddList(other, List{Name: "home"})
	cf.SetOptions(Options{ListDelay: time.Hour})
	body := `[{"ip":"192.0.2.1"}]`
	operationOf(t, c.do("POST", lists+"/"+cf.Lists(Account)[0].ID+"/items", body))
	c.do("POST", lists+"/"+office.ID+"/items", body).refused(t, 429, 10049)
	operationOf(t, c.do("POST", "/accounts/"+other+"/rules/lists/"+theirs.ID+"/items", body))
}

func TestEachRuleOfListsRefuses(t *testing.T) {
	cf, c := serve(t)
	cf.AddZone(Zone{Name: "example.org", Plan: "pro"})
	home := cf.AddList(Account, List{Name: "home"}, Item{IP: "192.0.2.9"})
	hosts := cf.AddList(Account, List{Name: "hosts", Kind: "hostname"})
	items, long := lists+"/"+home.ID+"/items", strings.Repeat("x", 501)
	for _, tt := range []struct {
		name, method, path, body string
		status, code             int
	}{
		{"a name with a dash", "POST", lists, `{"name":"my-home","kind":"ip"}`, 400, 10040},
		{"a name that is too long", "POST", lists, `{"name":"` + long[:51] + `","kind":"ip"}`, 400, 10040},
		{"a kind there is not", "POST", lists, `{"name":"x","kind":"ips"}`, 400, 10041},
		{"a long description", "POST", lists, `{"name":"x","kind":"ip","description":"` + long + `"}`, 400, 10042},
		{"a name twice", "POST", lists, `{"name":"hosts","kind":"ip"}`, 400, 10043},
		{"no JSON", "POST", lists, `{`, 400, 10026},
		{"an item twice", "POST", items, `[{"ip":"192.0.2.1"},{"ip":"192.0.2.1/32"}]`, 400, 10028},
		{"host bits", "POST", items, `[{"ip":"192.0.2.1/24"}]`, 400, 10048},
		{"a wide range", "POST", items, `[{"ip":"16.0.0.0/7"}]`, 400, 10048},
		{"a wide range of IPv6", "POST", items, `[{"ip":"2000::/11"}]`, 400, 10048},
		{"a host name", "POST", items, `[{"ip":"example.org"}]`, 400, 10048},
		{"an address among host names", "POST", lists + "/" + hosts.ID + "/items", `[{"ip":"192.0.2.1"}]`, 400, 10048},
		{"a long comment", "POST", items, `[{"ip":"192.0.2.1","comment":"` + long + `"}]`, 400, 10042},
		{"an object for a list", "POST", items, `{"items":[]}`, 400, 10026},
		{"an item that is not there", "DELETE", items, `{"items":[{"id":"` + Account + `"}]}`, 404, 10047},
		{"a list that is not there", "GET", lists + "/" + Account + "/items", "", 404, 10047},
		{"a cursor nobody gave out", "GET", items + "?cursor=x", "", 400, 10045},
		{"a page that is too big", "GET", items + "?per_page=501", "", 400, 10045},
		{"an operation that is not there", "GET", lists + "/bulk_operations/" + Account, "", 404, 10050},
		{"another's account", "GET", "/accounts/" + strings.Repeat("e", 32) + "/rules/lists", "", 403, 10000},
		{"no account", "GET", "/accounts/me/rules/lists", "", 404, 7003},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c.t = t
			c.do(tt.method, tt.path, tt.body).refused(t, tt.status, tt.code)
			if got := cf.Items(Account, "home"); len(got) != 1 || len(cf.Lists(Account)) != 2 {
				t.Errorf("a refused call left %v, %v", got, cf.Lists(Account))
			}
		})
	}
}

func TestThePlanLimitsListsAndItems(t *testing.T) {
	for plan, most := range map[string]int{"free": 1, "pro": 10, "business": 10} {
		cf, c := serve(t)
		cf.AddZone(Zone{Name: "example.org", Plan: plan})
		for i := range most {
			c.do("POST", lists, fmt.Sprintf(`{"name":"l%d","kind":"ip"}`, i)).into(t, &List{})
		}
		c.do("POST", lists, `{"name":"another","kind":"ip"}`).refused(t, 400, 10044)
	}
	cf, c := serve(t)
	full := cf.AddList(Account, List{Name: "full"}, make([]Item, 10_000)...)
	c.do("POST", lists+"/"+full.ID+"/items", `[{"ip":"192.0.2.1"}]`).refused(t, 400, 10046)
}

func TestListsAndItemsComeInPages(t *testing.T) {
	cf, c := serve(t)
	var items []Item
	for i := range 501 {
		items = append(items, Item{IP: fmt.Sprintf("198.51.%d.%d", 100+i/250, i%250)})
	}
	l := cf.AddList(Account, List{Name: "home"}, items...)
	for _, tt := range []struct{ perPage, pages int }{{500, 2}, {100, 6}} {
		pages, all := c.itemsOf(l.ID, tt.perPage)
		slices.Sort(all)
		if pages != tt.pages || len(slices.Compact(all)) != 501 {
			t.Errorf("%d pages of %d items", pages, len(all))
		}
	}
	cf.AddList(Account, List{Name: "office"})
	var rows []List
	if g := decoded(t, c.get(lists), &rows); len(rows) != 2 || g.Info.TotalPages != 0 {
		t.Errorf("%v", rows)
	}
	cf.SetOptions(Options{ListPage: 1})
	rows = nil
	if g := decoded(t, c.get(lists+"?page=2"), &rows); len(rows) != 1 || rows[0].Name != "office" || g.Info.TotalPages != 2 {
		t.Errorf("%v", rows)
	}
}

func TestListsDependOnTheToken(t *testing.T) {
	cf, c := serve(t)
	home := cf.AddList(Account, List{Name: "home"})
	for access, want := range map[ListAccess][2]int{EditLists: {200, 200}, ReadLists: {200, 403}, NoLists: {403, 403}} {
		cf.AddToken(Token{Value: "t", Lists: access})
		c := c.with("Authorization", "Bearer t")
		read, write := c.get(lists).Status, c.do("POST", lists+"/"+home.ID+"/items", `[{"ip":"192.0.2.1"}]`).Status
		if got := [2]int{read, write}; got != want {
			t.Errorf("access %d: %v, want %v", access, got, want)
		}
	}
	c.with("Authorization", "Bearer unknown").get(lists).refused(t, 401, 10000)
	c.with("Authorization", `Bearer "x"`).get(lists).refused(t, 400, 9106)
}

func TestATokenWithoutTheBatchEndpointStillWritesSingly(t *testing.T) {
	cf, c := serve(t)
	z := cf.AddZone(Zone{Name: "example.org"})
	cf.AddToken(Token{Value: token, NoBatch: true})
	c.do("POST", "/zones/"+z.ID+"/dns_records/batch", `{"posts":[`+post+`]}`).refused(t, 403, 10000)
	c.do("POST", "/zones/"+z.ID+"/dns_records", post).into(t, &row{})
}

func TestATokenCanBeBoundToAddresses(t *testing.T) {
	home := NewHome(netip.MustParseAddr("203.0.113.7"))
	cf := NewCloudflare()
	cf.AddToken(Token{Value: token, AllowedIPs: []netip.Prefix{netip.MustParsePrefix("203.0.113.7/32")}})
	n, err := Loopback(home)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	n.Handle("/client/v4/", cf)
	h := http.Header{"Authorization": {"Bearer " + token}}
	c := client{t, &http.Client{Transport: &http.Transport{DialContext: n.Dial, DisableKeepAlives: true}}, n.URL() + "/client/v4", h}
	c.get("/zones").into(t, &[]any{})
	home.Set(addr.IPv4, netip.MustParseAddr("203.0.113.8"))
	if e := c.get("/zones").refused(t, 403, 9109); !strings.Contains(e.Message, "203.0.113.8") {
		t.Errorf("it says %q", e.Message)
	}
	c.get("/accounts/x/rules/lists").refused(t, 403, 9109)
}

func TestAnswersSayWhatTimeItIs(t *testing.T) {
	inBubble(t, func(t *testing.T, cf *Cloudflare, c client) {
		cf.SetOptions(Options{ClockAhead: time.Hour})
		if got := c.get("/zones").Header.Get("Date"); got != time.Now().Add(time.Hour).UTC().Format(http.TimeFormat) {
			t.Errorf("Date is %q", got)
		}
	})
}
