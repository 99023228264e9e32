package config

import (
	"slices"
	"strings"
)

// hostVariable says which host the account of the environment is at.
const hostVariable = "HOMING_PROVIDER"

// accountSettings are those that each host has.
func accountSettings(c *Catalogue) []Setting {
	words := c.hostWords()
	out := []Setting{{Path: "accounts.*.provider", Env: hostVariable, Type: strings.Join(words, ", "), Words: words,
		Doc: c.aboutProvider(), set: word((*place).setProvider)}}
	known := make(map[string]bool)
	for _, h := range c.Hosts {
		for _, s := range h.Settings {
			if i := slices.IndexFunc(out, func(o Setting) bool { return o.Env == s.Env && s.Env != "" }); i >= 0 {
				out[i].host = "" // one variable for all hosts that have it
				continue
			}
			row := Setting{Path: "accounts.*." + s.Key, Env: s.Env, File: s.File, Form: s.Form, Type: s.Type, Secret: s.Secret, URLs: s.URL, Default: s.Default, Doc: s.Doc, Command: s.Command, Literal: s.Command, path: s.Path, host: h.Word}
			if !known[s.Key] { // another host's is the same setting by another variable
				row.set = word((*place).setOfHost)
			}
			known[s.Key] = true
			out = append(out, row)
		}
	}
	return out
}

// recordRows are those of each record, beside attributeRows.
var recordRows = []Setting{
	{Path: "records", Env: "DOMAINS", Form: List, Type: "names",
		Doc: "The names to keep pointing home, for IPv4 and IPv6, with commas between."},
	{Path: "records", Env: "IP4_DOMAINS", Form: List, Type: "names",
		Doc: "Further names, for IPv4 only."},
	{Path: "records", Env: "IP6_DOMAINS", Form: List, Type: "names",
		Doc: "Further names, for IPv6 only; nas.example.org{hostid6=::10} is the host ::10 behind the prefix of this place."},
	{Path: "records", site: "DOMAINS", Form: List, Type: "names",
		Doc: "The names that say the addresses of the site; one that stands in several lists says those of all."},
	{Path: "records", site: "IP4_DOMAINS", Form: List, Type: "names", Doc: "The same for IPv4 only."},
	{Path: "records", site: "IP6_DOMAINS", Form: List, Type: "names", Doc: "The same for IPv6 only."},
	{Path: "records.*.relative", Form: Boolean, Type: "true or false",
		Doc: "Whether the name is relative to the zone of zone_id, whose own name is asked for; @ is then the zone itself.",
		set: onOff(func(p *place, b bool) { p.record.relative = b })},
	{Path: "records.*.name", Type: "name", Doc: "The name to keep pointing home.", set: word((*place).setName)},
	{Path: "records.*.types", Form: List, Type: "A, AAAA, TXT", Words: []string{"A", "AAAA", "TXT"},
		Doc: "The types of its records; without it A and AAAA.", set: whole((*place).setTypes)},
	{Path: "records.*.content", Type: "text",
		Doc: "What its TXT record says, such as v=spf1 ip4:{ipv4} ip6:{ipv6} -all: the word with {ipv4} or {ipv6} is there once for each address.",
		set: word((*place).setContent)},
	{Path: "records.*.ipv6_host", braced: "hostid6", Form: List, Type: "host ids",
		Doc: "The host behind the prefix of this place, such as ::10, mac(00:11:22:33:44:55), neighbour(00:11:22:33:44:55), keep or preserve.", set: whole((*place).setHosts)},
	{Path: "records.*.ipv6_prefix.from", Type: "router or iface:<interface>",
		Doc: "Where the prefix of its network is learnt, where that is another than this machine's: at the router (a FRITZ!Box), or at an interface of this machine.",
		set: word((*place).setPrefixFrom)},
	{Path: "records.*.account", Type: "account", Doc: "Which of the accounts it belongs to; without it the only one, or the one that sees its zone; of several that do, default.",
		set: word(func(p *place, s string) error { p.record.account = s; return nil })},
	{Path: "records.*.site", Form: List, Type: "sites",
		Doc: "The sites whose addresses it says, of those under sites; here is this machine itself, and all there is without it.", set: whole((*place).setSites)},
	{Path: "records.*.pick", Type: "all or first", Words: []string{"all", "first"}, Default: "all",
		Doc: "Of several sites: the addresses of all of them, or of the first that has one.",
		set: choice(func(p *place, s string) { p.record.Pick = pickOf(s) })},
	{Path: "records.*.zone_id", Type: "zone id", Doc: "The id of its zone, for a token that may see nothing else.",
		set: word((*place).setZoneID)},
	{Path: "records.*.zone", Type: "name", Doc: "The name of its zone, where it lies in several; without it the closest one that %s answers from.", about: (*Catalogue).names,
		set: word((*place).setZoneName)},
	{Path: "records.*.enforce", Form: List, Type: "attributes", Empty: true, Words: attributes,
		Doc: "Which of proxied, ttl, comment and tags it is brought to where it exists; without it what the policy says.",
		set: whole(func(p *place, v *value) (err error) { p.record.Enforce, err = parseFields(v); return err })},
}

// zoneRows are those of all records, beside attributeRows.
var zoneRows = []Setting{
	{Path: "record_defaults.zone_id", Env: "HOMING_ZONE_ID", Form: List, Type: "zone id",
		Doc: "The id of the zone of all names, for a token that may see nothing else, or several as example.org=id with commas between.",
		set: whole((*place).setZoneIDs)},
}

// attributesOf are the attributes a record has in a section: of its own, without
// variables and defaults, or those of all records that do not say it themselves.
func attributesOf(section string, own bool) []Setting {
	rows := slices.Clone(attributeRows)
	for i := range rows {
		s := &rows[i]
		if s.Path = section + s.Path; own {
			s.Env, s.Default = "", ""
		}
	}
	return rows
}

// attributeRows are what one record, or all, may say.
var attributeRows = []Setting{
	{Path: "proxied", Env: "PROXIED", Form: Either, Type: "true, false or an expression", Default: "false",
		Doc: "Whether new records are proxied by %s; existing ones keep what they have.", about: (*Catalogue).proxies,
		set: word((*place).setProxied)},
	{Path: "ttl", Env: "TTL", Form: Number, Type: "seconds", Default: "1",
		Doc: "The TTL of new records: 1 for automatic, or %s seconds.", about: (*Catalogue).ttls,
		set: word((*place).setTTL)},
	{Path: "comment", Env: "RECORD_COMMENT", Literal: true, Type: "text", Empty: true,
		Doc: "The comment of new records.",
		set: word(func(p *place, s string) error { p.record.Attrs.Comment = s; return checkComment(s) })},
	{Path: "tags", Env: "HOMING_TAGS", Form: List, Type: "tags", Empty: true,
		Doc: "The tags of new records, such as owner:homing, with commas between; paid zones have them.",
		set: whole((*place).setTags)},
	{Path: "create", Env: "HOMING_CREATE", Type: "always or never", Words: []string{"always", "never"}, Default: "always",
		Doc: "Whether a record that is missing is created.",
		set: word((*place).setCreate)},
	{Path: "leftovers", Env: "HOMING_LEFTOVERS", Type: "remove or keep", Words: []string{"remove", "keep"}, Default: "remove",
		Doc: "What becomes of further records of ours at a name: with keep one is changed and the others stay.",
		set: word((*place).setLeftovers)},
}

// listRows are those of IP lists: of each, and of all.
var listRows = []Setting{
	{Path: "lists", Env: "WAF_LISTS", Form: List, Type: "account id/name",
		Doc: "IP lists that are to hold the addresses, as account-id/list-name with commas between, or its id for the name%s.", about: (*Catalogue).listsNeed},
	{Path: "lists.*.account_id", Type: "account id", Doc: "The id of the account that the list is in.", set: word((*place).setListAccount)},
	{Path: "lists.*.name", Type: "name", Doc: "The name of the list.", set: word((*place).setListName)},
	{Path: "lists.*.account", Type: "account", Doc: "Whose credential changes it; without it that of default, or of the only account.",
		set: word(func(p *place, s string) error { p.list.account = s; return nil })},
	{Path: "lists.*.site", Form: List, Type: "sites", Doc: "The sites whose addresses it holds, of those under sites; here is this machine itself, and all there is without it.",
		set: whole((*place).setListSites)},
	{Path: "lists.*.pick", Type: "all or first", Words: []string{"all", "first"}, Default: "all", Doc: "Of several sites: the addresses of all of them, or of the first that has one.",
		set: choice(func(p *place, s string) { p.list.Pick = pickOf(s) })},
	{Path: "lists.*.description", Type: "text", Empty: true, Doc: "The description of the list, where homing makes it.", set: word((*place).setDescription)},
	{Path: "lists.*.comment", Type: "text", Empty: true, Doc: "The comment of new items.", set: word((*place).setItemComment)},
	{Path: "list_defaults.description", Env: "WAF_LIST_DESCRIPTION", Literal: true, Type: "text",
		Doc: "The description of a list that homing makes.", set: word((*place).setDescription)},
	{Path: "list_defaults.comment", Env: "WAF_LIST_ITEM_COMMENT", Literal: true, Type: "text",
		Doc: "The comment of new items.", set: word((*place).setItemComment)},
}
