package app

import (
	"cmp"
	"errors"
	"log/slog"
	"os"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/notify"
	"github.com/homing-dns/homing/internal/secret"
)

// Sinks are who is told of what happens, all of it if everything is true. The
// settings were checked; what is useless all the same is lost, and said.
func (a *App) Sinks(log *slog.Logger, everything bool) (sinks []notify.Sink, lost int) {
	n := a.Config.Notify
	client := tellClient(a.world, log)
	add := func(s notify.Sink, err error) {
		if err != nil {
			log.Warn("a service cannot be told", "error", err)
			lost++
			return
		}
		sinks = append(sinks, s)
	}
	addChosen := func(s notify.Sink, err error) {
		if err == nil && len(n.Events) > 0 && !everything {
			s = notify.OnlyKinds(s, n.Events)
		}
		add(s, err)
	}
	if !n.Healthchecks.IsZero() {
		add(notify.NewHealthchecks(n.Healthchecks, client))
	}
	if !n.UptimeKuma.IsZero() {
		s, _, err := notify.NewUptimeKuma(n.UptimeKuma, client)
		add(s, err)
	}
	urls, _, _ := notify.ParseURLs(n.Shoutrrr.Reveal())
	for _, u := range urls {
		o := shoutrrr(a.world, client, log)
		o.Template = notify.Template{Title: n.Title, Body: n.Body}
		o.Origin.TimeZone = a.Config.Location
		addChosen(notify.NewShoutrrr(u, o))
	}
	if !n.Webhook.IsZero() {
		addChosen(notify.NewWebhook(n.Webhook, client))
	}
	if n.Hook != "" {
		add(hook(n.Hook))
	}
	return sinks, lost
}

// tellClient is a client for services that are told; their addresses are
// secrets.
func tellClient(w *World, log *slog.Logger) *httpx.Client {
	c := httpx.New(httpx.Options{Dial: w.Dial, Proxy: true, UserAgent: w.Agent})
	if log != nil {
		observe(c, log, true)
	}
	return c
}

func shoutrrr(w *World, client notify.Doer, log *slog.Logger) notify.ShoutrrrOptions {
	host, _ := os.Hostname() // a message without it says enough
	return notify.ShoutrrrOptions{Client: client, Dial: w.unbound(),
		InsecureClient: httpx.New(httpx.Options{Dial: w.unbound(), Proxy: true, Insecure: true}),
		Origin:         notify.Origin{Host: host}, Print: func(text string) { log.Info(text) }}
}

// KnownService looks at the URL of a service that is told.
func KnownService(raw string) (known bool, err error) {
	w := network("")
	_, err = notify.NewShoutrrr(secret.New(raw), shoutrrr(&w, tellClient(&w, nil), QuietLog()))
	_, unknown := errors.AsType[*notify.UnknownService](err)
	return !unknown, err
}

func hook(command string) (notify.Sink, error) {
	words, err := detect.SplitCommand(command)
	if err != nil {
		return nil, err
	}
	return notify.NewHook(notify.Hook{Command: words, Path: os.Getenv("PATH")})
}

// tellChecks are what the configuration asks about services that are told.
func tellChecks() map[string]func(string) ([]string, error) {
	w := network("")
	client := tellClient(&w, nil)
	plainly := func(make func(secret.String) (notify.Sink, error)) func(string) ([]string, error) {
		return func(text string) ([]string, error) {
			_, err := make(secret.New(text))
			return nil, err
		}
	}
	template := func(text string) ([]string, error) { return nil, notify.Template{Title: text}.Check() }
	return map[string]func(string) ([]string, error){
		"notify.title":        template,
		"notify.body":         template,
		"notify.healthchecks": plainly(func(s secret.String) (notify.Sink, error) { return notify.NewHealthchecks(s, client) }),
		"notify.webhook":      plainly(func(s secret.String) (notify.Sink, error) { return notify.NewWebhook(s, client) }),
		"notify.exec": func(command string) ([]string, error) {
			_, err := hook(command)
			if err == nil {
				err = checkProgram(command)
			}
			return nil, err
		},
		"notify.uptime_kuma": func(text string) (notices []string, err error) {
			_, unused, err := notify.NewUptimeKuma(secret.New(text), client)
			if len(unused) > 0 {
				notices = append(notices, "UPTIMEKUMA: these parts of the query are not used: "+strings.Join(unused, ", "))
			}
			return notices, err
		},
		"notify.shoutrrr": func(text string) ([]string, error) {
			urls, notices, err := notify.ParseURLs(text)
			var useless error
			for _, u := range urls {
				if err == nil {
					_, err = notify.NewShoutrrr(u, shoutrrr(&w, client, QuietLog()))
				}
				if _, ok := errors.AsType[*notify.MissingPart](err); ok {
					useless, err = cmp.Or(useless, config.Useless(err.Error(), "write what is missing, or take the line out")), nil
				}
			}
			return notices, cmp.Or(err, useless)
		},
	}
}
