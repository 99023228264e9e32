package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/plan"
)

// entry is one name of a list, with what stands in braces behind it.
type entry struct {
	name  dns.Name
	types []dns.Type
	hosts []plan.HostID // sorted, no two alike; none: the list has no opinion
	from  *Origin
	site  string                // whose list it is; empty: this machine's
	of    map[dns.Type][]naming // of merged ones: the sites, by type
}

// naming is a site, and the list that gives it a name.
type naming struct {
	site string
	from *Origin
}

// readNames takes the lists of names, three of this machine and three of each
// site, and makes one record of each name, with all the types and host ids the
// lists give it; two where its types have other sites.
func (d *Draft) readNames(in *Input, sites []string) {
	var entries []entry
	for _, site := range append([]string{""}, sites...) {
		for _, v := range []struct {
			name  string
			types []dns.Type
		}{{"DOMAINS", []dns.Type{dns.A, dns.AAAA}}, {"IP4_DOMAINS", []dns.Type{dns.A}}, {"IP6_DOMAINS", []dns.Type{dns.AAAA}}} {
			if site != "" {
				v.name = siteVariable(site, v.name)
			}
			list := in.Env(v.name)
			if list == "" {
				continue
			}
			found, err := d.nameList(list, v.name, v.types)
			if err != nil {
				d.Refuse("records", Variable(v.name), list, err)
			}
			for i := range found {
				found[i].site = site
			}
			entries = append(entries, found...)
		}
	}
	for _, e := range d.merge(entries) {
		for _, types := range e.together() {
			d.named(e, types)
		}
	}
}

// together is the types of e, those with the same sites together.
func (e entry) together() [][]dns.Type {
	sameSite := func(a, b naming) bool { return a.site == b.site }
	if len(e.types) == 2 && !slices.EqualFunc(e.of[e.types[0]], e.of[e.types[1]], sameSite) {
		return [][]dns.Type{e.types[:1], e.types[1:]}
	}
	return [][]dns.Type{e.types}
}

// named adds the record of a name with these types, which have the same sites.
func (d *Draft) named(e entry, types []dns.Type) {
	r, of := d.Record(e.name.Describe(), e.from, types...), e.of[types[0]]
	for i, h := range e.hosts {
		if slices.Contains(types, dns.AAAA) || len(e.types) == 1 {
			d.Set(fmt.Sprintf("%s.ipv6_host[%d]", r, i), h.String(), e.from)
		}
	}
	if len(of) == 1 && of[0].site == "" {
		return
	}
	for i, n := range of {
		site := n.site
		if site == "" {
			site = thisMachine
		}
		d.Set(fmt.Sprintf("%s.site[%d]", r, i), site, n.from)
	}
}

// merge makes one entry of all that have a name.
func (d *Draft) merge(entries []entry) (merged []entry) {
	at := make(map[dns.Name]int)
	for _, e := range entries {
		i, known := at[e.name]
		if !known {
			at[e.name] = len(merged)
			e.of = make(map[dns.Type][]naming, len(e.types))
			e.add(e)
			merged = append(merged, e)
			continue
		}
		m := &merged[i]
		m.add(e)
		m.types = slices.Concat(m.types, e.types)
		slices.Sort(m.types)
		m.types = slices.Compact(m.types)
		switch {
		case e.hosts == nil: // no opinion
		case m.hosts != nil && !slices.Equal(m.hosts, e.hosts):
			d.Wrong("records", e.from, "", e.name.Describe()+" is given two different values of hostid6", "give it one of them everywhere")
		default:
			m.hosts = e.hosts
		}
	}
	return merged
}

// add has the types of f say the addresses of its site too.
func (e *entry) add(f entry) {
	for _, t := range f.types {
		if !slices.ContainsFunc(e.of[t], func(n naming) bool { return n.site == f.site }) {
			e.of[t] = append(e.of[t], naming{f.site, f.from})
		}
	}
}

// cleanName takes dots off that say nothing: any in front of a name, and all
// behind it but one. favonia/cloudflare-ddns reads such names, and so every
// list that it runs with is good here.
func cleanName(text string) (name, notice string) {
	const dots = ".。．｡"
	name = strings.TrimLeft(text, dots)
	if end := strings.TrimRight(name, dots); len([]rune(name))-len([]rune(end)) > 1 {
		name = end
	}
	if name == text || name == "" {
		return text, ""
	}
	return name, fmt.Sprintf("%q has dots that say nothing; it is taken for %q", text, name)
}
