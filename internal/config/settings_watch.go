package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/homing-dns/homing/internal/secret"
)

// Serve is how the page and the API are reached.
type Serve struct {
	Listen     string        // host:port, unix:/path or off
	Token      secret.String // zero: one is made and kept in the state folder
	PublicRead bool
	Proxies    []netip.Prefix // whose X-Forwarded headers are believed
	Base       string         // the path below which a proxy serves the page; empty: /
	Hosts      []string       // further names by which browsers may come
	Edit       bool           // the page may change homing.yaml
}

// Notify is who is told of what happens. Zero values tell nobody.
type Notify struct {
	Shoutrrr     secret.String // URLs, one a line
	Title, Body  string        // the form of messages to them; empty: homing's own
	Webhook      secret.String // a URL
	Hook         string        // a command
	Healthchecks secret.String // a URL
	UptimeKuma   secret.String // a URL
	Events       []string      // what the services and the webhook are told of; none: everything
}

// Off is a listen address that listens nowhere, and hears nothing.
const Off = "off"

// What is listened to.
const (
	EventsSystem = "system" // this machine alone
	EventsRouter = "router" // the router as well
)

var serveRows = []Setting{
	{Path: listenPath, Env: "HOMING_LISTEN", Type: "host:port, address, unix:/path or off", Default: defaultListen,
		Doc: "Where the page and the API are served; an address without a port, such as 0.0.0.0, leaves the port and off as they are.",
		set: checked(func(p *place, s string) { p.cfg.Serve.Listen = s })},
	{Path: "serve.token", Env: "HOMING_TOKEN", Literal: true, File: true, Type: "token", Secret: true,
		Doc: "What the page and the API ask for; without it one is made, shown once and kept in the state folder.",
		set: checked(func(p *place, s string) { p.cfg.Serve.Token = secret.New(s) })},
	{Path: "serve.public_read", Env: "HOMING_PUBLIC_READ", Form: Boolean, Type: "true or false", Default: "false",
		Doc: "Whether everybody who can reach the page may read it.",
		set: onOff(func(p *place, b bool) { p.cfg.Serve.PublicRead = b })},
	{Path: "serve.trusted_proxies", Env: "HOMING_TRUSTED_PROXIES", Form: List, Type: "addresses or blocks",
		Doc: "The reverse proxies whose X-Forwarded headers are believed.",
		set: whole((*place).setProxies)},
	{Path: "serve.base", Env: "HOMING_BASE", Type: "path",
		Doc: "The path below which a reverse proxy serves the page, such as /homing, whether it takes that away or not.",
		set: checked(func(p *place, s string) { p.cfg.Serve.Base = s })},
	{Path: "serve.hosts", Env: "HOMING_HOSTS", Form: List, Type: "host names",
		Doc: "The names by which browsers may come to the page, beside addresses and localhost; names without a dot and those below .local have to stand here too.",
		set: whole(func(p *place, v *value) error { p.cfg.Serve.Hosts = v.items(); return nil })},
	{Path: "serve.edit", Env: "HOMING_EDIT", Form: Boolean, Type: "true or false", Default: "false",
		Doc: "Whether who has the token may change settings in homing.yaml, on the page and over the API.",
		set: onOff(func(p *place, b bool) { p.cfg.Serve.Edit = b })},
}

var notifyRows = []Setting{
	{Path: "notify.shoutrrr", Env: "SHOUTRRR", File: true, Form: List, Type: "URLs, one a line", Secret: true,
		Doc: "Services that are told when something changes, fails for a while or is well again, such as ntfy://ntfy.sh/topic.",
		set: whole((*place).setShoutrrr)},
	{Path: "notify.title", Env: "HOMING_NOTIFY_TITLE", Literal: true, Type: "text",
		Doc: "The title of messages to services; {title}, {body}, {event}, {host}, {time}, {ipv4}, {ipv6} and {changes} stand for something in it.",
		set: checked(func(p *place, s string) { p.cfg.Notify.Title = s })},
	{Path: "notify.body", Env: "HOMING_NOTIFY_BODY", Literal: true, Type: "text",
		Doc: "The body of messages to services, in which the same stands for something.",
		set: checked(func(p *place, s string) { p.cfg.Notify.Body = s })},
	{Path: "notify.webhook", Env: "HOMING_WEBHOOK", File: true, Type: "URL", Secret: true,
		Doc: "A URL that is sent the same as JSON.",
		set: checked(func(p *place, s string) { p.cfg.Notify.Webhook = secret.New(s) })},
	{Path: "notify.events", Env: "HOMING_NOTIFY_EVENTS", Form: List, Type: "changed, failed, recovered, started, reloaded, stopped, schedule-ended, cleaned", Words: notifyEvents,
		Doc: "What the services and the webhook are told of; without it everything.",
		set: whole((*place).setEvents)},
	{Path: "notify.exec", Env: "HOMING_HOOK", Literal: true, Type: "command", Command: true,
		Doc: "A command that is run after records were changed: an absolute path and arguments, without a shell.",
		set: checked(func(p *place, s string) { p.cfg.Notify.Hook = s })},
	{Path: "notify.healthchecks", Env: "HEALTHCHECKS", File: true, Type: "URL", Secret: true,
		Doc: "The ping URL of a check of Healthchecks, told of every round.",
		set: checked(func(p *place, s string) { p.cfg.Notify.Healthchecks = secret.New(s) })},
	{Path: "notify.uptime_kuma", Env: "UPTIMEKUMA", File: true, Type: "URL", Secret: true,
		Doc: "The push URL of a monitor of Uptime Kuma, told of every round.",
		set: checked(func(p *place, s string) { p.cfg.Notify.UptimeKuma = secret.New(s) })},
}

var logRows = []Setting{
	{Path: "log.level", Env: "HOMING_LOG_LEVEL", Type: "debug, info, warn or error", Words: []string{"debug", "info", "warn", "error"}, Default: "info",
		Doc: "How much the log says; debug shows every request and answer, without secrets.",
		set: choice(func(p *place, s string) { p.cfg.LogLevel = s })},
	{Path: "log.format", Env: "HOMING_LOG_FORMAT", Type: "auto, text, logfmt or json", Words: []string{"auto", "text", "logfmt", "json"}, Default: "auto",
		Doc: "How the log is written.",
		set: choice(func(p *place, s string) { p.cfg.LogFormat = s })},
	{Path: "log.quiet", Env: "QUIET", Form: Boolean, Type: "true or false", Default: "false",
		Doc: "Whether rounds in which nothing happened leave no line in the log.",
		set: onOff(func(p *place, b bool) { p.cfg.Quiet = b })},
	{Path: "log.emoji", Env: "EMOJI", Form: Boolean, Type: "true or false", Default: "false",
		Doc: "Whether the log marks its lines with emoji.",
		set: onOff(func(p *place, b bool) { p.cfg.Emoji = b })},
	{Path: "state", Env: "HOMING_STATE", Type: "folder",
		Doc: "Where the history and the token of the page are kept; without it $STATE_DIRECTORY, or the usual place of the system.",
		set: word(func(p *place, s string) error { p.cfg.State = s; return nil })},
}

// check asks the catalogue about a text, and keeps what it has to tell.
func (p *place) check(path, s string) error {
	check := p.in.Catalogue.Checks[path]
	if check == nil {
		return nil
	}
	notices, err := check(s)
	for _, n := range notices {
		p.notice(n)
	}
	return err
}

func (p *place) setShoutrrr(v *value) error {
	lines := v.text()
	if v.listed {
		lines = strings.Join(v.items(), "\n")
	}
	p.cfg.Notify.Shoutrrr = secret.New(lines)
	return p.check("notify.shoutrrr", lines)
}

// NotifyEvents are the events that can be chosen to be told of.
func NotifyEvents() []string { return slices.Clone(notifyEvents) }

var notifyEvents = []string{"changed", "failed", "recovered", "started", "reloaded", "stopped", "schedule-ended", "cleaned"}

func (p *place) setEvents(v *value) error {
	p.cfg.Notify.Events = v.items()
	for i, e := range p.cfg.Notify.Events {
		if !slices.Contains(notifyEvents, e) {
			return &itemError{hinted(fmt.Sprintf("%q is none of %s", e, strings.Join(notifyEvents, ", ")), DidYouMean(e, notifyEvents)), i}
		}
	}
	return nil
}

func (p *place) setProxies(v *value) error {
	for _, w := range v.items() {
		prefix, err := netip.ParsePrefix(w)
		if a, single := netip.ParseAddr(w); single == nil {
			prefix, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			return hinted("it is neither an address nor a block", "write such as 10.0.0.2 or 10.0.0.0/8")
		}
		p.cfg.Serve.Proxies = append(p.cfg.Serve.Proxies, prefix.Masked())
	}
	return nil
}
