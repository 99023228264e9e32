package config

import (
	"strings"

	"github.com/homing-dns/homing/internal/plan"
)

// siteRows are those of places beside this machine: each says what detect
// and network.bind say of this one, and has of them what it does not say.
var siteRows = []Setting{
	{Path: "sites", Env: "HOMING_SITES", Form: List, Type: "names",
		Doc: "The names of further places or lines whose addresses are learnt, of a-z, 0-9 and -; in the variables of a site, - is written as _."},
	{Path: "sites.*.ipv4.sources", site: "IP4_PROVIDER", Form: List, Type: "sources", URLs: true,
		Doc: "Where the IPv4 address of the site is learnt; without it as detect.ipv4.sources says, unless that is what this machine has.",
		set: whole((*place).setSources)},
	{Path: "sites.*.ipv4.agree", site: "IP4_AGREE", Form: Count, Type: "first, majority or a number",
		Doc: "What detect.ipv4.agree is, of the site; without it that.", set: word((*place).setAgree)},
	{Path: "sites.*.ipv4.filter", site: "IP4_DETECTION_FILTER", Type: "expression",
		Doc: "What detect.ipv4.filter is, of the site; without it that.", set: word((*place).setFilter)},
	{Path: "sites.*.ipv4.prefix_len", site: "IP4_DEFAULT_PREFIX_LEN", Form: Number, Type: "8 to 32",
		Doc: "What detect.ipv4.prefix_len is, of the site; without it that.", set: word((*place).setBits)},
	{Path: "sites.*.ipv6.sources", site: "IP6_PROVIDER", Form: List, Type: "sources", URLs: true,
		Doc: "Where the IPv6 address of the site is learnt; without it as detect.ipv6.sources says, unless that is what this machine has.",
		set: whole((*place).setSources)},
	{Path: "sites.*.ipv6.agree", site: "IP6_AGREE", Form: Count, Type: "first, majority or a number",
		Doc: "What detect.ipv6.agree is, of the site; without it that.", set: word((*place).setAgree)},
	{Path: "sites.*.ipv6.filter", site: "IP6_DETECTION_FILTER", Type: "expression",
		Doc: "What detect.ipv6.filter is, of the site; without it that.", set: word((*place).setFilter)},
	{Path: "sites.*.ipv6.prefix_len", site: "IP6_DEFAULT_PREFIX_LEN", Form: Number, Type: "12 to 128",
		Doc: "What detect.ipv6.prefix_len is, of the site; without it that.", set: word((*place).setBits)},
	{Path: "sites.*.bind", site: "BIND", Type: "interface or address",
		Doc: "The interface, or the source address, of the line of the site, which questions about it and their name lookups leave by; without it network.bind.",
		set: word(func(p *place, s string) error { p.site.bind = s; return p.in.Catalogue.CheckBind(s) })},
	{Path: "sites.*.confirm", site: "CONFIRM", Form: Boolean, Type: "true or false",
		Doc: "What detect.confirm is, of the site; without it that.",
		set: onOff(func(p *place, b bool) { p.site.confirm = b })},
	{Path: "sites.*.timeout", site: "DETECTION_TIMEOUT", Form: Duration, Type: "duration",
		Doc: "What detect.timeout is, of the site; without it that.",
		set: word(func(p *place, s string) (err error) { p.site.timeout, err = parseTimeout(s); return err })},
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

func pickOf(s string) plan.Pick {
	if s == "first" {
		return plan.First
	}
	return plan.All
}
