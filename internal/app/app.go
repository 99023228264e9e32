// Package app is the composition root: it makes parts out of settings. It alone
// names a concrete source, provider or sink. What runs the parts is daemon, and
// the commands are in cli.
package app

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"

	"github.com/homing-dns/homing/internal/addr"
	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/detect"
	"github.com/homing-dns/homing/internal/engine"
	"github.com/homing-dns/homing/internal/httpx"
	"github.com/homing-dns/homing/internal/plan"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/provider/union"
	"github.com/homing-dns/homing/internal/status"
	"github.com/homing-dns/homing/internal/text"
)

// App is a configuration made into the parts that carry it out.
type App struct {
	Config   *config.Config
	Accounts []engine.Account // none when only detection is wanted
	Panels   map[plan.Origin]*detect.Detector
	Memory   *engine.Memory // of what homing wrote; nil: none
	Folder   string         // where what outlives a process is kept; empty: nowhere

	clients  map[clientKey]*httpx.Client // to the DNS hosts
	messages *messages

	world *World
	sites map[string]*World // of sites with lines of their own
}

// Assemble makes the parts of a configuration in this world.
func Assemble(cfg *config.Config, scope config.Scope, w World) (*App, error) {
	a := &App{Config: cfg, Panels: make(map[plan.Origin]*detect.Detector), clients: make(map[clientKey]*httpx.Client)}
	bind, err := httpx.ParseBind(cfg.Bind)
	if err != nil {
		return nil, fmt.Errorf("bind to %s: %w", cfg.Bind, err)
	}
	a.world, a.messages = &w, &messages{log: w.log}
	switch {
	case w.Machine != nil:
		a.world = w.asked(w.Machine.Over(cfg.Bind))
	case w.Dial == nil || cfg.Bind != "":
		a.world = w.over(bind)
	}
	if a.world.hosts == nil {
		a.world.hosts = hosts()
	}
	if a.world.beside == nil {
		a.world.beside = detect.NewNeighbours()
	}
	if scope == config.ForRecords {
		for _, account := range cfg.Accounts {
			if err := a.add(account); err != nil {
				return nil, err
			}
		}
	}
	return a, a.look(scope)
}

// look makes what asks for the addresses of each site that something uses, each by
// its own line.
func (a *App) look(scope config.Scope) error {
	for _, name := range a.Config.SiteNames() {
		w, err := a.worldOf(name)
		if err != nil {
			return err
		}
		for f := range a.Config.Site(name).Detect {
			o := plan.Origin{Site: name, Family: f}
			if (scope == config.ForRecords || name == "" && a.elsewhere()) && !a.Config.Uses(o) {
				continue
			}
			p, err := panel(a.Config, w, o)
			if err != nil {
				return err
			}
			a.Panels[o] = p
		}
	}
	return a.addLAN()
}

// add makes the provider of an account, or of several as one.
func (a *App) add(account config.Account) error {
	p, err := a.provider(account)
	if err != nil {
		return err
	}
	a.Accounts = append(a.Accounts, engine.Account{Name: account.Name, Spec: account.Spec, Provider: p})
	return nil
}

func (a *App) provider(account config.Account) (provider.Provider, error) {
	if len(account.Among) > 0 {
		return a.union(account)
	}
	h, err := hostOf(a.world.hosts, account)
	if err != nil {
		return nil, err
	}
	key := h.clientOf(account)
	client := a.clients[key]
	if client == nil {
		if client, err = h.client(account, a.world); err != nil {
			return nil, err
		}
		a.clients[key] = client
	}
	return h.make(account, reach{client, a.Config.UpdateTimeout, a.world.port53(), a.world.resolver(), a.messages.told,
		wires{a.world, h.Word, a.clients}})
}

// union is several accounts as one.
func (a *App) union(account config.Account) (provider.Provider, error) {
	var members []union.Member
	for _, m := range account.Among {
		m.ZoneNames = account.ZoneNames
		p, err := a.provider(m)
		if err != nil {
			return nil, err
		}
		members = append(members, union.Member{Name: m.Name, Provider: p, Default: m.Name == config.DefaultAccount})
	}
	return union.New(members...), nil
}

// Engine is the loop over the parts; done is called after each round.
func (a *App) Engine(log *slog.Logger, done func(status.Round)) *engine.Engine {
	return engine.New(engine.Config{
		Accounts: a.Accounts,
		Panels:   a.Panels,
		Line:     a.Line(""), Sites: a.sitesOf(),
		Schedule: a.Config.Schedule, OnStart: a.Config.OnStart, Jitter: rand.Float64,
		Resync: a.Config.Resync, Confirm: a.Config.Confirm, UpdateTimeout: a.Config.UpdateTimeout,
		ClockTold: a.Config.Events != config.Off && detect.ReportsClockChanges, Location: a.Config.Location, Quiet: a.Config.Quiet, Log: log, Done: done, Words: a.Words(), Memory: a.Memory,
	})
}

// Words is how the person of these settings says one of them.
func (a *App) Words() text.Words { return a.Config.Words }

// Uplink is the address by which this machine reaches the network.
func (a *App) Uplink(ctx context.Context, f addr.Family) (netip.Addr, error) {
	return detect.Uplink(ctx, f, a.world.asking())
}

// here reports whether this machine has a family at all.
func (a *App) here(ctx context.Context, f addr.Family) bool {
	return detect.FamilyAvailable(ctx, f, a.world.asking())
}

// CloseIdle closes the connections nothing uses.
func (a *App) CloseIdle() {
	closeIdle(a.clients)
	for _, p := range a.Panels {
		p.CloseIdle()
	}
}
