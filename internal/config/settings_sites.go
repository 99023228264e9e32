package config

import (
	"fmt"
	"strings"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/plan"
)

// siteSettings are those of places beside this machine: each says what detect
// and network.bind say of this one, and has of them what it does not say.
func siteSettings() []Setting {
	table := []Setting{{Path: "sites", Env: "HOMING_SITES", Form: List, Type: "names",
		Doc: "The names of further places or lines whose addresses are learnt, of a-z, 0-9 and -; in the variables of a site, - is written as _."}}
	for _, f := range addr.Families() {
		for _, s := range familySettings(f, "such as addr-in(84.0.0.0/8)", map[addr.Family]int{addr.IPv4: 8, addr.IPv6: 12}[f], f.Bits(), "", "for hostid6 and IP lists") {
			s.site, s.Env = strings.TrimPrefix(s.Env, "HOMING_"), ""
			s.Path, s.Default = strings.Replace(s.Path, "detect.", "sites.*.", 1), ""
			s.Doc = fmt.Sprintf("What detect.ipv%d.%s is, of the site; without it that.", f, leaf(s.Path))
			if leaf(s.Path) == "sources" {
				s.Doc = fmt.Sprintf("Where the %v address of the site is learnt; without it as detect.ipv%d.sources says, unless that is what this machine has.", f, f)
			}
			table = append(table, s)
		}
	}
	return append(table,
		Setting{Path: "sites.*.bind", site: "BIND", Type: "interface or address",
			Doc: "The interface, or the source address, of the line of the site, which questions about it and their name lookups leave by; without it network.bind.",
			set: worded(func(p *place, s string) error { p.site.bind = s; return p.in.Catalogue.CheckBind(s) })},
		Setting{Path: "sites.*.confirm", site: "CONFIRM", Form: Boolean, Type: "true or false",
			Doc: "What detect.confirm is, of the site; without it that.",
			set: boolean(func(p *place, b bool) { p.site.confirm = b })},
		Setting{Path: "sites.*.timeout", site: "DETECTION_TIMEOUT", Form: Duration, Type: "duration",
			Doc: "What detect.timeout is, of the site; without it that.",
			set: worded(func(p *place, s string) (err error) { p.site.timeout, err = parseTimeout(s); return err })},
	)
}

// Variable is the variable of s for people; empty where it has none.
func (s *Setting) Variable() string {
	if s.site != "" {
		return "HOMING_<SITE>_" + s.site
	}
	return s.Env
}

// siteVariable is the variable of the site of this name that ends so.
func siteVariable(name, suffix string) string {
	return "HOMING_" + strings.ReplaceAll(strings.ToUpper(name), "-", "_") + "_" + suffix
}

func picks() []string { return []string{"all", "first"} }

func pickOf(s string) plan.Pick {
	if s == "first" {
		return plan.First
	}
	return plan.All
}
