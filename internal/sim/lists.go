package sim

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"
)

// List is a custom list of an account (reference, section 10).
type List struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Kind        string    `json:"kind"`
	Size        int       `json:"num_items"`
	Referenced  int       `json:"num_referencing_filters"`
	Created     time.Time `json:"created_on"`
	Modified    time.Time `json:"modified_on"`
}

// list is a List and what it holds.
type list struct {
	List
	account string
	items   []Item // replaced as a whole, never changed in place
}

func (l *list) toList() List {
	out := l.List
	out.Size = len(l.items)
	return out
}

// quota is how many lists an account may have, and how many items in all of
// them: the best plan of its zones decides (Cloudflare's docs, as of 2026-03).
func (c *Cloudflare) listQuota(account string) (lists, items int) {
	lists, items = 1, 10_000
	for _, z := range c.zones {
		switch {
		case z.Account != account:
		case z.Plan == "enterprise":
			return 1000, 500_000
		case z.Plan != "free":
			lists = 10
		}
	}
	return lists, items
}

func (c *Cloudflare) listsOf(account string) (all []*list) {
	for _, l := range c.lists {
		if l.account == account {
			all = append(all, l)
		}
	}
	return all
}

// openAccount returns the account a call names, if the token may do this with its
// lists. An account that is not there looks like one that may not be seen.
func (c *Cloudflare) openAccount(q *request, need ListAccess) (string, *refusal) {
	id := q.args["account"]
	if !isID(id) {
		return "", invalidIDRefusal(q.URL.Path)
	}
	known := len(c.listsOf(id)) > 0
	for _, z := range c.zones {
		known = known || z.Account == id
	}
	if !known || q.token.Lists > need {
		return "", forbiddenRefusal()
	}
	c.completeDue(id, q.now)
	return id, nil
}

// openList returns the list a call names.
func (c *Cloudflare) openList(q *request, need ListAccess) (*list, *refusal) {
	account, no := c.openAccount(q, need)
	if no != nil {
		return nil, no
	}
	for _, l := range c.lists {
		if l.ID == q.args["list"] && l.account == account {
			return l, nil
		}
	}
	return nil, noListRefusal()
}

// noListRefusal refuses a list that is not there. The real code is not known; nothing
// but the status may depend on it.
func noListRefusal() *refusal {
	return newRefusal(http.StatusNotFound, 10047, "could not find the list")
}

func (c *Cloudflare) listLists(q *request) (reply, *refusal) {
	account, no := c.openAccount(q, ReadLists)
	if no != nil {
		return reply{}, no
	}
	rows := []List{}
	for _, l := range c.listsOf(account) {
		rows = append(rows, l.toList())
	}
	if c.options.ListPage == 0 {
		return okReply(rows), nil // all in one, as the official SDK has it
	}
	page, info := paginate(q.URL.Query(), rows, c.options.ListPage, c.options.ListPage)
	return okList(page, info), nil
}

// Of the refusals below the real codes are not known; nothing but "refused"
// may depend on them.
func (c *Cloudflare) createList(q *request) (reply, *refusal) {
	account, no := c.openAccount(q, EditLists)
	if no != nil {
		return reply{}, no
	}
	var l List
	if no := q.decodeListBody(&l); no != nil {
		return reply{}, no
	}
	most, _ := c.listQuota(account)
	all := c.listsOf(account)
	known := false
	for _, o := range all {
		known = known || o.Name == l.Name
	}
	switch {
	case !listNamePattern().MatchString(l.Name):
		return reply{}, invalidList(10040, "the name of the list is invalid")
	case !slices.Contains([]string{"ip", "hostname", "asn", "redirect"}, l.Kind):
		return reply{}, invalidList(10041, "the kind of the list is invalid")
	case utf8.RuneCountInString(l.Description) > maxListText:
		return reply{}, invalidList(10042, "the description is too long")
	case known:
		return reply{}, invalidList(10043, "a list with this name already exists")
	case len(all) >= most:
		return reply{}, invalidList(10044, "the maximum number of lists is exceeded")
	}
	return okReply(c.addList(account, l, nil).toList()), nil
}

func (c *Cloudflare) addList(account string, l List, items []Item) *list {
	l.ID = cmp.Or(l.ID, c.newID())
	l.Kind = cmp.Or(l.Kind, "ip")
	l.Created = time.Now()
	l.Modified = l.Created
	added := &list{List: l, account: account, items: items}
	c.lists = append(c.lists, added)
	return added
}

// maxListText is the most runes of a description and of a comment.
const maxListText = 500

// The schema allows capitals, the docs do not say so (reference, section 10).
func listNamePattern() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9_]{1,50}$`) }

func invalidList(code int, message string) *refusal {
	return newRefusal(http.StatusBadRequest, code, message)
}
