package config

import (
	"fmt"
	"slices"
	"strings"
)

// siteSuffixes are how the variables of a site end.
func siteSuffixes() []string {
	suffixes := []string{"DOMAINS", "IP4_DOMAINS", "IP6_DOMAINS"}
	for i := range siteRows {
		s := &siteRows[i]
		if s.site != "" {
			suffixes = append(suffixes, s.site)
		}
	}
	return suffixes
}

// siteVariables are the variables of the site of this name.
func siteVariables(name string) (all []string) {
	for _, suffix := range siteSuffixes() {
		all = append(all, siteVariable(name, suffix))
	}
	return all
}

// siteNames are the sites that HOMING_SITES names, each once.
func (in *Input) siteNames() (names []string) {
	for _, name := range words(in.Env("HOMING_SITES")) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// readSites takes the variables of the sites that HOMING_SITES names, and gives
// the names that can be.
func (d *Draft) readSites(in *Input) (good []string) {
	table := newTable(in.Catalogue)
	of := make(map[string]string) // whose a variable is
	for _, name := range in.siteNames() {
		if err := checkSiteName(name, table); err != nil {
			d.Wrong("sites", Variable("HOMING_SITES"), name, "a site cannot be called so: "+err.Error(), hintOf(err).String())
			continue
		}
		clash := ""
		for _, v := range siteVariables(name) {
			if other := of[v]; other != "" && clash == "" {
				clash = fmt.Sprintf("%s would be a variable of the site %s as well", v, other)
			}
		}
		if clash != "" {
			d.Wrong("sites", Variable("HOMING_SITES"), name, "a site cannot be called so: "+clash, "choose another name")
			continue
		}
		for _, v := range siteVariables(name) {
			of[v] = name
		}
		good = append(good, name)
		for i := range siteRows {
			s := &siteRows[i]
			if s.site == "" {
				continue
			}
			if v := siteVariable(name, s.site); in.Env(v) != "" {
				d.Set(strings.Replace(s.Path, "*", name, 1), in.Env(v), Variable(v))
			}
		}
	}
	return good
}

// siteMeant is the site somebody seems to mean by a variable that is none of
// homing's; empty where it does not end as those of a site.
func siteMeant(variable string) string {
	rest, own := strings.CutPrefix(variable, "HOMING_")
	longest := ""
	for _, suffix := range siteSuffixes() {
		if strings.HasSuffix(rest, "_"+suffix) && len(suffix) > len(longest) {
			longest = suffix
		}
	}
	if !own || longest == "" {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(strings.TrimSuffix(rest, "_"+longest), "_", "-"))
}
