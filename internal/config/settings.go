package config

import (
	"slices"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/secret"
)

// Setting is one thing a person can set.
type Setting struct {
	Path    string // where it stands in homing.yaml
	Env     string // its environment variable
	File    bool   // Env+"_FILE" names a file that holds it
	Type    string // what a value looks like, in a word or two
	Default string // as a person would write it; empty: none
	Secret  bool   // its value is never shown
	Doc     string // what it does, in one sentence

	set func(l *loader, value string) error
}

// Settings is the table of all settings, in the order of homing.yaml, except
// that what others need to be read stands before them.
func Settings() []Setting {
	return slices.Concat(accountSettings(), recordSettings(), listSettings(), detectSettings(), runSettings())
}

func accountSettings() []Setting {
	return []Setting{
		{Path: "accounts.*.token", Env: "CLOUDFLARE_API_TOKEN", File: true, Type: "token", Secret: true,
			Doc: "The Cloudflare API token; it needs the permission Zone · DNS · Edit.",
			set: func(l *loader, v string) error { l.account.Token = secret.New(v); return l.catalogue.CheckToken(v) }},
		{Path: "accounts.*.key", Env: "CLOUDFLARE_API_KEY", File: true, Type: "key", Secret: true,
			Doc: "The Global API Key, for those who have no token; beside a token it is used where the token is refused.",
			set: func(l *loader, v string) error { l.account.Key = secret.New(v); return nil }},
		{Path: "accounts.*.email", Env: "CLOUDFLARE_API_EMAIL", Type: "email",
			Doc: "The email of the Cloudflare account, beside a Global API Key.",
			set: func(l *loader, v string) error { l.account.Email = v; return nil }},
		{Path: "accounts.*.base_url", Env: "CLOUDFLARE_BASE_URL", Type: "URL", Default: "https://api.cloudflare.com/client/v4",
			Doc: "Where the Cloudflare API is; plain http only on this machine.",
			set: func(l *loader, v string) error { l.account.BaseURL = v; return l.catalogue.CheckURL(v) }},
	}
}

func recordSettings() []Setting {
	return []Setting{
		{Path: "records", Env: "DOMAINS", Type: "names",
			Doc: "The names to keep pointing home, for IPv4 and IPv6, with commas between.",
			set: func(l *loader, v string) error { return l.addNames(v, dns.A, dns.AAAA) }},
		{Path: "records.*.types", Env: "IP4_DOMAINS", Type: "names",
			Doc: "Further names, for IPv4 only.",
			set: func(l *loader, v string) error { return l.addNames(v, dns.A) }},
		{Path: "records.*.types", Env: "IP6_DOMAINS", Type: "names",
			Doc: "Further names, for IPv6 only; nas.example.org{hostid6=::10} is the host ::10 behind the prefix of this place.",
			set: func(l *loader, v string) error { return l.addNames(v, dns.AAAA) }},
		{Path: "records.*.zone_id", Env: "HOMING_ZONE_ID", Type: "zone id",
			Doc: "The id of the zone of all names, for a token that may see nothing else, or several as example.org=id with commas between.",
			set: (*loader).setZoneIDs},
		{Path: "records.*.proxied", Env: "PROXIED", Type: "true, false or an expression", Default: "false",
			Doc: "Whether new records are proxied by Cloudflare; existing ones keep what they have.",
			set: (*loader).setProxied},
		{Path: "records.*.ttl", Env: "TTL", Type: "seconds", Default: "1",
			Doc: "The TTL of new records: 1 for automatic, or 30 to 86400 seconds.",
			set: (*loader).setTTL},
		{Path: "records.*.comment", Env: "RECORD_COMMENT", Type: "text",
			Doc: "The comment of new records.",
			set: func(l *loader, v string) error { l.record.Attrs.Comment = v; return checkComment(v) }},
		{Path: "records.*.tags", Env: "HOMING_TAGS", Type: "tags",
			Doc: "The tags of new records, such as owner:homing, with commas between; paid zones have them.",
			set: (*loader).setTags},
		{Path: "records.*.create", Env: "HOMING_CREATE", Type: "always or never", Default: "always",
			Doc: "Whether a record that is missing is created.",
			set: (*loader).setCreate},
		{Path: "policy.enforce", Env: "HOMING_ENFORCE", Type: "attributes",
			Doc: "Which of proxied, ttl, comment and tags existing records are brought to as well.",
			set: (*loader).setEnforce},
		{Path: "policy.owner", Env: "MANAGED_RECORDS_COMMENT_REGEX", Type: "regular expression",
			Doc: "Only records whose comment it matches are homing's to change; without it all at the names are.",
			set: func(l *loader, v string) (err error) { l.account.Spec.Owned, err = compile(v); return err }},
		{Path: "policy.delete_on_stop", Env: "DELETE_ON_STOP", Type: "true or false", Default: "false",
			Doc: "Whether what is homing's is deleted when the daemon stops.",
			set: func(l *loader, v string) (err error) { l.cfg.DeleteOnStop, err = parseBool(v); return err }},
	}
}

func listSettings() []Setting {
	return []Setting{
		{Path: "lists", Env: "WAF_LISTS", Type: "account id/name",
			Doc: "IP lists that are to hold the addresses, as account-id/list-name with commas between; they need the permission Account · Account Filter Lists · Edit.",
			set: (*loader).addLists},
		{Path: "lists.*.description", Env: "WAF_LIST_DESCRIPTION", Type: "text",
			Doc: "The description of a list that homing makes.",
			set: func(l *loader, v string) error { l.list.Description = v; return checkComment(v) }},
		{Path: "lists.*.comment", Env: "WAF_LIST_ITEM_COMMENT", Type: "text",
			Doc: "The comment of new items.",
			set: func(l *loader, v string) error { l.list.Comment = v; return checkComment(v) }},
		{Path: "lists.*.owner", Env: "MANAGED_WAF_LIST_ITEMS_COMMENT_REGEX", Type: "regular expression",
			Doc: "Only items whose comment it matches are homing's to change; without it all in the lists are.",
			set: func(l *loader, v string) (err error) { l.account.Spec.OwnedItems, err = compile(v); return err }},
	}
}

func detectSettings() []Setting {
	return []Setting{
		{Path: "detect.url_header", Env: "HOMING_URL_HEADER", File: true, Type: "header", Secret: true,
			Doc: "Lines such as \"Authorization: Bearer …\" that are sent to every url: source, and to nobody else.",
			set: (*loader).setURLHeader},
		{Path: "detect.ipv4.sources", Env: "IP4_PROVIDER", Type: "sources", Default: defaultSources,
			Doc: "Where the IPv4 address is learnt, in this order; none leaves IPv4 alone.",
			set: func(l *loader, v string) error { return l.setSources(addr.IPv4, v) }},
		{Path: "detect.ipv4.agree", Env: "HOMING_IP4_AGREE", Type: "first, majority or a number", Default: "first",
			Doc: "How many operators of IPv4 sources must say the same.",
			set: func(l *loader, v string) error { return l.setAgree(addr.IPv4, v) }},
		{Path: "detect.ipv4.filter", Env: "IP4_DETECTION_FILTER", Type: "expression", Default: "keep-all",
			Doc: "Which IPv4 addresses count, such as addr-in(84.0.0.0/8) && !addr-in(84.1.0.0/16).",
			set: func(l *loader, v string) error { return l.setFilter(addr.IPv4, v) }},
		{Path: "detect.ipv4.prefix_len", Env: "IP4_DEFAULT_PREFIX_LEN", Type: "8 to 32", Default: "32",
			Doc: "The length of the prefix of an IPv4 address that comes without one, for IP lists.",
			set: func(l *loader, v string) error { return l.setBits(addr.IPv4, v, 8, 32) }},
		{Path: "detect.ipv6.sources", Env: "IP6_PROVIDER", Type: "sources", Default: defaultSources,
			Doc: "Where the IPv6 address is learnt, in this order; none leaves IPv6 alone.",
			set: func(l *loader, v string) error { return l.setSources(addr.IPv6, v) }},
		{Path: "detect.ipv6.agree", Env: "HOMING_IP6_AGREE", Type: "first, majority or a number", Default: "first",
			Doc: "How many operators of IPv6 sources must say the same.",
			set: func(l *loader, v string) error { return l.setAgree(addr.IPv6, v) }},
		{Path: "detect.ipv6.filter", Env: "IP6_DETECTION_FILTER", Type: "expression", Default: "keep-all",
			Doc: "Which IPv6 addresses count, such as !addr-in(2001:470::/32).",
			set: func(l *loader, v string) error { return l.setFilter(addr.IPv6, v) }},
		{Path: "detect.ipv6.prefix_len", Env: "IP6_DEFAULT_PREFIX_LEN", Type: "12 to 128", Default: "64",
			Doc: "The length of the prefix of an IPv6 address that comes without one, for hostid6 and IP lists.",
			set: func(l *loader, v string) error { return l.setBits(addr.IPv6, v, 12, 128) }},
		{Path: "detect.confirm", Env: "HOMING_CONFIRM", Type: "true or false", Default: "true",
			Doc: "Whether a new address must be seen by two different ways before it is published.",
			set: func(l *loader, v string) (err error) { l.cfg.Confirm, err = parseBool(v); return err }},
		{Path: "detect.allow", Env: "HOMING_ALLOW", Type: "private, cgnat, ula",
			Doc: "What file:, exec: and local sources may say beside public addresses, with commas between.",
			set: (*loader).setAllow},
		{Path: "detect.timeout", Env: "DETECTION_TIMEOUT", Type: "duration", Default: "5s",
			Doc: "How long one look at a family may take.",
			set: func(l *loader, v string) (err error) { l.cfg.DetectionTimeout, err = parseTimeout(v); return err }},
	}
}

func runSettings() []Setting {
	return []Setting{
		{Path: "schedule.time_zone", Env: "TZ", Type: "time zone",
			Doc: "The time zone of the schedule and the log, such as Europe/Berlin.",
			set: func(l *loader, v string) (err error) { l.cfg.Location, err = loadLocation(v); return err }},
		{Path: "schedule.every", Env: "UPDATE_CRON", Type: "schedule", Default: "@every 5m",
			Doc: "When to look: @every and a duration, a cron line of five fields, @hourly and its like, or @once.",
			set: (*loader).setSchedule},
		{Path: "schedule.on_start", Env: "UPDATE_ON_START", Type: "true or false", Default: "true",
			Doc: "Whether the first round is made at once.",
			set: func(l *loader, v string) (err error) { l.cfg.OnStart, err = parseBool(v); return err }},
		{Path: "schedule.resync", Env: "HOMING_RESYNC", Type: "duration", Default: "15m",
			Doc: "How old homing's view of a zone may grow before it is read again; 0 is never.",
			set: func(l *loader, v string) (err error) { l.cfg.Resync, err = parseDuration(v); return err }},
		{Path: "schedule.resync", Env: "CACHE_EXPIRATION", Type: "duration",
			Doc: "Another name for HOMING_RESYNC.",
			set: (*loader).setCacheExpiration},

		{Path: "network.bind", Env: "HOMING_BIND", Type: "interface or address",
			Doc: "The interface, or the source address, that questions and API calls leave from.",
			set: func(l *loader, v string) error { l.cfg.Bind = v; return l.catalogue.CheckBind(v) }},
		{Path: "network.update_timeout", Env: "UPDATE_TIMEOUT", Type: "duration", Default: "30s",
			Doc: "How long reading a zone, or changing it, may take in one round.",
			set: func(l *loader, v string) (err error) { l.cfg.UpdateTimeout, err = parseTimeout(v); return err }},

		{Path: "log.quiet", Env: "QUIET", Type: "true or false", Default: "false",
			Doc: "Whether rounds in which nothing happened leave no line in the log.",
			set: func(l *loader, v string) (err error) { l.cfg.Quiet, err = parseBool(v); return err }},
		{Path: "log.emoji", Env: "EMOJI", Type: "true or false", Default: "false",
			Doc: "Whether the log marks its lines with emoji.",
			set: func(l *loader, v string) (err error) { l.cfg.Emoji, err = parseBool(v); return err }},
	}
}

const defaultSources = "cloudflare.trace,cloudflare.doh"
