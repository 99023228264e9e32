package sim

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Item is an entry of a list. In lists that are not of the kind "ip" it has
// another content, in Other.
type Item struct {
	ID       string         `json:"id"`
	IP       string         `json:"ip,omitempty"`
	Comment  string         `json:"comment,omitempty"`
	Created  time.Time      `json:"created_on"`
	Modified time.Time      `json:"modified_on"`
	Other    map[string]any `json:"hostname,omitempty"`
}

// cursorInfo is all that stands in result_info here.
type cursorInfo struct {
	After string `json:"after,omitempty"`
}

func (c *Cloudflare) listItems(q *request) (reply, *refusal) {
	l, no := c.openList(q, ReadLists)
	if no != nil {
		return reply{}, no
	}
	query := q.URL.Query()
	size, err := strconv.Atoi(query.Get("per_page"))
	if err != nil || size < 1 {
		size = 25 // not known; nothing but "not all of them" may depend on it
	}
	if most := c.options.ItemPage; most > 0 {
		size = min(size, most)
	}
	from, no := parseCursor(query.Get("cursor"), l)
	if no != nil || size > 500 {
		return reply{}, invalidList(10045, "the cursor or the size of the page is invalid")
	}
	to := min(from+size, len(l.items))
	next := cursorInfo{}
	if to < len(l.items) {
		next.After = base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(to)))
	}
	return reply{http.StatusOK, map[string]any{"success": true, "errors": []any{}, "messages": []any{},
		"result": append([]Item{}, l.items[from:to]...), "result_info": map[string]cursorInfo{"cursors": next}}}, nil
}

func parseCursor(s string, l *list) (int, *refusal) {
	if s == "" {
		return 0, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	n, err2 := strconv.Atoi(string(b))
	if err != nil || err2 != nil || n < 0 || n > len(l.items) {
		return 0, invalidList(10045, "the cursor is invalid")
	}
	return n, nil
}

// addItems adds to a list; an item that is already there is replaced, comment
// and all.
func (c *Cloudflare) addItems(q *request) (reply, *refusal) {
	l, no := c.openList(q, EditLists)
	if no != nil {
		return reply{}, no
	}
	var sent []struct {
		IP      string `json:"ip"`
		Comment string `json:"comment"`
	}
	if no := q.decodeListBody(&sent); no != nil {
		return reply{}, no
	}
	var items []Item
	added := map[string]bool{}
	for _, s := range sent {
		ip, no := canonicalItemIP(l, s.IP)
		switch {
		case no != nil:
			return reply{}, no
		case utf8.RuneCountInString(s.Comment) > maxListText:
			return reply{}, invalidList(10042, "the comment is too long")
		case added[ip]:
			return reply{}, invalidList(10028, "duplicate items in the request")
		}
		added[ip] = true
		items = append(items, Item{ID: c.newID(), IP: ip, Comment: s.Comment, Created: q.now, Modified: q.now})
	}
	total := len(items)
	for _, other := range c.listsOf(l.account) {
		total += len(other.items)
	}
	if _, most := c.listQuota(l.account); total > most {
		return reply{}, invalidList(10046, "the maximum number of items is exceeded")
	}
	return c.startOperation(q, l, func(have []Item) []Item {
		return append(filterOut(have, func(i *Item) bool { return added[i.IP] }), items...)
	})
}

// removeItems deletes by id, which stands in the body of the DELETE.
func (c *Cloudflare) removeItems(q *request) (reply, *refusal) {
	l, no := c.openList(q, EditLists)
	if no != nil {
		return reply{}, no
	}
	var body struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if no := q.decodeListBody(&body); no != nil {
		return reply{}, no
	}
	there, gone := map[string]bool{}, map[string]bool{}
	for i := range l.items {
		there[l.items[i].ID] = true
	}
	for _, i := range body.Items {
		if !there[i.ID] {
			return reply{}, noListRefusal() // what the real one does is not known
		}
		gone[i.ID] = true
	}
	return c.startOperation(q, l, func(have []Item) []Item {
		return filterOut(have, func(i *Item) bool { return gone[i.ID] })
	})
}

// filterOut is the items but those that are gone.
func filterOut(items []Item, gone func(*Item) bool) (left []Item) {
	for i := range items {
		if !gone(&items[i]) {
			left = append(left, items[i])
		}
	}
	return left
}

// canonicalItemIP returns s as a list of addresses stores it: IPv4 from /8, IPv6 from /12, no
// host bits, small letters, and a single address bare.
func canonicalItemIP(l *list, s string) (string, *refusal) {
	no := invalidList(10048, "the item is invalid: "+s)
	if l.Kind != "ip" {
		return "", no
	}
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return a.String(), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p != p.Masked() || p.Bits() < 8 || p.Addr().Is6() && p.Bits() < 12 {
		return "", no
	}
	if p.IsSingleIP() {
		return p.Addr().String(), nil
	}
	return p.String(), nil
}

// decodeListBody is decodeBody with the code of lists, which also looks at the body of
// a DELETE.
func (q *request) decodeListBody(v any) *refusal {
	if err := json.Unmarshal(q.body, v); err != nil || !strings.HasPrefix(q.Header.Get("Content-Type"), "application/json") {
		return invalidList(10026, "could not parse the request body")
	}
	return nil
}
