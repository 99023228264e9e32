package config

const defaultSources = "cloudflare.trace,cloudflare.doh"

var headerRows = []Setting{
	{Path: "detect.url_header", Env: "HOMING_URL_HEADER", Literal: true, File: true, Type: "header", Secret: true,
		Doc: "Lines such as \"Authorization: Bearer …\" that are sent to every url: source, and to nobody else.",
		set: word((*place).setURLHeader)},
}

// familyRows are how the address of a family is learnt; see place.family.
var familyRows = []Setting{
	{Path: "detect.ipv4.sources", Env: "IP4_PROVIDER", Form: List, Type: "sources", URLs: true, Default: defaultSources,
		Doc: "Where the IPv4 address is learnt, in this order; none leaves IPv4 alone.",
		set: whole((*place).setSources)},
	{Path: "detect.ipv4.agree", Env: "HOMING_IP4_AGREE", Form: Count, Type: "first, majority or a number", Default: "first",
		Doc: "How many operators of IPv4 sources must say the same.",
		set: word((*place).setAgree)},
	{Path: "detect.ipv4.filter", Env: "IP4_DETECTION_FILTER", Type: "expression", Default: "keep-all",
		Doc: "Which IPv4 addresses count, such as addr-in(84.0.0.0/8) && !addr-in(84.1.0.0/16).",
		set: word((*place).setFilter)},
	{Path: "detect.ipv4.prefix_len", Env: "IP4_DEFAULT_PREFIX_LEN", Form: Number, Type: "8 to 32", Default: "32",
		Doc: "The length of the prefix of an IPv4 address that comes without one, for IP lists.",
		set: word((*place).setBits)},
	{Path: "detect.ipv6.sources", Env: "IP6_PROVIDER", Form: List, Type: "sources", URLs: true, Default: defaultSources,
		Doc: "Where the IPv6 address is learnt, in this order; none leaves IPv6 alone.",
		set: whole((*place).setSources)},
	{Path: "detect.ipv6.agree", Env: "HOMING_IP6_AGREE", Form: Count, Type: "first, majority or a number", Default: "first",
		Doc: "How many operators of IPv6 sources must say the same.",
		set: word((*place).setAgree)},
	{Path: "detect.ipv6.filter", Env: "IP6_DETECTION_FILTER", Type: "expression", Default: "keep-all",
		Doc: "Which IPv6 addresses count, such as !addr-in(2001:470::/32).",
		set: word((*place).setFilter)},
	{Path: "detect.ipv6.prefix_len", Env: "IP6_DEFAULT_PREFIX_LEN", Form: Number, Type: "12 to 128", Default: "64",
		Doc: "The length of the prefix of an IPv6 address that comes without one, for hostid6 and IP lists.",
		set: word((*place).setBits)},
}

var detectRows = []Setting{
	{Path: "detect.confirm", Env: "HOMING_CONFIRM", Form: Boolean, Type: "true or false", Default: "true",
		Doc: "Whether a new address must be seen by two different ways before it is published.",
		set: onOff(func(p *place, b bool) { p.site.confirm = b })},
	{Path: "detect.allow", Env: "HOMING_ALLOW", Form: List, Type: "private, cgnat, ula", Words: []string{"private", "cgnat", "ula"},
		Doc: "What file:, exec: and local sources may say beside public addresses, with commas between.",
		set: whole((*place).setAllow)},
	{Path: "detect.listen", Env: "HOMING_DETECT_LISTEN", Type: "system, router or off", Words: []string{EventsSystem, EventsRouter, Off}, Default: EventsSystem,
		Doc: "What makes a round before it is due: system hears from this machine that its addresses, links or ways are others; router hears what the router announces too; off only looks.",
		set: choice(func(p *place, s string) { p.cfg.Events = s })},
	{Path: "detect.timeout", Env: "DETECTION_TIMEOUT", Form: Duration, Type: "duration", Default: "5s",
		Doc: "How long one look at a family may take.",
		set: word(func(p *place, s string) (err error) { p.site.timeout, err = parseTimeout(s); return err })},
}

// attributes are what a record may be brought to.
var attributes = []string{"proxied", "ttl", "comment", "tags"}

var policyRows = []Setting{
	{Path: "policy.proxied", Type: "keep or enforce", Words: []string{"keep", "enforce"},
		Doc: "Whether existing records keep their proxied or are brought to the one that is set.", set: word((*place).setAttribute)},
	{Path: "policy.ttl", Type: "keep or enforce", Words: []string{"keep", "enforce"},
		Doc: "Whether existing records keep their ttl or are brought to the one that is set.", set: word((*place).setAttribute)},
	{Path: "policy.comment", Type: "keep or enforce", Words: []string{"keep", "enforce"},
		Doc: "Whether existing records keep their comment or are brought to the one that is set.", set: word((*place).setAttribute)},
	{Path: "policy.tags", Type: "keep or enforce", Words: []string{"keep", "enforce"},
		Doc: "Whether existing records keep their tags or are brought to the one that is set.", set: word((*place).setAttribute)},
	{Path: "policy.enforce", Env: "HOMING_ENFORCE", Form: List, Type: "attributes", Words: attributes,
		Doc: "Which of proxied, ttl, comment and tags existing records are brought to as well.",
		set: whole(func(p *place, v *value) (err error) { p.policy.enforced, err = parseFields(v); return err })},
	{Path: "policy.owner", Env: "MANAGED_RECORDS_COMMENT_REGEX", Literal: true, Type: "regular expression",
		Doc: "Only records whose comment it matches are homing's to change; without it all at the names are.",
		set: word(func(p *place, s string) (err error) { p.policy.owned, err = compile(s); return err })},
	{Path: "policy.owner_id", Env: "HOMING_OWNER_ID", Type: "id",
		Doc: "Who this homing is where several programs share a zone: its records bear this mark, and what others marked is left alone.",
		set: word(func(p *place, s string) error { p.policy.ownerID = s; return checkOwnerID(s) })},
	{Path: "policy.list_owner", Env: "MANAGED_WAF_LIST_ITEMS_COMMENT_REGEX", Literal: true, Type: "regular expression",
		Doc: "Only items whose comment it matches are homing's to change; without it all in the lists are.",
		set: word(func(p *place, s string) (err error) { p.policy.ownedItems, err = compile(s); return err })},
	{Path: "policy.delete_on_stop", Env: "DELETE_ON_STOP", Form: Boolean, Type: "true or false", Default: "false",
		Doc: "Whether what is homing's is deleted when the daemon stops.",
		set: onOff(func(p *place, b bool) { p.cfg.DeleteOnStop = b })},
}

var runRows = []Setting{
	{Path: "schedule.time_zone", Env: "TZ", Type: "time zone",
		Doc: "The time zone of the schedule and the log, such as Europe/Berlin.",
		set: word((*place).setLocation)},
	{Path: "schedule.every", Env: "UPDATE_CRON", Type: "schedule", Default: "@every 5m",
		Doc: "When to look: @every and a duration, a cron line of five fields, @hourly and its like, or @once.",
		set: word((*place).setSchedule)},
	{Path: "schedule.on_start", Env: "UPDATE_ON_START", Form: Boolean, Type: "true or false", Default: "true",
		Doc: "Whether the first round is made at once.",
		set: onOff(func(p *place, b bool) { p.cfg.OnStart = b })},
	{Path: "schedule.resync", Env: "HOMING_RESYNC", Form: Duration, Type: "duration", Default: "15m",
		Doc: "How old homing's view of a zone may grow before it is read again; 0 is never.",
		set: word(func(p *place, s string) (err error) { p.cfg.Resync, err = parseDuration(s); return err })},
	{Path: "network.bind", Env: "HOMING_BIND", Type: "interface or address",
		Doc: "The interface, or the source address, that questions, name lookups and API calls leave from.",
		set: word(func(p *place, s string) error { p.site.bind = s; return p.in.Catalogue.CheckBind(s) })},
	{Path: "network.update_timeout", Env: "UPDATE_TIMEOUT", Form: Duration, Type: "duration", Default: "30s",
		Doc: "How long reading a zone, or changing it, may take in one round.",
		set: word(func(p *place, s string) (err error) { p.cfg.UpdateTimeout, err = parseTimeout(s); return err })},
}
