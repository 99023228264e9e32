package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider/cloudflare"
)

// input is the world a configuration is read from.
func (env Env) input() config.Input {
	return config.Input{Getenv: env.Getenv, ReadFile: env.readSmall, Stat: env.stat, Now: time.Now(),
		ConfigPath: env.given.config, User: whoRuns(), System: runtime.GOOS, Environ: os.Environ()}
}

// whoRuns is who homing runs as; empty where users have no numbers.
func whoRuns() string {
	if uid := os.Getuid(); uid >= 0 {
		return fmt.Sprintf("uid %d", uid)
	}
	return ""
}

// load reads the configuration of env. Where records are relative to zones of
// which only the ids are known, the names of these are asked for first.
func load(ctx context.Context, env Env, scope config.Scope) (*config.Config, error) {
	in := env.input()
	in.Scope = scope
	cfg, err := config.Build(in, catalogue(), env.drafts(in)...)
	unnamed, ok := errors.AsType[*config.NeedZones](err)
	if !ok {
		return cfg, err
	}
	if in.ZoneNames, err = askNames(ctx, &env.given.limits, unnamed.Zones); err != nil {
		return nil, err
	}
	return config.Build(in, catalogue(), env.drafts(in)...)
}

// askNames asks for the names of zones.
func askNames(ctx context.Context, limits *cloudflare.Limits, zones []config.UnnamedZone) (map[string]string, error) {
	names := make(map[string]string)
	api := apiClient(network())
	defer api.CloseIdle()
	for _, z := range zones {
		p, err := newProvider(z.Account, api, 0, limits)
		if err != nil {
			return nil, err
		}
		name, err := p.ZoneName(ctx, z.ID)
		if err != nil {
			return nil, err
		}
		names[z.ID] = name.String()
	}
	return names, nil
}

// smallLimit is far above any token, and any homing.yaml.
const smallLimit = 256 << 10

func (env Env) stat(path string) (fs.FileInfo, error) {
	if env.Stat == nil {
		return os.Stat(path)
	}
	return env.Stat(path)
}

// readSmall reads a small plain file. Anything else could block for ever or
// never end.
func (env Env) readSmall(path string) ([]byte, error) {
	info, err := env.stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a plain file")
	case info.Size() > smallLimit:
		return nil, fmt.Errorf("it is longer than %d KiB", smallLimit>>10)
	}
	return os.ReadFile(path)
}
