package config

import (
	"fmt"
	"slices"
)

// checkSites says which sites at path are nowhere, and when pick has no effect.
func (l *loader) checkSites(path string, names []string, picked bool) {
	for _, name := range names {
		if name == "" || slices.ContainsFunc(l.sites, func(s *site) bool { return s.name == name }) {
			continue
		}
		l.missSite(path, name)
	}
	if picked && len(names) < 2 {
		l.notice(l.name(path+".pick") + " has no effect: there is one site")
	}
}

// missSite says that nothing is known of a site that path names, unless something
// is wrong with the site itself. One of HOMING_SITES is there, so it is told once
// for all names of its lists.
func (l *loader) missSite(path, name string) {
	bind, sources := "sites."+name+".bind", l.name("sites."+name+".ipv4.sources")
	if slices.Contains(l.in.siteNames(), name) {
		l.wrong(bind, "it is not set, and nothing else says where the address of the site "+name+" is learnt",
			"set it to the interface of its line, or say by "+sources+" who tells its address")
		return
	}
	if slices.ContainsFunc(l.problems, func(p *Problem) bool { return owner(p.path) == "sites."+name }) {
		return
	}
	var there []string
	for _, s := range l.sites {
		there = append(there, s.name)
	}
	if meant := DidYouMean(name, there); meant != "" {
		l.wrong(path+".site", fmt.Sprintf("there is no site %q", name), meant)
		return
	}
	l.wrong(path+".site", fmt.Sprintf("nothing says where the address of the site %q is learnt", name), "say it by "+l.name(bind)+" or "+sources)
}

// placesOf is what site: says for all of two records, which have none for this
// machine itself.
func placesOf(a, b []string) (names []string) {
	for _, sites := range [][]string{a, b} {
		if len(sites) == 0 {
			sites = []string{""}
		}
		for _, name := range sites {
			if name == "" {
				name = thisMachine
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
