package config

import (
	"fmt"

	"github.com/homing-dns/homing/internal/addr"
)

const defaultSources = "cloudflare.trace,cloudflare.doh"

func detectSettings() []Setting {
	table := []Setting{
		{Path: "detect.url_header", Env: "HOMING_URL_HEADER", Literal: true, File: true, Type: "header", Secret: true,
			Doc: "Lines such as \"Authorization: Bearer …\" that are sent to every url: source, and to nobody else.",
			set: worded((*place).setURLHeader)},
	}
	table = append(table, familySettings(addr.IPv4, "such as addr-in(84.0.0.0/8) && !addr-in(84.1.0.0/16)", 8, 32, "32", "for IP lists")...)
	table = append(table, familySettings(addr.IPv6, "such as !addr-in(2001:470::/32)", 12, 128, "64", "for hostid6 and IP lists")...)
	return append(table,
		Setting{Path: "detect.confirm", Env: "HOMING_CONFIRM", Form: Boolean, Type: "true or false", Default: "true",
			Doc: "Whether a new address must be seen by two different ways before it is published.",
			set: boolean(func(p *place, b bool) { p.site.confirm = b })},
		Setting{Path: "detect.allow", Env: "HOMING_ALLOW", Form: List, Type: "private, cgnat, ula", Words: []string{"private", "cgnat", "ula"},
			Doc: "What file:, exec: and local sources may say beside public addresses, with commas between.",
			set: (*place).setAllow},
		Setting{Path: "detect.listen", Env: "HOMING_DETECT_LISTEN", Type: "system, router or off", Words: events(), Default: EventsSystem,
			Doc: "What makes a round before it is due: system hears from this machine that its addresses, links or ways are others; router hears what the router announces too; off only looks.",
			set: oneOf(events(), func(p *place, s string) { p.cfg.Events = s })},
		Setting{Path: "detect.timeout", Env: "DETECTION_TIMEOUT", Form: Duration, Type: "duration", Default: "5s",
			Doc: "How long one look at a family may take.",
			set: worded(func(p *place, s string) (err error) { p.site.timeout, err = parseTimeout(s); return err })},
	)
}

func familySettings(f addr.Family, example string, least, most int, bits, use string) []Setting {
	path, env := fmt.Sprintf("detect.ipv%d.", f), fmt.Sprintf("IP%d_", f)
	return []Setting{
		{Path: path + "sources", Env: env + "PROVIDER", Form: List, Type: "sources", URLs: true, Default: defaultSources,
			Doc: fmt.Sprintf("Where the %v address is learnt, in this order; none leaves %v alone.", f, f),
			set: func(p *place, v *value) error { return p.setSources(f, v) }},
		{Path: path + "agree", Env: "HOMING_" + env + "AGREE", Form: Count, Type: "first, majority or a number", Default: "first",
			Doc: fmt.Sprintf("How many operators of %v sources must say the same.", f),
			set: worded(func(p *place, s string) error { return p.setAgree(f, s) })},
		{Path: path + "filter", Env: env + "DETECTION_FILTER", Type: "expression", Default: "keep-all",
			Doc: fmt.Sprintf("Which %v addresses count, %s.", f, example),
			set: worded(func(p *place, s string) error { return p.setFilter(f, s) })},
		{Path: path + "prefix_len", Env: env + "DEFAULT_PREFIX_LEN", Form: Number, Type: fmt.Sprintf("%d to %d", least, most), Default: bits,
			Doc: fmt.Sprintf("The length of the prefix of an %v address that comes without one, %s.", f, use),
			set: worded(func(p *place, s string) error { return p.setBits(f, s, least, most) })},
	}
}

func attributes() []string { return []string{"proxied", "ttl", "comment", "tags"} }

func policySettings() []Setting {
	var table []Setting
	for _, a := range attributes() {
		table = append(table, Setting{Path: "policy." + a, Type: "keep or enforce", Words: []string{"keep", "enforce"},
			Doc: fmt.Sprintf("Whether existing records keep their %s or are brought to the one that is set.", a), set: worded((*place).setAttribute)})
	}
	return append(table,
		Setting{Path: "policy.enforce", Env: "HOMING_ENFORCE", Form: List, Type: "attributes", Words: attributes(),
			Doc: "Which of proxied, ttl, comment and tags existing records are brought to as well.",
			set: func(p *place, v *value) (err error) { p.policy.enforced, err = parseFields(v); return err }},
		Setting{Path: "policy.owner", Env: "MANAGED_RECORDS_COMMENT_REGEX", Literal: true, Type: "regular expression",
			Doc: "Only records whose comment it matches are homing's to change; without it all at the names are.",
			set: worded(func(p *place, s string) (err error) { p.policy.owned, err = compile(s); return err })},
		Setting{Path: "policy.owner_id", Env: "HOMING_OWNER_ID", Type: "id",
			Doc: "Who this homing is where several programs share a zone: its records bear this mark, and what others marked is left alone.",
			set: worded(func(p *place, s string) error { p.policy.ownerID = s; return checkOwnerID(s) })},
		Setting{Path: "policy.list_owner", Env: "MANAGED_WAF_LIST_ITEMS_COMMENT_REGEX", Literal: true, Type: "regular expression",
			Doc: "Only items whose comment it matches are homing's to change; without it all in the lists are.",
			set: worded(func(p *place, s string) (err error) { p.policy.ownedItems, err = compile(s); return err })},
		Setting{Path: "policy.delete_on_stop", Env: "DELETE_ON_STOP", Form: Boolean, Type: "true or false", Default: "false",
			Doc: "Whether what is homing's is deleted when the daemon stops.",
			set: boolean(func(p *place, b bool) { p.cfg.DeleteOnStop = b })},
	)
}

func runSettings() []Setting {
	return []Setting{
		{Path: "schedule.time_zone", Env: "TZ", Type: "time zone",
			Doc: "The time zone of the schedule and the log, such as Europe/Berlin.",
			set: worded((*place).setLocation)},
		{Path: "schedule.every", Env: "UPDATE_CRON", Type: "schedule", Default: "@every 5m",
			Doc: "When to look: @every and a duration, a cron line of five fields, @hourly and its like, or @once.",
			set: worded((*place).setSchedule)},
		{Path: "schedule.on_start", Env: "UPDATE_ON_START", Form: Boolean, Type: "true or false", Default: "true",
			Doc: "Whether the first round is made at once.",
			set: boolean(func(p *place, b bool) { p.cfg.OnStart = b })},
		{Path: "schedule.resync", Env: "HOMING_RESYNC", Form: Duration, Type: "duration", Default: "15m",
			Doc: "How old homing's view of a zone may grow before it is read again; 0 is never.",
			set: worded(func(p *place, s string) (err error) { p.cfg.Resync, err = parseDuration(s); return err })},
		{Path: "network.bind", Env: "HOMING_BIND", Type: "interface or address",
			Doc: "The interface, or the source address, that questions, name lookups and API calls leave from.",
			set: worded(func(p *place, s string) error { p.site.bind = s; return p.in.Catalogue.CheckBind(s) })},
		{Path: "network.update_timeout", Env: "UPDATE_TIMEOUT", Form: Duration, Type: "duration", Default: "30s",
			Doc: "How long reading a zone, or changing it, may take in one round.",
			set: worded(func(p *place, s string) (err error) { p.cfg.UpdateTimeout, err = parseTimeout(s); return err })},
	}
}

// boolean is a setting that is true or false.
//
//go:noinline // many callers: see dependencies.md
func boolean(set func(p *place, b bool)) func(*place, *value) error {
	return func(p *place, v *value) error {
		b, err := parseBool(v.text())
		set(p, b)
		return err
	}
}
