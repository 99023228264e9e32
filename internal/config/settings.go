package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/dns"
	"github.com/homing-dns/homing/internal/expr"
	"github.com/homing-dns/homing/internal/schedule"
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

// Settings is the table of all settings, in the order of homing.yaml.
func Settings() []Setting {
	return []Setting{
		{Path: "accounts.*.token", Env: "CLOUDFLARE_API_TOKEN", File: true, Type: "token", Secret: true,
			Doc: "The Cloudflare API token; it needs the permission Zone · DNS · Edit.",
			set: func(l *loader, v string) error { l.cfg.Account.Token = secret.New(v); return l.catalogue.CheckToken(v) }},
		{Path: "accounts.*.key", Env: "CLOUDFLARE_API_KEY", Type: "key", Secret: true,
			Doc: "The Global API Key, for those who have no token; it goes with an email.",
			set: func(l *loader, v string) error { l.cfg.Account.Key = secret.New(v); return nil }},
		{Path: "accounts.*.email", Env: "CLOUDFLARE_API_EMAIL", Type: "email",
			Doc: "The email of the Cloudflare account, beside a Global API Key.",
			set: func(l *loader, v string) error { l.cfg.Account.Email = v; return nil }},
		{Path: "accounts.*.base_url", Env: "CLOUDFLARE_BASE_URL", Type: "URL", Default: "https://api.cloudflare.com/client/v4",
			Doc: "Where the Cloudflare API is; plain http only on this machine.",
			set: func(l *loader, v string) error { l.cfg.Account.BaseURL = v; return l.catalogue.CheckURL(v) }},

		{Path: "records", Env: "DOMAINS", Type: "names",
			Doc: "The names to keep pointing home, for IPv4 and IPv6, with commas between.",
			set: func(l *loader, v string) error { return l.addNames(v, dns.A, dns.AAAA) }},
		{Path: "records.*.types", Env: "IP4_DOMAINS", Type: "names",
			Doc: "Further names, for IPv4 only.",
			set: func(l *loader, v string) error { return l.addNames(v, dns.A) }},
		{Path: "records.*.types", Env: "IP6_DOMAINS", Type: "names",
			Doc: "Further names, for IPv6 only.",
			set: func(l *loader, v string) error { return l.addNames(v, dns.AAAA) }},
		{Path: "records.*.proxied", Env: "PROXIED", Type: "true, false or an expression", Default: "false",
			Doc: "Whether new records are proxied by Cloudflare; existing ones keep what they have.",
			set: func(l *loader, v string) (err error) { l.proxied, err = expr.ParseNames(v); return err }},
		{Path: "records.*.ttl", Env: "TTL", Type: "seconds", Default: "1",
			Doc: "The TTL of new records: 1 for automatic, or 30 to 86400 seconds.",
			set: (*loader).setTTL},
		{Path: "records.*.comment", Env: "RECORD_COMMENT", Type: "text",
			Doc: "The comment of new records.",
			set: (*loader).setComment},

		{Path: "detect.ipv4.sources", Env: "IP4_PROVIDER", Type: "sources", Default: defaultSources,
			Doc: "Where the IPv4 address is learnt, in this order; none leaves IPv4 alone.",
			set: func(l *loader, v string) error { return l.setSources(addr.IPv4, v) }},
		{Path: "detect.ipv6.sources", Env: "IP6_PROVIDER", Type: "sources", Default: defaultSources,
			Doc: "Where the IPv6 address is learnt, in this order; none leaves IPv6 alone.",
			set: func(l *loader, v string) error { return l.setSources(addr.IPv6, v) }},
		{Path: "detect.confirm", Env: "HOMING_CONFIRM", Type: "true or false", Default: "true",
			Doc: "Whether a new address must be seen by two different ways before it is published.",
			set: func(l *loader, v string) (err error) { l.cfg.Confirm, err = parseBool(v); return err }},
		{Path: "detect.timeout", Env: "DETECTION_TIMEOUT", Type: "duration", Default: "5s",
			Doc: "How long one look at a family may take.",
			set: func(l *loader, v string) (err error) { l.cfg.DetectionTimeout, err = parseTimeout(v); return err }},
		{Path: "network.update_timeout", Env: "UPDATE_TIMEOUT", Type: "duration", Default: "30s",
			Doc: "How long reading a zone, or changing it, may take in one round.",
			set: func(l *loader, v string) (err error) { l.cfg.UpdateTimeout, err = parseTimeout(v); return err }},

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

		{Path: "log.quiet", Env: "QUIET", Type: "true or false", Default: "false",
			Doc: "Whether rounds in which nothing happened leave no line in the log.",
			set: func(l *loader, v string) (err error) { l.cfg.Quiet, err = parseBool(v); return err }},
		{Path: "log.emoji", Env: "EMOJI", Type: "true or false", Default: "false",
			Doc: "Whether the log marks its lines with emoji.",
			set: func(l *loader, v string) (err error) { l.cfg.Emoji, err = parseBool(v); return err }},
	}
}

const defaultSources = "cloudflare.trace,cloudflare.doh"

func parseBool(s string) (bool, error) {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, hinted("it is neither true nor false", "write true or false")
	}
	return b, nil
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil && strings.Trim(s, "0123456789") == "":
		return 0, hinted("a duration needs a unit", fmt.Sprintf("write %ss for seconds, or %sm for minutes", s, s))
	case err != nil:
		return 0, hinted("it is not a duration", "write a number and a unit, such as 30s, 5m or 1h30m")
	case d < 0:
		return 0, hinted("a duration cannot be negative", "write a number and a unit, such as 30s, 5m or 1h30m")
	}
	return d, nil
}

func parseTimeout(s string) (time.Duration, error) {
	d, err := parseDuration(s)
	if err == nil && d == 0 {
		return 0, hinted("nothing can be done in no time", "write a number and a unit, such as 5s")
	}
	return d, err
}

func (l *loader) setTTL(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n != dns.AutoTTL && (n < 30 || n > 86400) {
		return hinted("it is neither 1 nor a number of seconds from 30 to 86400", "write 1 to leave it to Cloudflare")
	}
	l.attrs.TTL = n
	return nil
}

func (l *loader) setComment(s string) error {
	if strings.ContainsAny(s, "\r\n") {
		return hinted("a comment is a single line", "take the line break out")
	}
	l.attrs.Comment = s
	return nil
}

// setCacheExpiration keeps what the name meant before: 0 is for ever.
func (l *loader) setCacheExpiration(s string) error {
	d, err := parseDuration(s)
	if err != nil {
		return err
	}
	if also := l.env("HOMING_RESYNC"); also != "" && l.cfg.Resync != d {
		return hinted(fmt.Sprintf("HOMING_RESYNC=%s sets the same thing to another value", also), "keep one of the two")
	}
	l.cfg.Resync = d
	return nil
}

func (l *loader) setSchedule(s string) (err error) {
	l.cfg.Schedule, err = schedule.Parse(s, l.cfg.Location)
	if bad, ok := errors.AsType[*schedule.Error](err); ok {
		return hinted(bad.Reason, bad.Hint)
	}
	return err
}

// loadLocation takes TZ as the C library does: empty is the machine's own, a
// leading colon means nothing, and a path is read by the Go runtime.
func loadLocation(tz string) (*time.Location, error) {
	name := strings.TrimPrefix(tz, ":")
	if name == "" || strings.HasPrefix(name, "/") {
		return time.Local, nil
	}
	loc, err := schedule.LoadZone(name)
	if err != nil {
		return nil, hinted("there is no time zone of this name", "write a name of the IANA list, such as UTC or Europe/Berlin")
	}
	return loc, nil
}

// hintedError is a reason with what to do about it.
type hintedError struct {
	error
	hint string
}

func (h *hintedError) Unwrap() error { return h.error }

func (h *hintedError) Hint() string { return h.hint }

// Hinted is an error whose hint the message shows on a line of its own.
func Hinted(reason, hint string) error { return hinted(reason, hint) }

func hinted(reason, hint string) error { return &hintedError{errors.New(reason), hint} }
