package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/status"
)

type zoneView struct {
	ID, Name, Account string
	Summary           string
	Level             string
	Open              bool
	Names             []nameView
}

type nameView struct {
	Name string
	Sets []setView
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

// zones groups RRsets, which come in order, by zone and name.
func zones(sets []status.RRset, query string) []zoneView {
	var out []zoneView
	worst := make(map[int]status.Tally)
	for _, set := range sets {
		if !matches(set, query) {
			continue
		}
		name := "not found in any zone yet"
		if !set.Zone.IsZero() {
			name = set.Zone.Describe()
		}
		if n := len(out); n == 0 || out[n-1].Name != name || out[n-1].Account != set.Account {
			out = append(out, zoneView{ID: "zone-" + strconv.Itoa(n), Name: name, Account: plain(set.Account)})
		}
		z := &out[len(out)-1]
		host := set.Key.Name.Describe()
		if n := len(z.Names); n == 0 || z.Names[n-1].Name != host {
			z.Names = append(z.Names, nameView{Name: host})
		}
		n := &z.Names[len(z.Names)-1]
		n.Sets = append(n.Sets, newSetView(set))
		worst[len(out)-1] = worst[len(out)-1].With(set.State)
	}
	for i := range out {
		out[i].sum(worst[i], len(sets) <= openRRsets || query != "")
	}
	return out
}

// wait is how names look before the first round: nothing is the matter yet.
func wait(zones []zoneView) {
	for i := range zones {
		z := &zones[i]
		z.Name, z.Level, z.Summary = "To be kept", "idle", count(len(z.Names), "name", "names")
		for _, n := range z.Names {
			for j := range n.Sets {
				n.Sets[j].State, n.Sets[j].Level = "waiting", "idle"
			}
		}
	}
}

// sum says in a few words how a zone stands.
func (z *zoneView) sum(t status.Tally, open bool) {
	z.Level, z.Open = "good", open
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
}

func matches(set status.RRset, query string) bool {
	query = strings.ToLower(strings.TrimSpace(query))
	return query == "" || strings.Contains(set.Key.Name.String(), query) || strings.Contains(set.Key.Name.Describe(), query) ||
		strings.EqualFold(set.State.String(), query) || strings.EqualFold(string(set.Key.Type), query) ||
		slices.ContainsFunc(set.Records, func(d dns.Record) bool { return strings.Contains(d.Content(), query) })
}

func newSetView(set status.RRset) setView {
	v := setView{Type: string(set.Key.Type), State: set.State.String(), Level: map[status.State]string{status.Right: "good", status.Wrong: "bad",
		status.NotKnown: "doubtful", status.OutOfScope: "idle"}[set.State], Changed: set.Changed, Missing: set.Read && len(set.Records) == 0}
	for _, d := range set.Records {
		v.Values = append(v.Values, plain(d.Content()))
	}
	if set.State == status.Wrong {
		v.Wanted = plain(strings.Join(contents(set.Wanted), ", "))
	}
	if len(set.Records) > 0 {
		v.How = attributes(set.Records[0])
	}
	for _, c := range set.Conditions {
		v.Trouble = plain(cmp.Or(v.Trouble, c.Text))
	}
	return v
}

func attributes(d dns.Record) string {
	ttl := "TTL auto"
	if d.TTL != dns.AutoTTL {
		ttl = fmt.Sprintf("TTL %d s", d.TTL)
	}
	if d.Proxied {
		return "proxied, " + ttl
	}
	return ttl
}
