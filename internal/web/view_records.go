package web

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// recordsView is one page of the names that are asked for; those that fail come
// first.
type recordsView struct {
	Zones       []*zoneView
	Query, Span string
	Failing     bool // only those that fail
	All, Failed int  // names: all there are, and those of them that fail
	Here, Pages int
	Found       string // how many there are, where they were searched for
}

// namesEach is how many names a page lists.
const namesEach = 100

type zoneView struct {
	ID, Name, Account string
	Summary           string
	Level             string
	Open              bool
	Names             []*nameView
}

type nameView struct {
	Name, Href string
	Sets       []*setView
}

type setView struct {
	Type    string
	State   string
	Level   string
	Values  []string
	Missing bool
	Wanted  string // where it is not what stands
	How     string // proxied or not, and the TTL
	Changed time.Time
	Trouble string
}

// named is the RRsets of one name of an account.
type named struct {
	zone, account string
	sets          []*status.RRset
	worst         status.Tally
}

// fails reports whether something is wrong with a name, or not known.
func (n *named) fails() bool { return n.worst.Wrong+n.worst.NotKnown > 0 }

func (n *named) rank() int {
	switch {
	case n.worst.Wrong > 0:
		return 0
	case n.fails():
		return 1
	}
	return 2
}

// byName is RRsets, which come in order, by their names.
func byName(sets []status.RRset) (names []*named) {
	for i := range sets {
		set := &sets[i]
		zone := "not found in any zone yet"
		if !set.Zone.IsZero() {
			zone = set.Zone.Describe()
		}
		if n := len(names); n == 0 || names[n-1].account != set.Account || names[n-1].sets[0].Key.Name != set.Key.Name {
			names = append(names, &named{zone: zone, account: plain(set.Account)})
		}
		n := names[len(names)-1]
		n.sets, n.worst = append(n.sets, set), n.worst.With(set.State)
	}
	return names
}

// list cuts the page that is asked for out of all names.
func (r *recordsView) list(sets []status.RRset, page func(pages int) int) {
	all := byName(sets)
	var shown []*named
	tallies := make(map[string]status.Tally) // by zone and account
	for _, n := range all {
		if n.fails() {
			r.Failed++
		}
		n.sets = slices.DeleteFunc(slices.Clone(n.sets), func(s *status.RRset) bool { return !matches(s, r.Query) })
		if len(n.sets) == 0 || r.Failing && !n.fails() {
			continue
		}
		shown = append(shown, n)
		k := n.zone + " " + n.account
		for _, s := range n.sets {
			tallies[k] = tallies[k].With(s.State)
		}
	}
	sort.SliceStable(shown, func(i, j int) bool { return shown[i].rank() < shown[j].rank() })
	r.All, r.Pages = len(all), pagesFor(len(shown), namesEach)
	r.Here = page(r.Pages)
	if r.Query != "" {
		r.Found = count(len(shown), "name", "names")
	}
	from := (r.Here - 1) * namesEach
	r.zones(shown[min(from, len(shown)):min(from+namesEach, len(shown))])
	few := len(sets) <= openRRsets || r.Query != "" || r.Failing
	for i := range r.Zones {
		z := r.Zones[i]
		z.sum(tallies[z.Name+" "+z.Account], few)
	}
}

// zones groups names by their zones, in the order in which those come first.
func (r *recordsView) zones(names []*named) {
	place := make(map[string]int)
	for _, n := range names {
		k := n.zone + " " + n.account
		i, known := place[k]
		if !known {
			i = len(r.Zones)
			place[k] = i
			r.Zones = append(r.Zones, &zoneView{ID: "zone-" + strings.ReplaceAll(k, " ", "-"), Name: n.zone, Account: n.account})
		}
		r.Zones[i].Names = append(r.Zones[i].Names, newNameView(n.sets))
	}
}

func newNameView(sets []*status.RRset) *nameView {
	name := sets[0].Key.Name
	v := &nameView{Name: name.Describe(), Href: query("record", "name", name.String())}
	for _, s := range sets {
		v.Sets = append(v.Sets, newSetView(s))
	}
	return v
}

// href leads to another page of the same search.
func (r *recordsView) href(failing bool, page int) string {
	only, n := "", ""
	if failing {
		only = "1"
	}
	if page > 1 {
		n = strconv.Itoa(page)
	}
	return string(query("./", "q", r.Query, "span", r.Span, "failing", only, "page", n) + "#records")
}

func (r *recordsView) pages() []pageLink {
	return pageLinks(r.Here, r.Pages, func(page int) string { return string(r.href(r.Failing, page)) })
}

// wait is how names look before the first round: nothing is the matter yet.
func (r *recordsView) wait() {
	r.Failed = 0
	for i := range r.Zones {
		z := r.Zones[i]
		z.Name, z.Level, z.Summary, z.Open = "To be kept", "idle", count(len(z.Names), "name", "names"), true
		for _, n := range z.Names {
			for j := range n.Sets {
				n.Sets[j].State, n.Sets[j].Level = "waiting", "idle"
			}
		}
	}
}

// sum says in a few words how a zone stands.
func (z *zoneView) sum(t status.Tally, open bool) {
	z.Level = "good"
	var words []string
	add := func(n int, what string) {
		if n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(t.Wrong, "not right")
	add(t.NotKnown, "not known")
	add(t.Right, "right")
	add(t.OutOfScope, "left alone")
	z.Summary = strings.Join(words, ", ")
	switch {
	case t.Wrong > 0:
		z.Level = "bad"
	case t.NotKnown > 0:
		z.Level = "doubtful"
	}
	z.Open = open || z.Level != "good"
}

func matches(set *status.RRset, query string) bool {
	query = strings.ToLower(strings.TrimSpace(query))
	return query == "" || strings.Contains(set.Key.Name.String(), query) || strings.Contains(set.Key.Name.Describe(), query) ||
		strings.EqualFold(set.State.String(), query) || strings.EqualFold(string(set.Key.Type), query) ||
		slices.ContainsFunc(set.Records, func(d dns.Record) bool { return strings.Contains(d.Content(), query) })
}

func newSetView(set *status.RRset) *setView {
	v := &setView{Type: string(set.Key.Type), State: set.State.String(), Level: stateLevel(set.State), Changed: set.Changed, Missing: set.Read && len(set.Records) == 0}
	for _, d := range set.Records {
		v.Values = append(v.Values, plain(text.Cut(d.Content(), subjectMost)))
	}
	if set.State == status.Wrong {
		v.Wanted = plain(text.Cut(strings.Join(contents(set.Wanted), ", "), subjectMost))
	}
	if len(set.Records) > 0 {
		v.How = attributes(&set.Records[0])
	}
	for _, c := range set.Conditions {
		v.Trouble = plain(text.Cut(cmp.Or(v.Trouble, c.Text), subjectMost))
	}
	return v
}

func stateLevel(s status.State) string {
	switch s {
	case status.Right:
		return "good"
	case status.Wrong:
		return "bad"
	case status.NotKnown:
		return "doubtful"
	}
	return "idle"
}

func attributes(d *dns.Record) string {
	ttl := "TTL auto"
	if d.TTL != dns.AutoTTL {
		ttl = fmt.Sprintf("TTL %d s", d.TTL)
	}
	if d.Proxied {
		return "proxied, " + ttl
	}
	return ttl
}
