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
	from  Origin
}

// readNames takes the three lists of names and makes one record of each name,
// with all the types and host ids the lists give it.
func (d *Draft) readNames(in Input) {
	var entries []entry
	for _, v := range []struct {
		name  string
		types []dns.Type
	}{{"DOMAINS", []dns.Type{dns.A, dns.AAAA}}, {"IP4_DOMAINS", []dns.Type{dns.A}}, {"IP6_DOMAINS", []dns.Type{dns.AAAA}}} {
		list := in.Env(v.name)
		if list == "" {
			continue
		}
		found, err := d.nameList(list, v.name, v.types)
		if err != nil {
			d.Refuse("records", Variable(v.name), list, err)
		}
		entries = append(entries, found...)
	}
	for _, e := range d.merge(entries) {
		r := d.Record(e.name.Describe(), e.from, e.types...)
		for i, h := range e.hosts {
			d.Set(fmt.Sprintf("%s.ipv6_host[%d]", r, i), h.String(), e.from)
		}
	}
}

// merge makes one entry of all that have a name.
func (d *Draft) merge(entries []entry) (merged []entry) {
	at := make(map[dns.Name]int)
	for _, e := range entries {
		i, known := at[e.name]
		if !known {
			at[e.name] = len(merged)
			merged = append(merged, e)
			continue
		}
		m := &merged[i]
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
