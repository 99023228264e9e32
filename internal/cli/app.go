package cli

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/provider/cloudflare"
	"github.com/homing-dns/homing/internal/status"
)

// app is a configuration made into the parts that carry it out.
type app struct {
	cfg      *config.Config
	read     sight               // the files of cfg, just after they were read
	words    func(string) string // of whose settings these are; nil: homing's own
	world    world
	accounts []engine.Account // none when only detection is wanted
	api      *httpx.Client
	panels   map[addr.Family]*detect.Panel
	memory   *engine.Memory // of what homing wrote; nil: none
}

// build reads the configuration and makes the parts. Nothing is sent, unless
// names of zones have to be asked for.
func build(ctx context.Context, env Env, scope config.Scope) (*app, error) {
	cfg, err := load(ctx, env, scope)
	if err != nil {
		return nil, err
	}
	read := look(cfg.Files)
	w := network()
	w.log, w.limits = newLog(env, cfg), &env.given.limits
	a, err := assemble(cfg, scope, w)
	if err != nil {
		return nil, err
	}
	a.read = read
	if r := env.given.reading; r != nil {
		a.words = r.Draft.Words()
	}
	return a, nil
}

// assemble makes the parts of a configuration in this world.
func assemble(cfg *config.Config, scope config.Scope, w world) (*app, error) {
	a := &app{cfg: cfg, panels: make(map[addr.Family]*detect.Panel)}
	bind, err := httpx.ParseBind(cfg.Bind)
	if err != nil {
		return nil, fmt.Errorf("bind to %s: %w", cfg.Bind, err)
	}
	if w.dial == nil || cfg.Bind != "" {
		w = w.over(bind)
	}
	a.world = w
	a.api = apiClient(w)
	if scope == config.ForRecords {
		for _, account := range cfg.Accounts {
			p, err := newProvider(account, a.api, cfg.UpdateTimeout, w.limits)
			if err != nil {
				return nil, err
			}
			a.accounts = append(a.accounts, engine.Account{Name: account.Name, Spec: account.Spec, Provider: p})
		}
	}
	for f := range cfg.Detect {
		if scope == config.ForRecords && !cfg.Uses(f) {
			continue
		}
		p, err := panel(cfg, w, f)
		if err != nil {
			return nil, err
		}
		a.panels[f] = p
	}
	return a, nil
}

// apiClient is a client for DNS hosts; it goes through a proxy where there is one.
func apiClient(w world) *httpx.Client {
	c := httpx.New(httpx.Options{Dial: w.dial, Proxy: true, HTTP2: true, UserAgent: userAgent()})
	if w.log != nil {
		observe(c, w.log, false)
	}
	return c
}

func newProvider(a config.Account, client *httpx.Client, timeout time.Duration, limits *cloudflare.Limits) (*cloudflare.Provider, error) {
	return cloudflare.New(cloudflare.Config{
		Credential: cloudflare.Credential{Token: a.Token, Key: a.Key, Email: a.Email},
		BaseURL:    a.BaseURL,
		Client:     client,
		Timeout:    timeout,
		ZoneIDs:    a.ZoneIDs,
		ZoneNames:  a.ZoneNames,
		Limits:     limits,
	})
}

// engine is the loop over the parts; done is called after each round.
func (a *app) engine(log *slog.Logger, done func(status.Round)) *engine.Engine {
	return engine.New(engine.Config{
		Accounts: a.accounts,
		Panels:   a.panels,
		Line:     a.line(),
		Schedule: a.cfg.Schedule, OnStart: a.cfg.OnStart, Jitter: rand.Float64,
		Resync: a.cfg.Resync, Confirm: a.cfg.Confirm, UpdateTimeout: a.cfg.UpdateTimeout,
		Location: a.cfg.Location, Quiet: a.cfg.Quiet, Log: log, Done: done, Words: a.words, Memory: a.memory,
	})
}

// line is what this machine tells of its way to the network.
func (a *app) line() engine.Line {
	return engine.Line{Uplink: a.uplink, Own: detect.OwnOf, Here: a.here, Named: a.cfg.Bind != ""}
}

// uplink is the address by which this machine reaches the network.
func (a *app) uplink(ctx context.Context, f addr.Family) (netip.Addr, error) {
	return detect.Uplink(ctx, f, a.world.asking())
}

// here reports whether this machine has a family at all.
func (a *app) here(ctx context.Context, f addr.Family) bool {
	return detect.Here(ctx, f, a.world.asking())
}

// closeIdle closes the connections nothing uses.
func (a *app) closeIdle() {
	a.api.CloseIdle()
	for _, p := range a.panels {
		p.CloseIdle()
	}
}
