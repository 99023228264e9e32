package cli

import (
	"log/slog"
	"math/rand/v2"

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
	provider *cloudflare.Provider // nil when only detection is wanted
	api      *httpx.Client
	panels   map[addr.Family]*detect.Panel
}

// need is what a command wants to be built.
type need uint8

const (
	forRecords   need = iota // everything
	forDetection             // no records and no credential
)

// build reads the configuration and makes the parts. Nothing is sent.
func build(env Env, need need) (*app, error) {
	cfg, err := load(env, need)
	if err != nil {
		return nil, err
	}
	return assemble(cfg, need, network())
}

// assemble makes the parts of a configuration in this world.
func assemble(cfg *config.Config, need need, w world) (_ *app, err error) {
	a := &app{cfg: cfg, panels: make(map[addr.Family]*detect.Panel),
		api: httpx.New(httpx.Options{Dial: w.dial, Proxy: true, HTTP2: true, UserAgent: userAgent()})}
	if need == forRecords {
		a.provider, err = cloudflare.New(cloudflare.Config{
			Credential: credential(cfg.Account),
			BaseURL:    cfg.Account.BaseURL,
			Client:     a.api,
			Timeout:    cfg.UpdateTimeout,
		})
		if err != nil {
			return nil, err
		}
	}
	for f, named := range cfg.Sources {
		if need == forRecords && !cfg.Spec.Uses(f) {
			continue
		}
		var asked []detect.Source
		for _, n := range named {
			s, err := source(w, f, n)
			if err != nil {
				return nil, err
			}
			asked = append(asked, s)
		}
		a.panels[f] = detect.NewPanel(detect.PanelConfig{Family: f, Sources: asked, Rule: addr.First(), Timeout: cfg.DetectionTimeout})
	}
	return a, nil
}

// credential is the token; a key counts only where there is none.
func credential(a config.Account) cloudflare.Credential {
	if !a.Token.IsZero() {
		return cloudflare.Credential{Token: a.Token}
	}
	return cloudflare.Credential{Key: a.Key, Email: a.Email}
}

// engine is the loop over the parts; done is called after each round.
func (a *app) engine(log *slog.Logger, done func(status.Round)) *engine.Engine {
	return engine.New(engine.Config{
		Accounts: []engine.Account{{Spec: a.cfg.Spec, Provider: a.provider}},
		Panels:   a.panels,
		Schedule: a.cfg.Schedule, OnStart: a.cfg.OnStart, Jitter: rand.Float64,
		Resync: a.cfg.Resync, Confirm: a.cfg.Confirm, UpdateTimeout: a.cfg.UpdateTimeout,
		Location: a.cfg.Location, Quiet: a.cfg.Quiet, Log: log, Done: done,
	})
}

// closeIdle closes the connections nothing uses.
func (a *app) closeIdle() {
	a.api.CloseIdle()
	for _, p := range a.panels {
		p.CloseIdle()
	}
}
