package config

import (
	"fmt"
	"slices"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/text"
)

// checkLacks tells of attributes that are set and have no effect, because the host
// of the records has nothing of the kind: once for each, however many records.
func (l *loader) checkLacks() {
	for _, r := range l.records {
		if r.at != nil && len(r.at.Among) == 0 && slices.Contains(r.Types, dns.TXT) && l.in.Catalogue.host(r.at.Provider).NoTXT {
			l.strictly(r.path+".types", l.in.Catalogue.host(r.at.Provider).Name+" has no TXT records", "leave TXT and the content out, or name an account at another host")
		}
	}
	for _, attribute := range attributes {
		f := fieldsOf(attribute)
		idle := make(map[string][]string) // the names, by what the host does
		var order, inherited []string
		helps := false // what is set for all does something somewhere
		for _, r := range l.records {
			why := l.lacks(r, attribute)
			switch {
			case r.at == nil:
			case !r.own[attribute]:
				helps = helps || why == ""
				inherited = append(inherited, why)
			case why != "" && sets(r.Attrs, f):
				if idle[why] == nil {
					order = append(order, why)
				}
				idle[why] = append(idle[why], r.Name.Describe())
			}
		}
		for _, why := range order {
			l.notice(fmt.Sprintf("%s of %s has no effect: %s", attribute, text.List(idle[why], 3), why))
		}
		defaults := l.defaults.Attrs
		defaults.Proxied = l.defaults.proxied.String() != "false"
		if path := "record_defaults." + attribute; len(inherited) > 0 && !helps && l.isSet(path) && sets(defaults, f) {
			slices.Sort(inherited)
			name, _, _ := cutItem(l.name(path))
			l.notice(fmt.Sprintf("%s has no effect: %s", name, text.List(slices.Compact(inherited), 3)))
		}
	}
}

// sets reports whether a has anything but what is there anyway.
func sets(a plan.Attrs, f plan.Fields) bool {
	switch f {
	case plan.Proxied:
		return a.Proxied
	case plan.TTL:
		return a.TTL > dns.AutoTTL
	case plan.Comment:
		return a.Comment != ""
	}
	return len(a.Tags) > 0
}

// lacks is why an attribute of r does nothing at any host it may be at; empty where
// it does something.
func (l *loader) lacks(r *record, attribute string) string {
	f := fieldsOf(attribute)
	if r.at == nil {
		return ""
	}
	at := r.at.Among
	if len(at) == 0 {
		at = []Account{r.at.Account}
	}
	var hosts []string
	for _, a := range at {
		h := l.in.Catalogue.host(a.Provider)
		if !h.Lacks.Has(f) {
			return ""
		}
		if !slices.Contains(hosts, h.Name) {
			hosts = append(hosts, h.Name)
		}
	}
	take := " takes no "
	if len(hosts) > 1 {
		take = " take no "
	}
	what := attribute
	switch f {
	case plan.Proxied:
		what = "proxied records"
	case plan.TTL:
		what = "TTL"
	case plan.Comment:
		what = "comments"
	}
	return text.List(hosts, 0) + take + what
}
